import { expect, test } from "vitest";
import { CHAT_FLOOR_MS, cleanKill, HistoryBuilder, planFor } from "../checkers/history-builder.ts";
import type { TrialSummary } from "../summary.ts";
import { trialOf } from "./recording-builder.ts";

const rowOf = (trial: TrialSummary, cohort: string, phase: string) =>
  trial.latency.find((row) => row.cohort === cohort && row.phase === phase);

test("latency, overhead, holding and service of a calm turn are exact", () => {
  const calm = rowOf(trialOf(cleanKill()), "chat", "calm");
  const all = { n: 2, p50: null, p90: null, p99: null, censored: 0 };
  expect(calm).toMatchObject({
    latencyMs: { ...all, max: 680 },
    overheadMs: { ...all, max: 680 - CHAT_FLOOR_MS },
    holdingMs: { ...all, max: 30 },
    serviceMs: { ...all, max: 680 },
  });
});

test("of an interrupted turn, what the World streamed in vain is not held by the runtime but stays in the overhead", () => {
  const fault = rowOf(trialOf(cleanKill()), "chat", "fault");
  // 4,800 to 5,980; owed were 193 ms in vain, then 300, 50 and 300.
  expect(fault?.latencyMs.max).toBe(1_180);
  expect(fault?.overheadMs.max).toBe(530);
  expect(fault?.holdingMs.max).toBe(337);
  expect(fault?.serviceMs.max).toBe(680);
});

test("time in which the runtime's socket took nothing more is the runtime's", () => {
  const builder = cleanKill();
  builder.world = builder.world.map((event) =>
    event.e === "said" && event.s === "b" && event.n === 1 && event.k === 2 ? { ...event, blockedMs: 40 } : event,
  );
  expect(rowOf(trialOf(builder), "chat", "calm")?.holdingMs.max).toBe(70);
});

test("the time-weighted view sees each pending turn every 100 ms, at its age beyond the floor", () => {
  const { latency } = trialOf(cleanKill());
  const ages = latency.find(({ phase }) => phase === "fault")?.pendingAgeMs;
  // a's second turn at the ticks from 4,800 to 5,900, b's from 6,000 to 6,600; the oldest is 5,900 − 4,800 − 650.
  expect(ages).toMatchObject({ n: 12 + 7, max: 450 });
});

test("a turn without an answer is censored at its age", () => {
  const builder = cleanKill();
  builder.driver = builder.driver.filter((event) => !(event.e === "ok" && event.s === "b" && event.n === 2));
  builder.driver.push({ e: "late", t: 7_000, s: "b", n: 2 }, { e: "censored", t: 15_000, s: "b", n: 2 });
  const trial = trialOf(builder);
  expect(rowOf(trial, "chat", "fault")?.latencyMs).toMatchObject({ n: 2, censored: 1, max: 9_000 });
  expect(trial.goodput).toMatchObject({ offered: 4, intact: 3, unknown: 1, late: 1 });
});

test("goodput, memory, economy and effects of the clean trial are exact", () => {
  const trial = trialOf(cleanKill());
  expect(trial.goodput).toEqual({
    offered: 4,
    intact: 4,
    amnesiac: 0,
    failed: 0,
    refused: 0,
    unknown: 0,
    late: 0,
    proofs: { offered: 2, intact: 2, amnesiac: 0, unanswered: 0 },
  });
  expect(trial.memory).toEqual({ acknowledged: 6, lostByRead: 0, forgotten: 0, sessionsForgotten: 0, sessions: 2 });
  const none = { calls: 0, inputTokens: 0, outputTokens: 0, dollars: 0 };
  expect(trial.economy).toEqual({
    bought: { calls: 11, inputTokens: 1_100, outputTokens: 115, dollars: 0.0039 },
    provoked: none,
    unavoidable: { calls: 1, inputTokens: 100, outputTokens: 11, dollars: 0.0004 },
    avoidable: none,
    offScriptCalls: 0,
  });
  const each = { logicalCalls: 4, applied: 4, doubled: 0, missing: 0 };
  expect(trial.effects).toEqual({ keyed: each, plain: each });
  expect(trial.restarts).toEqual({ byFault: 1, unexpected: 0 });
});

test("recovery is the excess of the first intact answer over the calm median, of touched sessions only", () => {
  expect(trialOf(cleanKill()).recovery).toEqual([
    {
      cohort: "chat",
      faults: 1,
      touched: 1,
      recovered: 1,
      amnesiac: 0,
      never: 0,
      medianMs: 500,
      p90Ms: 500,
      p99Ms: null,
      maxMs: 500,
      curve: [
        [0, 1],
        [500, 0],
      ],
      resolutionMs: 300,
    },
  ]);
});

/** A runtime that has forgotten everything with the kill: no link before it is ever shown again. */
function forgetful(): HistoryBuilder {
  const builder = cleanKill();
  builder.world = builder.world.map((event) => {
    if (event.e !== "ask" || event.k !== 1 || event.t < 5_000) return event;
    return { ...event, links: (event.links ?? []).filter((link) => link === 2) };
  });
  return builder;
}

test("an answer without memory is amnesiac and no recovery", () => {
  const trial = trialOf(forgetful(), {});
  expect(trial.goodput).toMatchObject({ intact: 2, amnesiac: 2, proofs: { intact: 0, amnesiac: 2 } });
  expect(trial.memory).toMatchObject({ lostByRead: null, forgotten: 2, sessionsForgotten: 2 });
  expect(trial.recovery[0]).toMatchObject({ touched: 1, recovered: 0, amnesiac: 1, medianMs: null, maxMs: null });
  expect(trial.recovery[0]?.curve).toEqual([[0, 1]]);
});

test("the silent cohort shows who resumes unasked, by later incarnations alone", () => {
  const silent = (i: number) => {
    const builder = new HistoryBuilder(planFor({ s: "silent", u: "silent" }));
    builder.phases({ warmup: 0, calm: 500, fault: 4_500, heal: 7_500, quiet: 8_000, proof: 8_900, end: 15_000 });
    builder.kill(5_000, 5_200);
    for (const s of ["s", "u"]) {
      builder.enable(s, 1, 4_800).invoke(s, 1, 4_800).sell(s, 1, { step: 1, at: 4_810, links: [], abortedAt: 5_003 });
      builder.driver.push({ e: "info", t: 5_003, s, n: 1, a: 1, why: "ECONNRESET" });
    }
    builder.sell("s", 1, { step: 1, p: 2, i, at: 5_400, links: [] });
    return trialOf(builder, {}).silent;
  };
  expect(silent(2)).toEqual({ interrupted: 2, resumed: 1, resumedMedianMs: 400 });
  expect(silent(1)).toEqual({ interrupted: 2, resumed: 0, resumedMedianMs: null });
});

test("a process that outlives the fault resumes by acting after its client was lost; what it had sold by then says nothing", () => {
  const silent = (resumedAt: number) => {
    const builder = new HistoryBuilder(planFor({ s: "silent", u: "silent" }));
    builder.phases({ warmup: 0, calm: 500, fault: 4_500, heal: 7_500, quiet: 8_000, proof: 8_900, end: 15_000 });
    builder.trial.push(
      { e: "start", t: -500, process: "server", replica: 0, i: 1, pid: 1 },
      { e: "ready", t: -100, process: "server", replica: 0, i: 1 },
      { e: "fault", t: 5_000, id: "f1", kind: "postgres-kill" },
      { e: "landed", t: 5_010, id: "f1", proof: "gone" },
      { e: "cured", t: 5_300, id: "f1" },
    );
    for (const s of ["s", "u"]) {
      builder.enable(s, 1, 4_800).invoke(s, 1, 4_800).sell(s, 1, { step: 1, at: 4_810, links: [] });
      builder.driver.push({ e: "info", t: 5_250, s, n: 1, a: 1, why: "status 500" });
    }
    builder.sell("s", 1, { step: 1, p: 2, at: resumedAt, links: [] });
    builder.sell("u", 1, { step: 2, at: 4_900 });
    return trialOf(builder, {}).silent;
  };
  expect(silent(5_400)).toEqual({ interrupted: 1, resumed: 1, resumedMedianMs: 400 });
  expect(silent(5_040)).toEqual({ interrupted: 1, resumed: 0, resumedMedianMs: null });
});

test("memory and CPU are those of calm, per live session and per answer", () => {
  const builder = cleanKill();
  const MB = 1024 * 1024;
  const sample = (t: number, appCpuMs: number, rssMb: number) =>
    ({ e: "sample", t, appCpuMs, appRssBytes: rssMb * MB, storeCpuMs: appCpuMs / 2, storeRssBytes: MB }) as const;
  builder.trial.push(sample(-500, 10, 50), sample(500, 100, 60), sample(2_500, 400, 60), sample(4_400, 880, 60));
  for (const s of ["a", "b"]) builder.driver.push({ e: "arrive", t: 600, s });
  const trial = trialOf(builder);
  // Both calm answers lie between the samples at 500 and 4,400 ms, which are 780 ms of CPU apart.
  expect(trial.usage).toEqual({
    idleRssMb: 50,
    calmRssMb: 60,
    kbPerSession: 5_120,
    appCpuMsPerTurn: 390,
    storeCpuMsPerTurn: 195,
  });
  expect(trial.validity).toMatchObject({ verdict: "valid", calmCoreShare: 0.3, saturated: false });
});

test("collections count in the fault phase, and five majors make the question one", () => {
  const builder = cleanKill();
  const { definition } = builder.plan;
  const asked = cleanKill({ definition: { ...definition, observe: { ...definition.observe, exercise: "gc" } } });
  for (let n = 0; n < 5; n++) {
    for (const one of [builder, asked]) one.trial.push({ e: "gc", t: 5_000 + n, kind: "major", ms: 10 + n, i: 1 });
    asked.trial.push({ e: "gc", t: 1_000 + n, kind: "major", ms: 90, i: 1 });
  }
  const inFault = { phase: "fault", kind: "major", count: 5, totalMs: 60, longestMs: 14 };
  const counted = { majors: 5, minors: 0, longestMs: 14 };
  expect(trialOf(builder).gc).toEqual({ ...counted, exercised: null, byPhase: [inFault] });
  const inCalm = { phase: "calm", kind: "major", count: 5, totalMs: 450, longestMs: 90 };
  expect(trialOf(asked).gc).toEqual({ ...counted, exercised: true, byPhase: [inCalm, inFault] });
  expect(trialOf(cleanKill()).gc).toBeNull();
});

test("the timeline counts by second, with the fault and its end marked", () => {
  const { timeline } = trialOf(cleanKill());
  expect(timeline.seconds).toBe(15);
  const seconds = (series: readonly (number | null)[]) => series.slice(0, 8);
  expect(seconds(timeline.offered)).toEqual([0, 1, 1, 0, 1, 0, 1, 0]);
  expect(seconds(timeline.intact)).toEqual([0, 1, 1, 0, 0, 1, 1, 0]);
  expect(seconds(timeline.pending)).toEqual([0, 1, 1, 0, 0, 1, 1, 0]);
  expect(seconds(timeline.overheadMaxMs)).toEqual([null, 30, 30, null, null, 530, 30, null]);
  expect(timeline.faults).toEqual([
    { id: "f1", kind: "kill", atS: 5, readyS: 5.2, proof: "gone from the process table" },
  ]);
  expect(timeline.phases[1]).toEqual({ phase: "calm", fromS: 0.5, toS: 4.5 });
});

test("the start lag that validity looks at is that of the turns of calm and fault, from the history", () => {
  const { startLagMs } = trialOf(cleanKill()).validity;
  expect(startLagMs?.n).toBeGreaterThan(0);
  expect(startLagMs?.max).toBeGreaterThanOrEqual(startLagMs?.p50 ?? Number.NaN);
});
