import { expect, test } from "vitest";
import type { Verdict } from "./checkers/checker.ts";
import { promiseSummaries, type WeighedTrial } from "./promises.ts";
import type { Promises } from "./runner.ts";
import type { TrialExposure } from "./summarize/exposure.ts";
import type { LatencySummary, PromiseSummary, TailQuantiles, TrialSummary } from "./summary.ts";

const nothing: TrialExposure = {
  landedFaults: 0,
  appKills: 0,
  storeKills: 0,
  secondOwners: 0,
  superseded: 0,
  timers: { met: 0, lost: 0 },
  interruptedTurns: 0,
  crashes: 0,
  bystandersInterrupted: 0,
  bystanders: [],
  cpuHogs: false,
  reads: { all: 0, refused: 0, disagreeing: 0 },
  streams: { turns: 0, share: 1 },
};

const verdict = (checker: string, result: Verdict["result"], exposures = 100): Verdict => ({
  checker,
  claim: "",
  result,
  reason: "Because.",
  exposures,
  violations: result === false ? 1 : 0,
  evidence: [],
});

const tail = (p99: number | null): TailQuantiles => ({ n: 800, p50: 1, p90: 2, p99, max: 999, censored: 0 });
const overhead = (phase: "calm" | "fault", p99: number | null): LatencySummary => ({
  cohort: "bystanders",
  phase,
  overheadMs: tail(p99),
  holdingMs: tail(p99),
  latencyMs: tail(p99),
  serviceMs: tail(p99),
  pendingAgeMs: tail(p99),
});

/** A trial that holds only what promises look at. */
function trial(summary: Partial<TrialSummary>, exposure: Partial<TrialExposure> = {}): WeighedTrial {
  const part = { id: "t", verdicts: [], latency: [], silent: null, ...summary };
  return { summary: part as unknown as TrialSummary, exposure: { ...nothing, ...exposure } };
}

const kills = (appKills: number, ...verdicts: Verdict[]): WeighedTrial => trial({ verdicts }, { appKills });
const kept = [verdict("C1", true), verdict("C18", true)];
const takenOver = (...verdicts: Verdict[]): WeighedTrial => trial({ verdicts }, { superseded: 40, secondOwners: 1 });
const silent = (interrupted: number, resumed: number): WeighedTrial =>
  trial({ silent: { interrupted, resumed, resumedMedianMs: 100 } });
const hogs = (calm: number | null, fault: number | null): WeighedTrial =>
  trial({ latency: [overhead("calm", calm), overhead("fault", fault)] }, { cpuHogs: true, bystanders: ["bystanders"] });
const crashes = (n: number, bystandersInterrupted: number): WeighedTrial =>
  trial({}, { crashes: n, bystandersInterrupted, bystanders: ["bystanders"] });

const ROWS: readonly [string, Promises, keyof Promises, WeighedTrial[], PromiseSummary["state"], RegExp][] = [
  [
    "kept in the kills that were survived",
    { "durable-turns": "process" },
    "durable-turns",
    [kills(3, ...kept), kills(3, ...kept)],
    "kept",
    /6 kills/,
  ],
  [
    "broken by one false verdict",
    { "durable-turns": "process" },
    "durable-turns",
    [kills(3, ...kept), kills(3, verdict("C1", false), verdict("C18", true))],
    "broken",
    /C1: Because/,
  ],
  [
    "untested without a kill",
    { "durable-turns": "process" },
    "durable-turns",
    [trial({ verdicts: kept })],
    "untested",
    /killed/,
  ],
  [
    "not kept by an unknown verdict",
    { "durable-turns": "process" },
    "durable-turns",
    [kills(3, verdict("C1", "unknown"), verdict("C18", true))],
    "untested",
    /C1: Because/,
  ],
  [
    "kept for the process, open for the database",
    { "durable-turns": "database-process" },
    "durable-turns",
    [kills(3, ...kept)],
    "untested",
    /Kept in 3 kills; death of the database process untested/,
  ],
  [
    "kept for both when the store was killed too",
    { "durable-turns": "database-process" },
    "durable-turns",
    [trial({ verdicts: kept }, { appKills: 1, storeKills: 1 })],
    "kept",
    /2 kills/,
  ],
  [
    "kept for the database, open for the process",
    { "durable-turns": "database-process" },
    "durable-turns",
    [trial({ verdicts: kept }, { storeKills: 3 })],
    "untested",
    /Kept in 3 kills; death of its own processes untested/,
  ],
  [
    "not tested by the death of a database that nobody vowed to outlive",
    { "durable-turns": "process" },
    "durable-turns",
    [trial({ verdicts: kept }, { storeKills: 3 })],
    "untested",
    /No trial killed its processes/,
  ],
  ["not offered is not broken", {}, "durable-turns", [kills(3, verdict("C1", false))], "not offered", /Not offered/],
  ["false is not offered", { "journaled-steps": false }, "journaled-steps", [], "not offered", /Not offered/],
  [
    "95 of 100 resumed is kept",
    { "resumes-unasked": true },
    "resumes-unasked",
    [silent(60, 55), silent(40, 40)],
    "kept",
    /100 interrupted/,
  ],
  [
    "94 of 100 resumed is broken",
    { "resumes-unasked": true },
    "resumes-unasked",
    [silent(60, 54), silent(40, 40)],
    "broken",
    /6 of 60/,
  ],
  [
    "5 interrupted sessions are too few",
    { "resumes-unasked": true },
    "resumes-unasked",
    [silent(5, 5)],
    "untested",
    /Only 5/,
  ],
  [
    "twice the calm p99 and 20 ms is kept",
    { "isolated-cpu": true },
    "isolated-cpu",
    [hogs(10, 40)],
    "kept",
    /800 turns/,
  ],
  [
    "more than that is broken",
    { "isolated-cpu": true },
    "isolated-cpu",
    [hogs(10, 40.1)],
    "broken",
    /40.1 ms under load.*limit is 40 ms/,
  ],
  ["no p99, no verdict", { "isolated-cpu": true }, "isolated-cpu", [hogs(10, null)], "untested", /too few turns/],
  ["20 crashes that hurt nobody", { "isolated-crash": true }, "isolated-crash", [crashes(20, 0)], "kept", /20 crashes/],
  ["19 crashes are too few", { "isolated-crash": true }, "isolated-crash", [crashes(19, 0)], "untested", /Only 19/],
  [
    "one bystander is one too many",
    { "isolated-crash": true },
    "isolated-crash",
    [crashes(5, 1)],
    "broken",
    /1 turns of bystanders/,
  ],
  [
    "effects count only where faults were",
    { effects: "at-least-once" },
    "effects",
    [trial({ verdicts: [verdict("C6", true)] })],
    "untested",
    /Too few effects/,
  ],
  [
    "effects kept under faults",
    { effects: "at-least-once" },
    "effects",
    [trial({ verdicts: [verdict("C6", true)] }, { landedFaults: 3 })],
    "kept",
    /100 effects/,
  ],
  [
    "streams that come with their end break it",
    { streaming: true },
    "streaming",
    [trial({}, { streams: { turns: 400, share: 0.02 } })],
    "broken",
    /Only 2 % of the tokens of 400/,
  ],
  [
    "streams kept",
    { streaming: true },
    "streaming",
    [trial({}, { streams: { turns: 400, share: 0.97 } })],
    "kept",
    /400 streamed turns/,
  ],
  [
    "reads that disagree break it",
    { readable: true },
    "readable",
    [trial({}, { reads: { all: 10, refused: 0, disagreeing: 1 } })],
    "broken",
    /1 disagree/,
  ],
  [
    "no takeover, no verdict on fences",
    { "fenced-effects": true },
    "fenced-effects",
    [trial({ verdicts: [verdict("C9", "unknown", 0)] })],
    "untested",
    /taken over/,
  ],
  [
    "fences kept in the sessions that were taken over",
    { "fenced-effects": true },
    "fenced-effects",
    [takenOver(verdict("C9", true))],
    "kept",
    /Kept in 40 sessions taken over/,
  ],
  [
    "an effect of a superseded owner breaks them",
    { "fenced-effects": true },
    "fenced-effects",
    [takenOver(verdict("C9", false))],
    "broken",
    /C9: Because/,
  ],
  [
    "one process alone is no proof of a single writer",
    { "single-writer": true },
    "single-writer",
    [kills(3, ...kept)],
    "untested",
    /two owners/,
  ],
  [
    "a single writer beside a second copy",
    { "single-writer": true },
    "single-writer",
    [trial({ verdicts: [verdict("C8", true, 60), verdict("C9", "unknown", 0)] }, { secondOwners: 1 })],
    "kept",
    /60 sessions with two owners/,
  ],
  [
    "what a superseded owner leaves behind breaks a single writer too",
    { "single-writer": true },
    "single-writer",
    [takenOver(verdict("C8", true), verdict("C9", false))],
    "broken",
    /C9: Because/,
  ],
  [
    "timers that a kill met and that fired in time",
    { "durable-timers": true },
    "durable-timers",
    [trial({ verdicts: [verdict("C14", true)] }, { timers: { met: 25, lost: 0 } })],
    "kept",
    /25 timers/,
  ],
  [
    "one timer lost is one too many",
    { "durable-timers": true },
    "durable-timers",
    [trial({ verdicts: [verdict("C14", true)] }, { timers: { met: 25, lost: 1 } })],
    "broken",
    /1 of 25 timers/,
  ],
  [
    "an early timer breaks it",
    { "durable-timers": true },
    "durable-timers",
    [trial({ verdicts: [verdict("C14", false)] }, { timers: { met: 25, lost: 0 } })],
    "broken",
    /C14: Because/,
  ],
];

test.each(ROWS)("%s", (_, vowed, promise, trials, state, says) => {
  const summary = promiseSummaries("some", vowed, trials).find((one) => one.promise === promise);
  expect(summary?.state).toBe(state);
  expect(summary?.says).toMatch(says);
});
