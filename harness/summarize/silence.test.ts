import fc from "fast-check";
import { expect, test } from "vitest";
import { answerOf, HistoryBuilder, planFor } from "../checkers/history-builder.ts";
import { buildIndex } from "../checkers/history-index.ts";
import { constant } from "../random.ts";
import { type Stall, silentSpans, stallsOf } from "./silence.ts";

const names = (count: number): string[] => Array.from({ length: count }, (_, n) => `s${n.toString(36)}`);

/** Sessions of cohort chat that live from 0 on; calm begins at 500, the fault phase at 5,000. */
function historyOf(count: number): HistoryBuilder {
  const sessions = Object.fromEntries(names(count).map((id) => [id, "chat"]));
  const builder = new HistoryBuilder(planFor(sessions, { faults: [] }));
  builder.phases({ warmup: 0, calm: 500, fault: 5_000, heal: 9_000, quiet: 9_500, proof: 9_900 });
  for (const s of names(count)) builder.driver.push({ e: "arrive", t: 0, s });
  return builder;
}
const stallIn = (builder: HistoryBuilder, phase: string) =>
  stallsOf(builder.plan, buildIndex(builder.history())).find((row) => row.phase === phase);

/** A turn at 1,000 whose second request to the model comes `lateMs` later than it should; it was to come at 1,370. */
function held(builder: HistoryBuilder, s: string, lateMs: number): void {
  builder
    .enable(s, 1, 1_000)
    .invoke(s, 1, 1_000)
    .sell(s, 1, { step: 1, at: 1_010 })
    .callTools(s, 1, 1_315)
    .sell(s, 1, { step: 2, at: 1_370 + lateMs })
    .ok(s, 1, 1_680 + lateMs, answerOf(s, 1));
}

test("turns that go as scripted are never silent", () => {
  const builder = historyOf(12);
  for (const s of names(12)) held(builder, s, 0);
  expect(stallIn(builder, "calm")).toMatchObject({ ofPending: { share: 0, of: 12 }, ofLive: { share: 0, of: 12 } });
});

test("a window counts the sessions that the runtime left alone through all of it", () => {
  // Three of twelve wait from the tools' end, 1,365, to 1,870: the windows from 1,400 to 1,800.
  const builder = historyOf(12);
  for (const [n, s] of names(12).entries()) held(builder, s, n < 3 ? 500 : 0);
  const stall: Stall = { share: 0.25, silent: 3, of: 12, atS: 1.4 };
  // At 1,700 the nine others have their answers, but three pending sessions are too few to be judged by their share.
  expect(stallIn(builder, "calm")).toEqual({ phase: "calm", ofPending: stall, ofLive: stall });
});

test("with few pending sessions only the share of the live ones is given", () => {
  const builder = historyOf(12);
  held(builder, "s0", 500);
  expect(stallIn(builder, "calm")).toEqual({
    phase: "calm",
    ofPending: null,
    ofLive: { share: 0.0833, silent: 1, of: 12, atS: 1.4 },
  });
});

test("a client that asks again and is refused does not break the silence of a dead runtime", () => {
  const builder = historyOf(10);
  for (const s of names(10)) {
    builder.enable(s, 1, 6_000);
    for (const [a, t] of [6_000, 6_150, 6_450, 6_800].entries()) {
      builder.invoke(s, 1, t, a + 1);
      builder.driver.push({ e: "fail", t: t + 1, s, n: 1, a: a + 1, why: "ECONNREFUSED" });
    }
  }
  expect(stallIn(builder, "fault")).toMatchObject({ ofPending: { share: 1, silent: 10, of: 10, atS: 6 } });
});

test("those who left, or had not come, are not live, and the proof round has no stall", () => {
  const builder = historyOf(4);
  held(builder, "s0", 500);
  builder.driver.push({ e: "leave", t: 700, s: "s1" });
  builder.editDriver((event) => (event.e === "arrive" && event.s === "s2" ? { ...event, t: 4_000 } : event));
  expect(stallIn(builder, "calm")?.ofLive).toEqual({ share: 0.5, silent: 1, of: 2, atS: 1.4 });
  expect(stallIn(builder, "proof")).toBeUndefined();
});

test("a scripted sleep is nobody's silence while it lasts, what follows it is", () => {
  const builder = historyOf(1);
  const { plan } = builder;
  const { chat } = plan.definition.cohorts;
  if (chat === undefined) throw new Error("the plan has no cohort chat");
  const say = { firstTokenMs: constant(100), tokens: constant(11) };
  const script = [{ say, call: { sleep: { ms: 1_000 } } }, { say }];
  const sleeping = { ...plan, definition: { ...plan.definition, cohorts: { chat: { ...chat, script } } } };
  builder.enable("s0", 1, 1_000).invoke("s0", 1, 1_000).sell("s0", 1, { step: 1, at: 1_010 });
  builder.sell("s0", 1, { step: 2, at: 2_510 }).ok("s0", 1, 2_820, answerOf("s0", 1));
  const turn = buildIndex({ ...builder.history(), plan: sleeping })
    .session.get("s0")
    ?.turn.get(1);
  if (turn === undefined) throw new Error("the turn is not in the index");
  expect(silentSpans(sleeping, turn, { fromMs: 1_000, toMs: 2_820 })).toEqual([
    { fromMs: 1_000, toMs: 1_010 },
    { fromMs: 2_310, toMs: 2_510 },
    { fromMs: 2_810, toMs: 2_820 },
  ]);
});

test("the first text that a client reads is an act of the runtime", () => {
  const builder = historyOf(1);
  builder.enable("s0", 1, 1_000).invoke("s0", 1, 1_000).ok("s0", 1, 2_000, answerOf("s0", 1));
  builder.driver.push({ e: "first", t: 1_450, s: "s0", n: 1, a: 1 });
  const turn = buildIndex(builder.history()).session.get("s0")?.turn.get(1);
  if (turn === undefined) throw new Error("the turn is not in the index");
  expect(silentSpans(builder.plan, turn, { fromMs: 1_000, toMs: 2_000 })).toEqual([
    { fromMs: 1_000, toMs: 1_450 },
    { fromMs: 1_450, toMs: 2_000 },
  ]);
});

test("windows are counted as if each were looked at by itself", () => {
  const turn = fc.record({ at: fc.integer({ min: 500, max: 3_000 }), late: fc.integer({ min: 0, max: 900 }) });
  fc.assert(
    fc.property(fc.array(turn, { minLength: 10, maxLength: 16 }), (turns) => {
      const builder = historyOf(turns.length);
      turns.forEach(({ at, late }, n) => {
        const s = `s${n.toString(36)}`;
        builder
          .enable(s, 1, at)
          .invoke(s, 1, at)
          .ok(s, 1, at + 10 + late, answerOf(s, 1));
        builder.sell(s, 1, { step: 1, at: at + late, abortedAt: at + late + 5 });
      });
      const found = stallIn(builder, "calm");
      let most: number | null = null;
      for (let from = 500; from < 5_000; from += 100) {
        const pending = turns.filter(({ at, late }) => at <= from && at + 10 + late >= from + 100);
        const silent = pending.filter(({ at, late }) => at + late >= from + 100);
        if (pending.length >= 10) most = Math.max(most ?? 0, silent.length / pending.length);
      }
      expect(found?.ofPending?.share ?? null).toEqual(most === null ? null : Math.round(most * 1e4) / 1e4);
    }),
  );
});

test("turns that are left out because they never had the ball for a window change nothing", () => {
  const late = fc.array(fc.integer({ min: 0, max: 250 }), { minLength: 10, maxLength: 16 });
  fc.assert(
    fc.property(late, (turns) => {
      const builder = historyOf(turns.length);
      turns.forEach((lateMs, n) => {
        held(builder, `s${n.toString(36)}`, lateMs);
      });
      const index = buildIndex(builder.history());
      const everyTurn = stallsOf(builder.plan, index, []);
      expect(stallsOf(builder.plan, index)).toEqual(everyTurn);
    }),
  );
});
