/** What `npm pack` makes works in an empty project: installed without scripts, it lists what it has and runs the smoke profile with one runner. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "../sources.ts";
import { run } from "./commands.ts";
import { expectSuccess, INSTALL_LIMIT_MS, install, PACK_LIMIT_MS, pack } from "./package.ts";

const SMOKE_LIMIT_MS = 150_000;

const folder = mkdtempSync(join(tmpdir(), "tarball-test-"));
const project = join(folder, "project");
let shipped: string[] = [];

beforeAll(async () => {
  const tarball = await pack(folder);
  shipped = spawnSync("tar", ["-tzf", tarball], { encoding: "utf8" })
    .stdout.trim()
    .split("\n")
    .map((path) => path.replace(/^package\//, ""));
  mkdirSync(project);
  writeFileSync(join(project, "package.json"), '{ "name": "empty", "private": true, "type": "module" }');
  await install(tarball, project);
}, PACK_LIMIT_MS + INSTALL_LIMIT_MS);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** `npx agent-derby …` in the empty project. `--no` forbids npx to download anything of that name. */
const derby = (args: readonly string[], limitMs: number) =>
  run("npx", ["--no", "agent-derby", "--", ...args], { cwd: project, limitMs });

describe("the package", () => {
  it("ships compiled code with declarations, and no sources or tests", () => {
    const sources = shipped.filter(
      (path) =>
        (path.endsWith(".ts") && !path.endsWith(".d.ts")) ||
        /\.test\.|(^|\/)(testing|fixtures?)[-/.]|^(cli|harness|test|scripts)\//.test(path),
    );
    expect(sources).toEqual([]);
  });

  it("ships what is read at run time", () => {
    const needed = [
      "LICENSE",
      "README.md",
      "CHANGELOG.md",
      "bin/agent-derby.mjs",
      "dist/cli/main.js",
      "dist/harness/world/main.js",
      "dist/runners/CONTRACT.md",
      "dist/runners/vectors.json",
      "dist/runners/reference/server.ts.txt",
      "dist/runners/kit/typescript/front.ts.txt",
    ];
    const runners = readdirSync(join(ROOT, "runners")).filter((name) =>
      existsSync(join(ROOT, "runners", name, "runner.json")),
    );
    const files = [
      ...needed,
      ...runners.flatMap((name) => ["runner.json", "README.md"].map((file) => `dist/runners/${name}/${file}`)),
    ];
    expect(files.filter((file) => !shipped.includes(file))).toEqual([]);
  });

  it("types a scenario that somebody else writes", () => {
    const scenario = [
      'import { constant } from "agent-derby/random";',
      'import type { ScenarioFile } from "agent-derby/scenario";',
      'export const wrong: ScenarioFile["asks"] = constant(1);',
    ];
    writeFileSync(join(project, "scenario.ts"), scenario.join("\n"));
    const compiler = join(ROOT, "node_modules/typescript/bin/tsc");
    const flags = [
      "--noEmit",
      "--strict",
      "--skipLibCheck",
      "--module",
      "nodenext",
      "--target",
      "es2024",
      "--types",
      "",
      "scenario.ts",
    ];
    const { stdout } = spawnSync(process.execPath, [compiler, ...flags], { cwd: project, encoding: "utf8" });
    expect(stdout.split("\n")[0]).toBe(
      "scenario.ts(3,14): error TS2322: Type 'Distribution' is not assignable to type 'string'.",
    );
  });
});

describe("npx agent-derby", () => {
  it("lists scenarios and runners", async () => {
    const listed = await derby(["list"], 20_000);
    expectSuccess("list", listed);
    for (const name of ["kill", "async"]) expect(listed.stdout).toMatch(new RegExp(`^${name} `, "m"));
  });

  // The smoke profile of one runner: all three are run in the clone, and here it is the package that is in question.
  it("runs a trial for somebody's own test, which leaves a report", { timeout: SMOKE_LIMIT_MS + 10_000 }, async () => {
    const script = [
      'import { runTrial } from "agent-derby/trial";',
      'import { derbyMatchers } from "agent-derby/vitest";',
      'const unknown = await runTrial({ runner: "durabel", scenario: "kill" }).catch(({ message }) => message);',
      'const { trial, report } = await runTrial({ runner: "durable", scenario: "kill", seed: "tarball" });',
      "const ask = (name) => { try { return derbyMatchers[name](trial, 60_000).pass; } catch (error) { return error.message; } };",
      'const answers = ["toKeepAcknowledgedTurns", "toRecoverWithin"].map(ask);',
      "const { memory, validity } = trial;",
      "console.log(JSON.stringify({ unknown, answers, memory, validity: validity.verdict, report }));",
    ];
    writeFileSync(join(project, "trial.mjs"), script.join("\n"));
    const ran = await run(process.execPath, ["trial.mjs"], { cwd: project, limitMs: SMOKE_LIMIT_MS });
    expectSuccess("trial.mjs", ran);
    const { unknown, answers, memory, validity, report } = JSON.parse(ran.stdout);
    expect(unknown).toMatch(/"durabel"/);
    expect(unknown).toContain("durable");
    expect(memory.acknowledged).toBeGreaterThan(0);
    expect(memory.forgotten).toBe(0);
    // Other tests run beside this one, so that the trial may be void: then it decides nothing, and says so.
    const decided = validity === "valid" ? true : expect.stringContaining(`is ${validity} and decides nothing`);
    expect(answers).toEqual([decided, decided]);
    const page = readFileSync(report, "utf8");
    expect(page).toContain("</html>");
    expect(page).not.toContain(folder);
  });
});
