import { expect, test } from "vitest";
import { cleanKill, type HistoryBuilder } from "../checkers/history-builder.ts";
import { buildIndex } from "../checkers/history-index.ts";
import type { TrialEvent } from "../history.ts";
import { NEMESES } from "../nemeses/nemesis.ts";
import { recorded } from "../summarize/recording-builder.ts";
import type { TrialOutcome } from "../trial.ts";
import { evidenceOf } from "./evidence.ts";

type Machine = Extract<TrialEvent, { e: "machine" }>;

const gather = (builder: HistoryBuilder, outcome: TrialOutcome = recorded) => {
  const history = builder.history();
  const measured = { startLagMs: null, calmCoreShare: null, allCores: 2 };
  return evidenceOf(builder.plan, buildIndex(history), history.trial, outcome, measured);
};
const machine = (t: number, changes: Partial<Machine> = {}): Machine => ({
  e: "machine",
  t,
  harness: { busyMs: 1_000, stealMs: 0 },
  runtime: { busyMs: 5_000, stealMs: 0 },
  cpuMs: { driver: 100, world: 300, supervisor: 50 },
  restCpuMs: 20,
  sockets: { driver: 10, world: 20, supervisor: 3 },
  pressure: { cpuMs: 10, memoryMs: 0, ioMs: 5 },
  ...changes,
});
const sample = (t: number, appCpuMs: number, storeCpuMs: number): TrialEvent => ({
  e: "sample",
  t,
  appCpuMs,
  appRssBytes: 0,
  storeCpuMs,
  storeRssBytes: 0,
});

/** Measured phases last from 500 to 7,500 ms; counters grow over the 4 s between the two looks in them. */
function looked(): HistoryBuilder {
  const builder = cleanKill();
  builder.trial.push(
    machine(100, { sockets: { driver: 90, world: 1, supervisor: 1 } }),
    machine(1_000),
    machine(5_000, {
      harness: { busyMs: 3_600, stealMs: 400 },
      runtime: { busyMs: 7_400, stealMs: 40 },
      cpuMs: { driver: 500, world: 1_500, supervisor: 90 },
      restCpuMs: 60,
      sockets: { driver: 12, world: 31, supervisor: 3 },
      pressure: { cpuMs: 2_010, memoryMs: 40, ioMs: 5 },
    }),
    machine(9_000, { harness: { busyMs: 99_000, stealMs: 9_000 } }),
    sample(1_000, 0, 0),
    sample(5_000, 1_600, 400),
  );
  return builder;
}

test("shares are growth over calm and fault: ours, stolen, and what is left for others", () => {
  const { machine: figures, processes } = gather(looked());
  expect(figures).toEqual({
    harness: { cores: "0", ownShare: 0.42, foreignShare: 0.23, stealShare: 0.1 },
    runtime: { cores: "1", ownShare: 0.5, foreignShare: 0.1, stealShare: 0.01 },
    pressure: { cpu: 0.5, memory: 0.01, io: 0 },
  });
  expect(processes.driver).toMatchObject({ cpuShare: 0.1, peakSockets: 90 });
  expect(processes.world).toMatchObject({ cpuShare: 0.3, peakSockets: 31 });
});

test("where nothing is pinned all cores are one set, and the runtime's time is known too", () => {
  const { machine: figures } = gather(looked(), { ...recorded, cores: null });
  // 2,600 of 8,000 ms busy, 1,680 ours and 2,000 the runtime's by samples that tick apart: never negative.
  expect(figures).toMatchObject({ harness: { cores: null, ownShare: 0.46, foreignShare: 0 }, runtime: null });
});

test("counters of a process that was gone are not taken for negative work", () => {
  const builder = cleanKill();
  builder.trial.push(machine(1_000), machine(5_000, { cpuMs: { driver: 0, world: 0, supervisor: 0 } }));
  expect(gather(builder).processes.driver.cpuShare).toBe(0);
});

test("strays count in calm and fault alone, by process, the most seen first", () => {
  const builder = looked();
  const stray = (t: number, pid: number, ran: boolean): TrialEvent => ({
    e: "stray",
    t,
    who: "runtime",
    pid,
    comm: "rover",
    cores: "0",
    ran,
  });
  builder.trial.push(stray(100, 7, true), stray(1_000, 8, false), stray(1_000, 7, false), stray(5_000, 7, true));
  expect(gather(builder).strays).toEqual([
    { who: "runtime", pid: 7, comm: "rover", cores: "0", seen: 2, ran: 1, looks: 2 },
    { who: "runtime", pid: 8, comm: "rover", cores: "0", seen: 1, ran: 0, looks: 2 },
  ]);
});

test("a recording that holds none of it says so", () => {
  const { machine: figures, processes, strays } = gather(cleanKill());
  expect({ figures, strays }).toEqual({ figures: null, strays: [] });
  expect(processes.driver).toEqual({
    loopDelayMs: null,
    gc: null,
    cpuShare: null,
    peakSockets: null,
    scheduling: null,
  });
});

test("what processes said of themselves is passed on", () => {
  const gc = { counts: { major: 1, minor: 2, incremental: 0, weak: 0 }, totalMs: 5, longestMs: 4 };
  const health = { loopDelayMs: null, gc, cpuShare: 0.25, scheduling: "real-time" } as const;
  const processes = { driver: health, world: health, supervisor: health };
  const outcome = { ...recorded, health: { ...recorded.health, processes } };
  expect(gather(cleanKill(), outcome).processes.world).toEqual({
    loopDelayMs: null,
    gc,
    cpuShare: 0.25,
    peakSockets: null,
    scheduling: "real-time",
  });
});

test("what the runtime lost of its cores is what strangers and the hypervisor had, unless strangers are a fault of the plan", () => {
  expect(gather(looked()).runtimeLostShare).toBeCloseTo(0.11, 6);
  expect(gather(looked(), { ...recorded, cores: null }).runtimeLostShare).toBeNull();
  const planned = looked();
  expect(Object.keys(NEMESES)).toContain("burn-beside");
  const burning = planned.plan.faults.map((fault) => ({ ...fault, kind: "burn-beside" }));
  const builder = Object.assign(planned, { plan: { ...planned.plan, faults: burning } });
  expect(gather(builder).runtimeLostShare).toBeNull();
});
