import { appendFileSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { monotonicMs } from "../clock.ts";
import type { ObservedEvent } from "../observation.ts";
import { childEnvironment, lastLines, runChild } from "../processes/child.ts";
import { scratchFolder } from "../processes/testing/scratch.ts";
import { echoName, observing, readObservations } from "./observe.ts";

/** Runs code under observation as incarnation 3 of process "server". */
async function observed(folder: string, code: string, extra: Record<string, string> = {}) {
  writeFileSync(join(folder, "code.cjs"), code);
  const env = { ...childEnvironment(), ...observing("TypeScript", folder)("server", 3), ...extra };
  return runChild(
    { command: ["node", "--expose-gc", "code.cjs"], cwd: folder, env, logFile: join(folder, "log") },
    20_000,
  );
}

const only = <Kind extends ObservedEvent["e"]>(events: readonly ObservedEvent[], kind: Kind) =>
  events.filter((event): event is Extract<ObservedEvent, { e: Kind }> => event.e === kind);

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
  const events = only(readObservations(folder, zeroMs), "gc");
  const majors = events.filter(({ kind }) => kind === "major");
  expect(majors.length).toBeGreaterThanOrEqual(3);
  expect(new Set(majors.map(({ w }) => w ?? 0)).size).toBe(2);
  for (const event of events) {
    expect(event.i).toBe(3);
    expect(event.t).toBeGreaterThan(0);
    expect(event.t + event.ms).toBeLessThan(endMs);
  }
  expect(events.map(({ t }) => t)).toEqual(events.map(({ t }) => t).toSorted((a, b) => a - b));
});

test("a stall of the loop is seen with its start and length, and with the CPU that it took", async () => {
  const folder = scratchFolder();
  const exit = await observed(
    folder,
    `const stamp = () => Number(process.hrtime.bigint()) / 1e6;
     setTimeout(() => {
       const from = stamp();
       while (stamp() < from + 150);
       console.log(JSON.stringify([from, stamp()]));
       setTimeout(() => {}, 60);
     }, 100);`,
  );
  expect(exit.code).toBe(0);
  const [fromMs, toMs] = JSON.parse(lastLines(join(folder, "log"))) as [number, number];
  const stall = only(readObservations(folder, 0), "stall").find(({ t, ms }) => t < toMs && t + ms > fromMs);
  // Right to one interval of looking, to which the machine may add.
  expect(stall?.t).toBeGreaterThan(fromMs - 11);
  expect(stall?.t).toBeLessThan(fromMs + 1);
  expect((stall?.t ?? 0) + (stall?.ms ?? 0)).toBeGreaterThanOrEqual(toMs);
  expect(stall?.cpuMs).toBeGreaterThan(50);
});

test("heap and utilisation are noted once a second", async () => {
  const folder = scratchFolder();
  await observed(folder, `setTimeout(() => {}, 1400);`);
  const [heap, ...more] = only(readObservations(folder, 0), "heap");
  expect(more).toEqual([]);
  expect(heap?.usedBytes).toBeGreaterThan(2 ** 20);
  expect(heap?.limitBytes).toBeGreaterThan(heap?.totalBytes ?? Number.NaN);
  expect(heap?.busy).toBeGreaterThanOrEqual(0);
  expect(heap?.busy).toBeLessThan(1);
});

test("the observer keeps no process alive and does not break one whose files cannot be written", async () => {
  const folder = scratchFolder();
  const exit = await observed(folder, `gc(); console.log("done")`, { DERBY_OBSERVE: join(folder, "missing", "x") });
  expect(exit).toEqual({ code: 0, signal: null });
  expect(lastLines(join(folder, "log"))).toBe("done");
});

test("languages without a way to look inside get no environment and no pipes", () => {
  expect(observing("Elixir", "/anywhere")("server", 1)).toEqual({});
  const folder = scratchFolder();
  const prefix = join(folder, "observe-server-1");
  expect(observing("javascript", folder)("server", 1).DERBY_OBSERVE).toBe(prefix);
  expect(existsSync(`${prefix}.ping`)).toBe(true);
  expect(echoName("observe-my-front-12.ping")).toEqual({ process: "my-front", i: 12 });
  expect(echoName("observe-my-front-12.pong")).toBeNull();
});

test("a line torn by a kill is left out, as is what nobody asked for; other files are none of ours", () => {
  const folder = scratchFolder();
  const write = (name: string, text: string) => appendFileSync(join(folder, name), text);
  write(
    "observe-server-2.77.0",
    '{"e":"gc","at":1500.25,"kind":"minor","ms":1.5}\n{"e":"exit","at":1,"i":2}\n{"e":"silence","at":1510,"ms":9,"process":"x","i":1}\n{"e":"gc","at":1600,"ki',
  );
  write("observe-server-2.77.4", '{"e":"stall","at":1400,"ms":25}\n');
  write(
    "echo.ndjson",
    '{"e":"silence","at":1700,"ms":30,"process":"server","i":2}\n{"e":"gc","at":1,"kind":"minor","ms":1}\n',
  );
  write("server-2.log", "x\n");
  expect(readObservations(folder, 1000)).toEqual([
    { e: "stall", t: 400, ms: 25, i: 2, w: 4 },
    { e: "gc", t: 500.25, kind: "minor", ms: 1.5, i: 2 },
    { e: "silence", t: 700, ms: 30, process: "server", i: 2 },
  ]);
});
