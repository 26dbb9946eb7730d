import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { monotonicMs } from "../clock.ts";
import { childEnvironment, lastLines, runChild } from "../processes/child.ts";
import { scratchFolder } from "../processes/testing/scratch.ts";
import { observing, readGcEvents } from "./observe.ts";

/** Runs code under observation as incarnation 3 of process "server". */
async function observed(folder: string, code: string, extra: Record<string, string> = {}) {
  writeFileSync(join(folder, "code.cjs"), code);
  const env = { ...childEnvironment(), ...observing("TypeScript", folder)("server", 3), ...extra };
  return runChild(
    { command: ["node", "--expose-gc", "code.cjs"], cwd: folder, env, logFile: join(folder, "log") },
    20_000,
  );
}

test("collections of the process and of its worker threads are seen, stamped in trial time", async () => {
  const folder = scratchFolder();
  const zeroMs = monotonicMs();
  const exit = await observed(
    folder,
    `const { Worker, isMainThread, threadId } = require("node:worker_threads");
     const keep = setInterval(() => {}, 1000);
     gc();
     if (isMainThread) new Worker(__filename).on("exit", () => setTimeout(() => clearInterval(keep), 50));
     else setTimeout(() => { gc(); setTimeout(() => clearInterval(keep), 50); }, 50);`,
  );
  const endMs = monotonicMs() - zeroMs;
  expect(exit.code).toBe(0);
  const events = readGcEvents(folder, zeroMs);
  expect(events.filter(({ kind }) => kind === "major").length).toBeGreaterThanOrEqual(3);
  for (const event of events) {
    expect(event.i).toBe(3);
    expect(event.t).toBeGreaterThan(0);
    expect(event.t + event.ms).toBeLessThan(endMs);
  }
  expect(events.map(({ t }) => t)).toEqual(events.map(({ t }) => t).toSorted((a, b) => a - b));
});

test("the observer keeps no process alive and does not break one whose files cannot be written", async () => {
  const folder = scratchFolder();
  const exit = await observed(folder, `gc(); console.log("done")`, { DERBY_OBSERVE: join(folder, "missing", "x") });
  expect(exit).toEqual({ code: 0, signal: null });
  expect(lastLines(join(folder, "log"))).toBe("done");
});

test("languages without a way to look inside get no environment", () => {
  expect(observing("Elixir", "/anywhere")("server", 1)).toEqual({});
  expect(observing("javascript", "/anywhere")("server", 1).DERBY_OBSERVE).toBe("/anywhere/observe-server-1");
});

test("a line torn by a kill is left out, and other files are none of ours", () => {
  const folder = scratchFolder();
  const file = join(folder, "observe-server-2.77.0");
  appendFileSync(file, '{"e":"gc","at":1500.25,"kind":"minor","ms":1.5}\n{"e":"gc","at":1600,"ki');
  appendFileSync(join(folder, "server-2.log"), "x\n");
  expect(readGcEvents(folder, 1000)).toEqual([{ e: "gc", t: 500.25, kind: "minor", ms: 1.5, i: 2 }]);
});
