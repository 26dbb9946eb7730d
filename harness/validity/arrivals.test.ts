import { expect, test } from "vitest";
import { answerOf, HistoryBuilder, planFor } from "../checkers/history-builder.ts";
import { buildIndex } from "../checkers/history-index.ts";
import type { PlannedSession } from "../trial.ts";
import { arrivalDistance, arrivalsOf } from "./arrivals.ts";

const session = (id: string, arriveMs: number, thinkMs: readonly number[]): PlannedSession => ({
  id,
  cohort: "chat",
  arriveMs,
  turns: thinkMs.length + 1,
  thinkMs,
});

/** Load from 100 ms, calm 500 to 4,500, fault to 7,500. Session a arrives at 900 and thinks for 1 s; both turns are offered as planned. */
function asPlanned(sessions: readonly PlannedSession[] = [session("a", 800, [1_000])]): HistoryBuilder {
  const builder = new HistoryBuilder(planFor({}, { sessions, faults: [] }));
  builder.phases({ warmup: 101, calm: 500, fault: 4_500, heal: 7_500, quiet: 8_000, proof: 8_900, end: 15_000 });
  builder.driver.push({ e: "arrive", t: 900, s: "a" });
  builder.enable("a", 1, 900).invoke("a", 1, 901).ok("a", 1, 2_000, answerOf("a", 1));
  return builder.enable("a", 2, 3_000).invoke("a", 2, 3_000.5).ok("a", 2, 4_000, answerOf("a", 2));
}
const check = (builder: HistoryBuilder) => arrivalsOf(builder.plan, buildIndex(builder.history()));

test("a load that was offered as planned has nothing unsent and nothing late", () => {
  expect(check(asPlanned())).toEqual({ due: 2, unsent: 0, lateFirstAttempts: 0, lateTurns: 0, distance: 0.5 });
});

const ROWS: readonly [string, (builder: HistoryBuilder) => void, object, (readonly PlannedSession[])?][] = [
  [
    "a session that never arrived is unsent; its arrival follows from when the others did",
    () => undefined,
    { due: 3, unsent: 1 },
    [session("a", 800, [1_000]), session("b", 7_200, [])],
  ],
  [
    "what falls due as the load is held is not asked for",
    () => undefined,
    { due: 2, unsent: 0 },
    [session("a", 800, [1_000]), session("b", 7_350, [])],
  ],
  [
    "a turn whose think time was over and that was not offered is unsent",
    (builder) => builder.editDriver((event) => ("n" in event && event.n === 2 ? undefined : event)),
    { due: 2, unsent: 1 },
  ],
  [
    "a turn that was enabled and never invoked is unsent",
    (builder) => builder.editDriver((event) => (event.e === "invoke" && event.n === 2 ? undefined : event)),
    { due: 2, unsent: 1 },
  ],
  [
    "a proof turn in its place does not make a turn sent",
    (builder) =>
      builder.editDriver((event) => (event.e === "enabled" && event.n === 2 ? { ...event, kind: "proof" } : event)),
    { due: 2, unsent: 1 },
  ],
  [
    "a turn that the runtime never answers keeps its session from offering more, and nothing is unsent",
    (builder) =>
      builder.editDriver((event) => (event.e === "ok" || ("n" in event && event.n === 2) ? undefined : event)),
    { due: 1, unsent: 0 },
  ],
  [
    "a first attempt 4 ms after its turn fell due is late",
    (builder) => builder.editDriver((event) => (event.e === "invoke" && event.n === 1 ? { ...event, t: 904 } : event)),
    { lateFirstAttempts: 1, unsent: 0 },
  ],
  [
    "a driver that stamps a turn as enabled only when it gets to it is late all the same",
    (builder) =>
      builder.editDriver((event) =>
        "n" in event && event.n === 2 && event.e !== "ok" ? { ...event, t: 3_200 } : event,
      ),
    { lateFirstAttempts: 1, unsent: 0 },
  ],
  [
    "a turn past its deadline is a late turn",
    (builder) => builder.driver.push({ e: "late", t: 3_900, s: "a", n: 2 }),
    { lateTurns: 1, unsent: 0 },
  ],
];
test.each(ROWS)("%s", (_sentence, change, expected, sessions) => {
  const builder = asPlanned(sessions);
  change(builder);
  expect(check(builder)).toMatchObject(expected);
});

test("sessions of a fault cohort are counted from where the fault phase began", () => {
  const plan = planFor({});
  const chat = plan.definition.cohorts.chat;
  if (chat === undefined) throw new Error("no cohort");
  const definition = { ...plan.definition, cohorts: { chat: { ...chat, startsIn: "fault" as const } } };
  const builder = new HistoryBuilder(planFor({}, { definition, faults: [], sessions: [session("a", 100, [])] }));
  builder.phases({ warmup: 100, calm: 500, fault: 4_500, heal: 7_500, end: 9_000 });
  builder.driver.push({ e: "arrive", t: 4_601, s: "a" });
  builder.enable("a", 1, 4_601).invoke("a", 1, 4_601.2).ok("a", 1, 5_000, answerOf("a", 1));
  expect(check(builder)).toMatchObject({ due: 1, unsent: 0, lateFirstAttempts: 0 });
});

test("sessions of a step fault are counted from when their own cohort was called, and owe nothing if it never was", () => {
  const plan = planFor({});
  const chat = plan.definition.cohorts.chat;
  if (chat === undefined) throw new Error("no cohort");
  const step = { ...chat, startsIn: "step" as const };
  const definition = { ...plan.definition, cohorts: { chat: step, later: step, never: step } };
  const sessions = [
    session("a", 100, []),
    { ...session("b", 200, []), cohort: "later" },
    { ...session("c", 300, []), cohort: "never" },
  ];
  const builder = new HistoryBuilder(planFor({}, { definition, faults: [], sessions }));
  builder.phases({ warmup: 100, calm: 500, fault: 1_000, heal: 9_500, end: 9_800 });
  for (const [s, calledMs, arriveMs] of [
    ["a", 2_000, 100],
    ["b", 6_000, 200],
  ] as const) {
    const dueMs = calledMs + arriveMs;
    builder.driver.push({ e: "arrive", t: dueMs, s });
    builder
      .enable(s, 1, dueMs)
      .invoke(s, 1, dueMs + 0.2)
      .ok(s, 1, dueMs + 400, answerOf(s, 1));
  }
  expect(check(builder)).toMatchObject({ due: 2, unsent: 0, lateFirstAttempts: 0 });
});

const turn = (dueMs: number, leftMs: number | null) => ({ dueMs, leftMs });
test.each([
  ["nothing is no distance", [], null],
  ["turns that leave on the instant keep no distance", [turn(1, 1), turn(2, 2)], 0],
  ["one after the other late: one of four is behind at once", [turn(1, 2), turn(3, 4), turn(5, 6), turn(7, 8)], 0.25],
  ["half of them behind at once", [turn(1, 9), turn(2, 9), turn(10, 10), turn(20, 20)], 0.5],
  ["what never leaves stays behind", [turn(1, null), turn(2, 2), turn(3, 3), turn(4, null)], 0.5],
])("%s", (_sentence, turns, distance) => {
  expect(arrivalDistance(turns)).toBe(distance);
});
