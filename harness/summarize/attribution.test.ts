import { expect, test } from "vitest";
import { answerOf, cleanKill, HistoryBuilder, planFor } from "../checkers/history-builder.ts";
import type { TrialEvent } from "../history.ts";
import { trialOf } from "./recording-builder.ts";

/** Two turns in calm, and in the fault phase one that waits from 7,000 to 7,200 before its model is asked: 190 ms more than they. */
function withLateTurn(...events: readonly TrialEvent[]) {
  const builder = new HistoryBuilder(planFor({ a: "chat", b: "chat" }));
  builder.phases({ warmup: 0, calm: 500, fault: 4_500, heal: 7_500, quiet: 8_000, proof: 8_900, end: 15_000 });
  builder.turn("a", 1, 1_000, []).turn("b", 1, 2_000, []);
  builder
    .enable("b", 2, 7_000)
    .invoke("b", 2, 7_000)
    .sell("b", 2, { step: 1, at: 7_200, links: [1] })
    .callTools("b", 2, 7_505)
    .sell("b", 2, { step: 2, at: 7_560 })
    .ok("b", 2, 7_870, answerOf("b", 2));
  builder.trial.push(...events);
  return trialOf(builder);
}

const faultRow = (...events: readonly TrialEvent[]) =>
  withLateTurn(...events).attribution.find(({ phase }) => phase === "fault");

const sample = (t: number, waitMs: number): TrialEvent => ({
  e: "sample",
  t,
  appCpuMs: 0,
  appRssBytes: 0,
  storeCpuMs: 0,
  storeRssBytes: 0,
  app: { waitMs, voluntarySwitches: 0, involuntarySwitches: 0, readBytes: null, writtenBytes: null },
});
const gc = (t: number, ms: number, kind: "major" | "minor" = "major"): TrialEvent => ({ e: "gc", t, kind, ms, i: 2 });
const stall = (t: number, ms: number): TrialEvent => ({ e: "stall", t, ms, i: 2 });
const silence = (t: number, ms: number): TrialEvent => ({ e: "silence", t, ms, process: "server", i: 2 });

test("a turn that a kill interrupted is charged to the process being down, until it was taken up again", () => {
  const calm = trialOf(cleanKill()).attribution.find(({ phase }) => phase === "calm");
  expect(calm).toEqual({
    cohort: "chat",
    phase: "calm",
    lateFromMs: 80,
    turns: 2,
    late: 0,
    causes: [],
    namedShare: null,
  });
  const fault = trialOf(cleanKill()).attribution.find(({ phase }) => phase === "fault");
  expect(fault).toMatchObject({ turns: 2, late: 1, causes: [{ cause: "down", turns: 1 }], namedShare: 1 });
});

test.each<[string, TrialEvent[], string | null]>([
  ["nothing known: no named cause", [], null],
  ["a major collection", [gc(7_010, 150)], "major-gc"],
  ["a minor collection", [gc(7_010, 150, "minor")], "minor-gc"],
  ["many collections under 10 ms explain nothing", Array.from({ length: 19 }, (_, n) => gc(7_000 + n * 10, 9)), null],
  [
    "a collection within a stall within a silence is the collection's",
    [silence(7_005, 190), stall(7_000, 195), gc(7_002, 180)],
    "major-gc",
  ],
  ["a stall with a short collection in it stays a stall", [stall(7_000, 195), gc(7_002, 30)], "stall"],
  ["a silence without any cause inside: frozen or throttled", [silence(7_010, 180)], "silence"],
  ["waiting for a core, from the kernel's count", [sample(7_000, 500), sample(7_100, 560), sample(7_200, 650)], "core"],
  ["a saturated loop", [{ e: "heap", t: 7_600, usedBytes: 1, busy: 0.99, i: 2 }], "busy"],
  ["half of the excess is needed", [gc(7_010, 94)], null],
  ["causes add up, the largest is charged", [gc(7_010, 40), stall(7_060, 70)], "stall"],
  ["what happened while the World had the ball delayed nobody", [gc(7_210, 280), stall(7_570, 280)], null],
  ["what happened before the turn delayed it not", [gc(6_800, 190)], null],
])("%s", (_, events, cause) => {
  const causes = cause === null ? [] : [{ cause, turns: 1 }];
  expect(faultRow(...events)).toMatchObject({ turns: 1, late: 1, causes, namedShare: causes.length });
});

test("the timeline shows collections from 10 ms, stalls and silences, and says how many of the shortest are left out", () => {
  const few = withLateTurn(gc(7_000, 9.9), gc(7_000, 10), stall(7_100, 25.55), silence(7_210, 30), gc(-50, 90));
  expect(few.timeline.spans).toEqual({
    shown: [
      { kind: "major-gc", fromS: 7, ms: 10 },
      { kind: "stall", fromS: 7.1, ms: 25.6 },
      { kind: "silence", fromS: 7.2, ms: 40 },
    ],
    leftOut: 0,
  });
  const many = withLateTurn(...Array.from({ length: 510 }, (_, n) => stall(1_000 + n * 10, 20 + n)));
  expect(many.timeline.spans.shown).toHaveLength(500);
  expect(many.timeline.spans.shown[0]).toEqual({ kind: "stall", fromS: 1.1, ms: 30 });
  expect(many.timeline.spans.leftOut).toBe(10);
});

test("what could be seen is said, so that a cause without a name is not taken for one without a trace", () => {
  expect(withLateTurn().observation).toMatchObject({ inside: false, watched: 0, samplesPerSecond: null });
  const seen = withLateTurn(
    { e: "watched", t: 100, process: "server", i: 1 },
    silence(400, 20),
    stall(500, 20),
    gc(600, 1),
    ...[700, 800, 900].map((t) => sample(t, 0)),
  );
  expect(seen.observation).toEqual({
    inside: true,
    watched: 1,
    silences: 1,
    stalls: 1,
    samplesPerSecond: 10,
  });
});
