import { appendFileSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { monotonicMs } from "../clock.ts";
import type { ObservedEvent } from "../observation.ts";
import { childEnvironment, lastLines, runChild } from "../processes/child.ts";
import { scratchFolder } from "../processes/testing/scratch.ts";
import { observing, readObservations } from "./observe.ts";

/** Pipes that nobody asks for. */
const unheard = { place: () => undefined };

/** Runs code under observation as incarnation 3 of process "server". */
async function observed(folder: string, code: string, extra: Record<string, string> = {}) {
  writeFileSync(join(folder, "code.cjs"), code);
  const env = { ...childEnvironment(), ...observing("TypeScript", folder, unheard)("server", 3), ...extra };
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
  const events = only(readObservations(folder, zeroMs), "gc").toSorted((a, b) => a.t - b.t);
  const majors = events.filter(({ kind }) => kind === "major");
  expect(majors.length).toBeGreaterThanOrEqual(3);
  expect(new Set(majors.map(({ w }) => w ?? 0)).size).toBe(2);
  for (const event of events) {
    expect(event.i).toBe(3);
    expect(event.t).toBeGreaterThan(0);
    expect(event.t + event.ms).toBeLessThan(endMs);
  }
});

test("a stall of the loop is seen with its start and length", async () => {
  const folder = scratchFolder();
  const exit = await observed(
    folder,
    `const stamp = () => Number(process.hrtime.bigint()) / 1e6;
     const due = stamp() + 100;
     setTimeout(() => {
       const from = stamp();
       while (stamp() < from + 150);
       console.log(JSON.stringify([from, stamp(), from - due]));
       setTimeout(() => {}, 60);
     }, 100);`,
  );
  expect(exit.code).toBe(0);
  const [fromMs, toMs, lateMs] = JSON.parse(lastLines(join(folder, "log"))) as [number, number, number];
  const stall = only(readObservations(folder, 0), "stall").find(({ t, ms }) => t < toMs && t + ms > fromMs);
  // Right to one interval of looking, to which the machine may add what it kept the process waiting.
  expect(stall?.t).toBeGreaterThan(fromMs - 11 - lateMs);
  expect(stall?.t).toBeLessThan(fromMs + 1);
  expect((stall?.t ?? 0) + (stall?.ms ?? 0)).toBeGreaterThanOrEqual(toMs);
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

test("every start has a prefix and a pipe of its own; only JavaScript is preloaded", () => {
  const placed: unknown[] = [];
  const heartbeats = { place: (...start: unknown[]) => placed.push(start) };
  const prefix = join("/anywhere", "observe-server-2");
  expect(observing("Elixir", "/anywhere", heartbeats)("server", 2)).toEqual({ DERBY_OBSERVE: prefix });
  expect(observing("javascript", "/anywhere", heartbeats)("my-front", 12)).toMatchObject({
    DERBY_OBSERVE: join("/anywhere", "observe-my-front-12"),
    NODE_OPTIONS: expect.stringContaining("node-observer.mjs"),
  });
  expect(placed).toEqual([
    [`${prefix}.beat`, "server", 2],
    [join("/anywhere", "observe-my-front-12.beat"), "my-front", 12],
  ]);
});

test("a line torn by a kill is left out, as is what nobody asked for; other files are none of ours", () => {
  const folder = scratchFolder();
  const write = (name: string, text: string) => appendFileSync(join(folder, name), text);
  write(
    "observe-server-2.77.0",
    '{"e":"gc","at":1500.25,"kind":"minor","ms":1.5}\n{"e":"exit","at":1,"i":2}\n{"e":"silence","at":1510,"ms":9,"process":"x","i":1}\nnull\n{"e":"gc","at":1,"kind":"huge","ms":1}\n{"e":"gc","at":1,"kind":"major","ms":"1"}\n{"e":"gc","at":1600,"ki',
  );
  write(
    "observe-server-2.77.4",
    '{"e":"stall","at":1400,"ms":25}\n{"e":"gc","at":1401,"kind":"local","ms":30,"t":9,"i":7}\n',
  );
  write("server-2.log", "x\n");
  expect(readObservations(folder, 1000).toSorted((a, b) => a.t - b.t)).toEqual([
    { e: "stall", t: 400, ms: 25, i: 2, w: 4 },
    { e: "gc", t: 401, kind: "local", ms: 30, i: 2, w: 4 },
    { e: "gc", t: 500.25, kind: "minor", ms: 1.5, i: 2 },
  ]);
});

const bun = new URL("../../runners/async/.build/engines/bun/bun", import.meta.url).pathname;
test.skipIf(!existsSync(bun))(
  `Bun's heap is seen on the same clock${existsSync(bun) ? "" : " (skipped: agent-derby setup async:bun)"}`,
  async () => {
    const folder = scratchFolder();
    const zeroMs = monotonicMs();
    writeFileSync(join(folder, "code.cjs"), "setTimeout(() => {}, 1300)");
    const env = { ...childEnvironment(), ...observing("TypeScript", folder, unheard)("server", 3) };
    await runChild({ command: [bun, "code.cjs"], cwd: folder, env, logFile: join(folder, "log") }, 20_000);
    const [heap] = only(readObservations(folder, zeroMs), "heap");
    expect(heap?.usedBytes).toBeGreaterThan(0);
    expect(heap?.t).toBeGreaterThan(1000);
    expect(heap?.t).toBeLessThan(monotonicMs() - zeroMs);
  },
);
