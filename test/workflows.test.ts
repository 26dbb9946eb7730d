/** What workflows of others use: the action, the script behind it, the example for GitLab. The engine of neither runs here; the script does. */
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import { ROOT } from "./sources.ts";

const yamlOf = (path: string) => parse(readFileSync(join(ROOT, path), "utf8"));

/** A tool that notes how it was called, writes what `run` leaves, and ends with the code that is asked of it. */
const STUB = `#!/usr/bin/env bash
printf '%s\\n' "$(printf '[%s]' "$@")" >>"$CALLS"
if [ "$1" = run ]; then
  for out; do :; done
  mkdir -p "$out/smoke-1"
  echo '# report' >"$out/smoke-1/report.md"
  exit "\${RUN_CODE:-0}"
fi
while [ $# -gt 0 ]; do
  if [ "$1" = --markdown ]; then echo '## Gate' >"$2"; fi
  shift
done
exit "\${GATE_CODE:-0}"
`;

function measured(env: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(tmpdir(), "workflow-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, "node_modules/.bin"), { recursive: true });
  const stub = join(folder, "node_modules/.bin/agent-derby");
  writeFileSync(stub, STUB);
  chmodSync(stub, 0o755);
  const file = (name: string): string => join(folder, name);
  const { status, stderr } = spawnSync("bash", [join(ROOT, "action/measure.sh")], {
    cwd: folder,
    encoding: "utf8",
    env: {
      PATH: process.env.PATH,
      CALLS: file("calls"),
      GITHUB_OUTPUT: file("output"),
      GITHUB_STEP_SUMMARY: file("summary"),
      ...env,
    },
  });
  const read = (name: string): string => (existsSync(file(name)) ? readFileSync(file(name), "utf8") : "");
  return { status, stderr, calls: read("calls").trim().split("\n"), output: read("output"), summary: read("summary") };
}

describe("action/measure.sh", () => {
  test("runs what is asked, gates it by the policy, and tells answer, folder and summary", () => {
    const { status, calls, output, summary } = measured({
      DERBY_RUN: "kill ./derby --profile smoke",
      DERBY_POLICY: "derby/my policy.json",
    });
    expect(status).toBe(0);
    expect(calls[0]).toMatch(/^\[run\]\[kill\]\[\.\/derby\]\[--profile\]\[smoke\]\[--out\]\[results\/workflow-\w+\]$/);
    expect(calls[1]).toContain("[--policy][derby/my policy.json][--markdown]");
    expect(output).toMatch(/^folder=results\/workflow-\w+\/smoke-1\nanswer=pass\n$/);
    expect(summary).toBe("## Gate\n\n# report\n\n");
  });

  test("words of the run are never a script", () => {
    const { calls } = measured({ DERBY_RUN: "kill $(touch owned) `id` ; rm *" });
    expect(calls[0]).toContain("[run][kill][$(touch][owned)][`id`][;][rm][*]");
  });

  test.each([
    ["a regression fails", { GATE_CODE: "1" }, 1, "regression"],
    ["what cannot be decided fails", { GATE_CODE: "3" }, 3, "inconclusive"],
    [
      "what cannot be decided warns where that is asked",
      { GATE_CODE: "3", DERBY_INCONCLUSIVE: "warn" },
      0,
      "inconclusive",
    ],
    ["a broken promise is for the gate to weigh", { RUN_CODE: "1" }, 0, "pass"],
  ])("%s", (_, env, code, answer) => {
    const { status, output } = measured({ DERBY_RUN: "kill", ...env });
    expect(status).toBe(code);
    expect(output).toContain(`answer=${answer}\n`);
  });

  test.each([
    ["no run", {}, /DERBY_RUN says what to run/],
    [
      "a word for inconclusive that is none",
      { DERBY_RUN: "kill", DERBY_INCONCLUSIVE: "maybe" },
      /"fail" or "warn", not "maybe"/,
    ],
    ["a run that could not start", { DERBY_RUN: "kill", RUN_CODE: "2" }, /^$/],
  ])("%s ends with 2 and gates nothing", (_, env, says) => {
    const { status, stderr, calls } = measured(env);
    expect(status).toBe(2);
    expect(stderr).toMatch(says);
    expect(calls.join()).not.toContain("[gate]");
  });
});

describe("files for engines that do not run here", () => {
  test("the action hands its inputs on as variables, and uploads the report as it is", () => {
    const { inputs, runs } = yamlOf("action.yml");
    const scripts = runs.steps.flatMap(({ run = "" }) => run);
    expect(scripts.join("")).not.toContain("${{");
    const [measure] = runs.steps.filter(({ id }: { id?: string }) => id === "measure");
    const given = Object.values<string>(measure.env).map((text) => /inputs\.([\w-]+)/.exec(text)?.[1]);
    expect([...given, "working-directory"].sort()).toEqual(Object.keys(inputs).sort());
    const [report] = runs.steps.filter((step: { with?: { archive?: boolean } }) => step.with?.archive === false);
    expect(report.with.path).toMatch(/report\.html$/);
  });

  test("the example for GitLab calls the script that the package ships", () => {
    const job = yamlOf("docs/ci/gitlab-ci.yml")["agent-derby"];
    const [path = ""] = /action\/\S+/.exec(job.script.join("\n")) ?? [];
    expect(existsSync(join(ROOT, path))).toBe(true);
    const { files } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
    expect(files).toContain("action");
  });
});
