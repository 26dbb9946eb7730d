import { expect, test } from "vitest";
import type { TrialEvent } from "../history.ts";
import { isIntact } from "./context.ts";
import { cleanKill, planFor } from "./history-builder.ts";
import { buildIndex, type TurnRecord } from "./history-index.ts";
import { turnsTouchedBy } from "./touched.ts";
import { phaseAt } from "./trial-facts.ts";

const clean = () => buildIndex(cleanKill().history());
const turnOf = (index: ReturnType<typeof buildIndex>, session: string, number: number): TurnRecord =>
  index.session.get(session)?.turn.get(number) as TurnRecord;

test("a turn gathers its attempts, purchases, tools and effects", () => {
  const turn = turnOf(clean(), "a", 2);
  expect(turn.attempts.map(({ ended }) => ended?.event.e)).toEqual(["info", "fail", "ok"]);
  expect(turn.outcome).toBe("ok");
  expect(turn.purchases.map(({ step, number, said }) => [step, number, said?.event.end])).toEqual([
    [1, 1, "aborted"],
    [1, 2, "done"],
    [2, 2, "done"],
  ]);
  expect(turn.tools.every(({ told }) => told !== null)).toBe(true);
  expect(turn.effects).toHaveLength(2);
});

test("every event keeps its line in its witness's file", () => {
  const history = cleanKill().history();
  const index = buildIndex(history);
  for (const { turns } of index.sessions)
    for (const { asks, attempts } of turns) {
      for (const { at, event } of asks) expect(history.world[at]).toBe(event);
      for (const { invoked } of attempts) expect(history.driver[invoked.at]).toBe(invoked.event);
    }
});

const OUTCOMES: readonly [string, readonly ("fail" | "info" | "failed" | "ok" | null)[], TurnRecord["outcome"]][] = [
  ["one ok makes it ok", ["info", "fail", "ok"], "ok"],
  ["failed for good is failed", ["info", "failed"], "failed"],
  ["one info among refusals is info", ["fail", "info", "fail"], "info"],
  ["an attempt of which nothing was heard may have been accepted", ["fail", null], "info"],
  ["refusals alone are fail", ["fail", "fail"], "fail"],
  ["no attempt is unasked", [], "unasked"],
];
test.each(OUTCOMES)("the outcome of a turn: %s", (_, ends, outcome) => {
  const driver = ends.flatMap((e, index) => {
    const of = { s: "a", n: 1, a: index + 1 };
    const invoke = { e: "invoke", t: index, ...of } as const;
    if (e === null) return [invoke];
    const end = { e, t: index, ...of, h: "h", code: "c", why: "w" } as const;
    return [invoke, end];
  });
  const enabled = { e: "enabled", t: 0, s: "a", n: 1 } as const;
  const index = buildIndex({ plan: planFor({ a: "chat" }), driver: [enabled, ...driver], world: [], trial: [] });
  expect(turnOf(index, "a", 1).outcome).toBe(outcome);
});

test("a fault is over when every process that it ended is ready again, and touches what was pending until then", () => {
  const index = clean();
  const fault = index.faults[0];
  expect(fault).toMatchObject({ id: "f1", firedMs: 5_000, curedMs: 5_200, readyMs: 5_200 });
  expect(fault && turnsTouchedBy(index, fault).map(({ session, number }) => [session, number])).toEqual([["a", 2]]);
});

test("a process that is never ready again touches everything after", () => {
  const builder = cleanKill();
  builder.trial = builder.trial.filter(({ e }) => e !== "ready" && e !== "cured");
  const index = buildIndex(builder.history());
  const fault = index.faults[0];
  expect(fault?.readyMs).toBeNull();
  expect(fault && turnsTouchedBy(index, fault)).toHaveLength(4);
});

test("a fault that ends no process is over when it is cured, or when whoever died of it meanwhile is back", () => {
  const process = { process: "server", replica: 0 } as const;
  const fault: TrialEvent[] = [
    { e: "ready", t: 100, ...process, i: 1 },
    { e: "fault", t: 5_000, id: "f1", kind: "postgres-kill" },
    { e: "landed", t: 5_010, id: "f1", proof: "gone" },
    { e: "cured", t: 5_500, id: "f1" },
  ];
  const died: TrialEvent[] = [
    { e: "exit", t: 5_200, ...process, i: 1, code: 1, signal: null, expected: false },
    { e: "ready", t: 5_900, ...process, i: 2 },
  ];
  const readyMs = (trial: TrialEvent[]) =>
    buildIndex({ plan: planFor({}), driver: [], world: [], trial }).faults[0]?.readyMs;
  expect(readyMs(fault)).toBe(5_500);
  expect(readyMs([...fault, ...died].sort((a, b) => a.t - b.t))).toBe(5_900);
  const later = died.map((event) => ({ ...event, t: event.t + 1_000 }));
  expect(readyMs([...fault, ...later])).toBe(5_500);
  expect(readyMs(fault.slice(0, -1))).toBeNull();
});

test("events of sessions that nobody planned, and answers to nothing, do no harm", () => {
  const history = {
    plan: planFor({}),
    driver: [{ e: "ok", t: 1, s: "x", n: 1, a: 1, h: "h" }] as const,
    world: [
      { e: "said", t: 1, s: "x", n: 1, k: 1, p: 1, tokens: 1, end: "done" },
      { e: "told", t: 1, s: "x", n: 1, k: 1, c: 0, p: 1, status: 200 },
    ] as const,
    trial: [],
  };
  const index = buildIndex(history);
  expect(turnOf(index, "x", 1)).toMatchObject({ cohort: "", outcome: "ok", purchases: [], tools: [] });
});

test("an instant belongs to the phase that began last", () => {
  const { phases } = clean();
  expect([-1, 0, 499, 500, 8_950, 99_999].map((ms) => phaseAt(phases, ms))).toEqual([
    null,
    "warmup",
    "warmup",
    "calm",
    "proof",
    "end",
  ]);
});

test("what counts for memory is the last first request before the answer", () => {
  const builder = cleanKill();
  builder.world.push({ e: "ask", t: 5_990, s: "a", n: 2, k: 1, r: 9, p: 9, i: 2, links: [], bytes: 1 });
  const index = buildIndex(builder.history());
  const session = index.session.get("a");
  expect(session && isIntact(session, turnOf(index, "a", 2))).toBe(true);
});

test("an answer of a tool belongs to the request that met the same fault, or to none of them, whichever was first", () => {
  const of = { s: "a", n: 1, k: 1, c: 0, p: 1 };
  const tool = { e: "tool", ...of, name: "save_note", i: 1 } as const;
  const world = [
    { ...tool, t: 1, fault: "hang" },
    { ...tool, t: 2 },
    { e: "told", t: 3, ...of, status: 200 },
    { e: "told", t: 9, ...of, status: 0, fault: "hang", aborted: true },
  ] as const;
  const index = buildIndex({ plan: planFor({ a: "chat" }), driver: [], world, trial: [] });
  expect(turnOf(index, "a", 1).tools.map(({ asked, told }) => [asked.event.t, told?.event.t])).toEqual([
    [1, 9],
    [2, 3],
  ]);
});

test("a turn knows when it was held, and for which fault", () => {
  const of = { s: "a", n: 1, k: 1, at: "asked", id: "f1" } as const;
  const world = [
    { e: "held", t: 1, ...of },
    { e: "released", t: 5, ...of },
    { e: "held", t: 7, ...of, id: "f2" },
  ] as const;
  const index = buildIndex({ plan: planFor({ a: "chat" }), driver: [], world, trial: [] });
  expect(turnOf(index, "a", 1).holds.map(({ held, released }) => [held.event.id, released?.event.t])).toEqual([
    ["f1", 5],
    ["f2", undefined],
  ]);
});

test("starts of processes are known by their number, from start to end", () => {
  const { incarnations } = clean();
  expect(incarnations).toEqual([{ i: 2, process: "server", replica: 0, startMs: 5_010, readyMs: 5_200, exitMs: null }]);
});
