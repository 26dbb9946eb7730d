import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { UsageError } from "../errors.ts";
import type { ChildCommand } from "../processes/child.ts";
import type { Runner, RunnerProcess } from "../runner.ts";
import { ProfiledTrial } from "./profiled-trial.ts";
import type { Profiler } from "./profiler.ts";

const server: RunnerProcess = { name: "server", role: "app", command: ["serve"], serves: true };
const engine: RunnerProcess = { name: "engine", role: "engine", command: ["run"] };
const runner: Runner = {
  name: "some",
  runtime: "some",
  language: "Any",
  home: "https://example.org",
  processes: [engine, server],
  promises: {},
  folder: "/runners/some",
  variantEnv: {},
};
const start: ChildCommand = { command: ["serve"], cwd: "/", env: {}, logFile: "/dev/null" };

/** Leaves something when a start has a "left" file, and keeps its page alone. */
const stopwatch: Profiler = {
  name: "stopwatch",
  about: "how long it took",
  languages: ["Any"],
  tool: { kind: "program", program: "true", how: "It is everywhere." },
  wrap: (given, into) => ({ ...given, command: ["stopwatch", into, ...given.command] }),
  draw: async (into) => {
    if (existsSync(join(into, "broken"))) throw new UsageError("It does not draw.");
    if (!existsSync(join(into, "left"))) return [];
    writeFileSync(join(into, "page.html"), "drawn");
    return ["page.html"];
  },
};

function profiledTrial() {
  const folder = mkdtempSync(join(tmpdir(), "profiled-trial-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const notes: string[] = [];
  const site = { folder, trial: "1-kill-some", runner, note: (sentence: string) => notes.push(sentence) };
  return { folder, notes, trial: new ProfiledTrial(stopwatch, site) };
}
const intoOf = ({ command }: ChildCommand): string => command[1] ?? "";

test("only processes that run agents are profiled", () => {
  const { trial } = profiledTrial();
  expect(trial.wrap(engine, 1, start)).toBe(start);
  expect(trial.wrap(server, 2, start).command.at(0)).toBe("stopwatch");
});

test("what each start left is drawn and linked from the campaign's folder; a killed start is counted and leaves nothing", async () => {
  const { trial, folder } = profiledTrial();
  const killed = intoOf(trial.wrap(server, 1, start));
  const ended = intoOf(trial.wrap(server, 2, start));
  writeFileSync(join(ended, "left"), "");
  const files = ["trials/1-kill-some/profile/server-2/page.html"];
  expect(await trial.finish()).toEqual({ by: "stopwatch", starts: 2, left: 1, files });
  expect(existsSync(join(folder, files[0] ?? ""))).toBe(true);
  expect(readdirSync(ended)).toEqual(["page.html"]);
  expect(existsSync(killed)).toBe(false);
});

test("what cannot be drawn is told, and what was collected stays", async () => {
  const { trial, notes } = profiledTrial();
  const into = intoOf(trial.wrap(server, 1, start));
  writeFileSync(join(into, "broken"), "");
  expect(await trial.finish()).toEqual({ by: "stopwatch", starts: 1, left: 0, files: [] });
  expect(notes).toEqual(["The profile of server-1 could not be drawn. It does not draw."]);
  expect(readdirSync(into)).toEqual(["broken"]);
});
