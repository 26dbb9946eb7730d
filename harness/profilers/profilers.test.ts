import { expect, test } from "vitest";
import { UsageError } from "../errors.ts";
import type { ChildCommand } from "../processes/child.ts";
import type { Runner, RunnerProcess } from "../runner.ts";
import { compiledScript } from "./compiled-script.ts";
import { nodeCommand, requireNode } from "./node-command.ts";
import { chooseProfiler, PROFILERS, profilersOf } from "./profilers.ts";
import { fetchingSteps } from "./tool.ts";

const runner = (language: string, command: readonly string[]): Runner => ({
  name: "some",
  runtime: "some",
  language,
  home: "https://example.org",
  processes: [{ name: "server", role: "app", command, serves: true }] satisfies RunnerProcess[],
  promises: {},
  folder: "/runners/some",
  variantEnv: {},
});
const start = (...command: string[]): ChildCommand => ({
  command,
  cwd: "/runners/some",
  env: { NODE_OPTIONS: "--import=observer", DERBY_OBSERVE: "/tmp/o", KEPT: "1" },
  logFile: "/dev/null",
});
const named = (name: string) => {
  const found = PROFILERS.find((profiler) => profiler.name === name);
  if (found === undefined) throw new Error(`There is no profiler ${name}.`);
  return found;
};

test("the first profiler of a language is its default, however the language is written", () => {
  const byDefault = (language: string) => chooseProfiler(runner(language, [])).name;
  expect(["TypeScript", "javascript", "Go", "Python", "Elixir"].map(byDefault)).toEqual([
    "flame",
    "flame",
    "pprof",
    "py-spy",
    "perf",
  ]);
  expect(profilersOf("TypeScript").map(({ name }) => name)).toEqual([
    "flame",
    "clinic-flame",
    "clinic-doctor",
    "clinic-bubbleprof",
  ]);
});

test("a profiler that does not exist, or does not know the language, is refused with those that do", () => {
  expect(() => chooseProfiler(runner("Go", []), "flame")).toThrow(/flame does not know Go.*These do: pprof, perf/);
  expect(() => chooseProfiler(runner("Go", []), "perv")).toThrow(/Did you mean "perf"/);
  expect(() => chooseProfiler(runner("COBOL", []))).toThrow(/No profiler here knows COBOL/);
});

test("every package that is fetched is pinned to one version, and lies in its tool's own folder", () => {
  for (const { tool } of PROFILERS) {
    if (tool.kind === "program") continue;
    for (const spec of tool.pinned) expect(spec).toMatch(/^@?[\w/.-]+(@|==)\d+\.\d+\.\d+$/);
    const last = fetchingSteps(tool).at(-1) ?? [];
    expect(last.slice(-tool.pinned.length)).toEqual(tool.pinned);
    expect(last.join(" ")).toContain(`.build/profilers/${tool.folder}`);
  }
});

test("a Node command is taken apart at its script", () => {
  expect(nodeCommand(["/x/node", "--a=1", "-r", "./b", "s.ts", "-v"])).toEqual({
    node: "/x/node",
    flags: ["--a=1", "-r", "./b"],
    script: "s.ts",
    args: ["-v"],
  });
  expect(nodeCommand(["bun", "s.ts"])).toBeNull();
  expect(nodeCommand(["node", "--version"])).toBeNull();
  expect(() => requireNode(runner("TypeScript", ["./bun", "s.ts"]), "flame")).toThrow(UsageError);
});

test("flame samples inside the process, which stays the runtime's own", () => {
  const { command, cwd, env } = named("flame").wrap(start("node", "--a", "s.ts"), "/into", runner("TypeScript", []));
  expect(command.map((word) => word.replace(/^--import=.*\//, "--import="))).toEqual([
    "node",
    "--import=flame-preload.mjs",
    "--a",
    "s.ts",
  ]);
  expect(cwd).toBe("/runners/some");
  expect(env).toMatchObject({ NODE_OPTIONS: "--import=observer", DERBY_PROFILE_INTO: "/into" });
});

test("clinic runs its Node 20 in a folder of its own, asks nobody, and is not observed itself", () => {
  const js = runner("JavaScript", ["node", "s.js"]);
  const { command, cwd, env } = named("clinic-doctor").wrap(start("node", "--a", "s.js", "b"), "/into", js);
  const divide = command.indexOf("--");
  expect(command.slice(divide + 2)).toEqual(["--a", "/runners/some/s.js", "b"]);
  expect(command[divide + 1]).toBe(command[0]);
  expect(command[0]).toMatch(/bin\/node$/);
  expect(cwd).toBe("/into");
  expect(env).toEqual({ KEPT: "1", NO_INSIGHT: "1", NO_UPDATE_NOTIFIER: "1" });
});

test("a script in TypeScript has its JavaScript below the runner's own .build; one in JavaScript stays", () => {
  const some = runner("TypeScript", []);
  expect(compiledScript(some, "/runners/some/a/s.ts")).toBe("/runners/some/.build/profiled-js/a/s.js");
  expect(compiledScript(some, "/runners/some/s.mjs")).toBe("/runners/some/s.mjs");
});

test("SIGTERM ends what py-spy samples and not py-spy", () => {
  const { command } = named("py-spy").wrap(start("python", "server.py"), "/into", runner("Python", []));
  expect(command.slice(0, 2)).toEqual(["env", "--ignore-signal=TERM"]);
  expect(command.slice(-4)).toEqual(["env", "--default-signal=TERM", "python", "server.py"]);
});

test("perf adds to the flags of the VM, and pprof tells the runtime where to write", () => {
  const given = { ...start("bin/app", "start"), env: { ERL_ZFLAGS: "+S 1" } };
  const wrapped = named("perf").wrap(given, "/into", runner("Elixir", []));
  expect(wrapped.env).toEqual({ ERL_ZFLAGS: "+S 1 +JPperf true" });
  expect(wrapped.command.slice(-2)).toEqual(["bin/app", "start"]);
  expect(named("pprof").wrap(start("./server"), "/into", runner("Go", [])).env.DERBY_PROFILE).toBe("/into/cpu.pb.gz");
});
