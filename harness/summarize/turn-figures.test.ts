/** Floor, overhead and holding time of single turns whose right figures are computed by hand. */
import { expect, test } from "vitest";
import { answerOf, HistoryBuilder, planFor } from "../checkers/history-builder.ts";
import { buildIndex } from "../checkers/history-index.ts";
import type { WorldEvent } from "../history.ts";
import { constant } from "../random.ts";
import type { TurnScript } from "../scenario.ts";
import { turnFigures } from "./turn-figures.ts";

const said = { firstTokenMs: constant(100), tokens: constant(11) };

/** A history of session a's first turn, enabled at 1,000, in which the model follows this script. */
function historyOf(script: TurnScript): HistoryBuilder {
  const plan = planFor({ a: "chat" });
  const { chat } = plan.definition.cohorts;
  if (chat === undefined) throw new Error("the plan has no cohort chat");
  const definition = { ...plan.definition, cohorts: { chat: { ...chat, script } } };
  const builder = new HistoryBuilder({ ...plan, definition });
  builder.phases({ warmup: 0, calm: 500, fault: 60_000 });
  return builder.enable("a", 1, 1_000).invoke("a", 1, 1_000);
}

function figuresOf(builder: HistoryBuilder) {
  const [figures] = turnFigures(builder.plan, buildIndex(builder.history()));
  const { floorMs, latencyMs, overheadMs, holdingMs } = figures ?? {};
  return { floorMs, latencyMs, overheadMs, holdingMs };
}

const call = (c: number, t: number, tookMs: number): WorldEvent[] => {
  const of = { s: "a", n: 1, k: 1, c, p: 1 };
  return [
    { e: "tool", t, ...of, name: `tool${c}`, i: 1 },
    { e: "told", t: t + tookMs, ...of, status: 200 },
  ];
};

/** Calls of two tools, 200 and 300 ms long. */
const twoTools: TurnScript = [
  { say: said, call: ["slow", "slower"] },
  { tool: "slow", takesMs: constant(200), effect: "keyed" },
  { tool: "slower", takesMs: constant(300), effect: "keyed" },
  { say: said },
];

test("parallel calls count their maximum; a runtime that runs them one after the other has overhead without holding", () => {
  const parallel = historyOf(twoTools).sell("a", 1, { step: 1, at: 1_010 });
  parallel.world.push(...call(0, 1_315, 200), ...call(1, 1_315, 300));
  parallel.sell("a", 1, { step: 2, at: 1_620 }).ok("a", 1, 1_925, answerOf("a", 1));
  expect(figuresOf(parallel)).toEqual({ floorMs: 900, latencyMs: 925, overheadMs: 25, holdingMs: 25 });

  const serial = historyOf(twoTools).sell("a", 1, { step: 1, at: 1_010 });
  serial.world.push(...call(0, 1_315, 200), ...call(1, 1_515, 300));
  serial.sell("a", 1, { step: 2, at: 1_820 }).ok("a", 1, 2_125, answerOf("a", 1));
  expect(figuresOf(serial)).toEqual({ floorMs: 900, latencyMs: 1_125, overheadMs: 225, holdingMs: 25 });
});

test("calls that overlap in part are owed once", () => {
  const builder = historyOf(twoTools).sell("a", 1, { step: 1, at: 1_010 });
  builder.world.push(...call(0, 1_310, 200), ...call(1, 1_410, 300));
  builder.sell("a", 1, { step: 2, at: 1_710 }).ok("a", 1, 2_010, answerOf("a", 1));
  // Owed without a break from 1,010 to 2,010.
  expect(figuresOf(builder)).toEqual({ floorMs: 900, latencyMs: 1_010, overheadMs: 110, holdingMs: 10 });
});

test("ordered waits add up: each step after the other, and a sleep of the runtime's own, which it holds itself", () => {
  const builder = historyOf([{ say: said, call: { sleep: { ms: 400 } } }, { say: said }]);
  builder.sell("a", 1, { step: 1, at: 1_010 }).sell("a", 1, { step: 2, at: 1_715 }).ok("a", 1, 2_020, answerOf("a", 1));
  expect(figuresOf(builder)).toEqual({ floorMs: 1_000, latencyMs: 1_020, overheadMs: 20, holdingMs: 420 });
});

const single: TurnScript = [{ say: said }];
const refusedAt = (t: number, until: number, denied: { status?: number; aborted?: true }): WorldEvent[] => {
  const of = { s: "a", n: 1, k: 1, r: 1, fault: "some" };
  return [
    { e: "ask", t, ...of, i: 1, bytes: 400 },
    { e: "denied", t: until, ...of, ...denied },
  ];
};

test("the wait that a Retry-After asks for is overhead, and held by the runtime: the World owes nothing meanwhile", () => {
  const builder = historyOf(single);
  builder.world.push(...refusedAt(1_010, 1_010, { status: 429 }));
  builder.sell("a", 1, { step: 1, at: 2_010 }).ok("a", 1, 2_315, answerOf("a", 1));
  expect(figuresOf(builder)).toEqual({ floorMs: 300, latencyMs: 1_315, overheadMs: 1_015, holdingMs: 1_015 });
});

test("a request that gets no answer is owed until the runtime leaves; its pause after that is its own", () => {
  const builder = historyOf(single);
  builder.world.push(...refusedAt(1_010, 31_010, { aborted: true }));
  builder.sell("a", 1, { step: 1, at: 31_510 }).ok("a", 1, 31_815, answerOf("a", 1));
  expect(figuresOf(builder)).toEqual({ floorMs: 300, latencyMs: 30_815, overheadMs: 30_515, holdingMs: 515 });
});

test("a completion that broke off was owed until then, and the one bought again as well", () => {
  const builder = historyOf(single).sell("a", 1, { step: 1, at: 1_010, abortedAt: 1_200 });
  builder.sell("a", 1, { step: 1, p: 2, at: 1_700 }).ok("a", 1, 2_005, answerOf("a", 1, 2));
  expect(figuresOf(builder)).toEqual({ floorMs: 300, latencyMs: 1_005, overheadMs: 705, holdingMs: 515 });
});

test("backpressure is the runtime's, but never more of it than what was owed before the turn ended", () => {
  const blocked = (blockedMs: number, endMs: number) => {
    const builder = historyOf(single).sell("a", 1, { step: 1, at: 1_010 });
    builder.editWorld((event) => (event.e === "said" ? { ...event, blockedMs } : event));
    return figuresOf(builder.ok("a", 1, endMs, answerOf("a", 1)));
  };
  expect(blocked(120, 1_315)).toMatchObject({ latencyMs: 315, holdingMs: 135 });
  expect(blocked(0, 1_315)).toMatchObject({ holdingMs: 15 });
  // Answered at 1,110 from elsewhere: the World had owed 100 ms by then.
  expect(blocked(250, 1_110)).toMatchObject({ latencyMs: 110, holdingMs: 110 });
});

test("an answer that comes before the floor is a negative overhead, and stays one", () => {
  const builder = historyOf(single).ok("a", 1, 1_100, answerOf("a", 1));
  expect(figuresOf(builder)).toEqual({ floorMs: 300, latencyMs: 100, overheadMs: -200, holdingMs: 100 });
});
