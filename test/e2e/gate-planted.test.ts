/** What the gate is for: a colleague's shortcut in a runtime that worked, found in one short run, with the evidence beside it. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { ROOT } from "../sources.ts";
import { run } from "./commands.ts";

const WAITS = "    const kept = await this.#commits.add(write);\n";
const DOES_NOT_WAIT = `    if (write.ends === "done") {
      void this.#commits.add(write).catch(() => undefined);
      return;
    }
${WAITS}`;

const derby = (...args: string[]) =>
  run(process.execPath, [join(ROOT, "bin/agent-derby.mjs"), ...args], { limitMs: 110_000 });

/** `durable`, whose turns are acknowledged while their answers are still being committed. */
function hurried(folder: string): string {
  // Modules of the runner are found from where it stands.
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  for (const part of ["durable", "kit"]) cpSync(join(ROOT, "runners", part), join(folder, part), { recursive: true });
  const file = join(folder, "durable", "store.ts");
  const sound = readFileSync(file, "utf8");
  expect(sound.split(WAITS)).toHaveLength(2);
  writeFileSync(file, sound.replace(WAITS, DOES_NOT_WAIT));
  return join(folder, "durable");
}

it("an acknowledgement before the commit is a regression, with a capsule, and the sound runtime passes", {
  timeout: 240_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), "gate-planted-runner-"));
  const out = mkdtempSync(join(tmpdir(), "gate-planted-"));
  onTestFinished(() => {
    for (const path of [folder, out]) rmSync(path, { recursive: true, force: true, maxRetries: 3 });
  });
  const policy = join(out, "policy.json");
  writeFileSync(
    policy,
    JSON.stringify({ format: "agent-derby-gate/1", promises: true, invariants: { "acknowledged turns lost": 0 } }),
  );
  const answers = [];
  for (const runner of ["durable", hurried(folder)]) {
    const results = mkdtempSync(join(out, "results-"));
    await derby(
      "run",
      "commit-in-doubt",
      runner,
      "--profile",
      "smoke",
      "--seed",
      "1",
      "--no-calibrate",
      "--out",
      results,
    );
    const [campaign = ""] = readdirSync(results);
    const { code, stdout } = await derby("gate", join(results, campaign), "--policy", policy);
    const capsules = readdirSync(join(results, campaign), { recursive: true, encoding: "utf8" }).filter((name) =>
      /capsule/.test(name),
    );
    answers.push({ code, stdout, capsules });
  }
  expect(answers.map(({ code }) => code)).toEqual([0, 1]);
  expect(answers[1]?.stdout).toMatch(/regression +promise: durable-turns/);
  expect(answers[1]?.stdout).toMatch(/regression +invariant: acknowledged turns lost/);
  expect(answers[1]?.capsules.length).toBeGreaterThan(0);
});
