import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { handshake } from "../../harness/conform/conform.ts";
import { checkInstall } from "../../harness/installed.ts";
import { sourceRoot } from "../../harness/package-root.ts";
import { Watchdog } from "../../harness/processes/watchdog.ts";
import { resolveRunner } from "../../harness/runner-check.ts";
import { TEMPLATE_RUNNER, TEMPLATES, type TemplateName, templateFiles } from "./templates.ts";

let watchdog: Watchdog;
beforeAll(async () => {
  watchdog = await Watchdog.start();
});
afterAll(() => watchdog.stop());

const names = Object.keys(TEMPLATES) as TemplateName[];
const originals = await Promise.all(
  names.map(async (name) => {
    const original = resolveRunner(TEMPLATES[name].runner);
    return [name, original, await checkInstall(original)] as const;
  }),
);

test.each(originals)(
  "the template %s is a runner of its own that passes the handshake",
  async (name, original, built) => {
    const project = mkdtempSync(join(tmpdir(), "template-test-"));
    onTestFinished(() => rmSync(project, { recursive: true, force: true }));
    for (const [path, text] of await templateFiles(name, "mine")) {
      mkdirSync(dirname(join(project, path)), { recursive: true });
      writeFileSync(join(project, path), text);
    }
    // What a project of JavaScript has installed, and what the steps of installation would build from the same sources.
    symlinkSync(join(sourceRoot, "node_modules"), join(project, "node_modules"));
    const folder = join(project, "derby", TEMPLATE_RUNNER);
    if (existsSync(join(original.folder, ".build")))
      cpSync(join(original.folder, ".build"), join(folder, ".build"), { recursive: true, verbatimSymlinks: true });
    const runner = resolveRunner(folder);
    expect(runner).toMatchObject({ name: TEMPLATE_RUNNER, runtime: "mine", promises: original.promises });
    // The check compares what was built with the sources, so that it says whether the copy is the original.
    expect(await checkInstall(runner)).toBe(built);
    if (!built) return;
    const report = await handshake(runner, { postgres: null, watchdog, signal: new AbortController().signal });
    expect(report.checks.filter(({ result }) => result === "fail")).toEqual([]);
    expect(report.passed).toBe(true);
  },
);
