import { describe, expect, it } from "vitest";
import { answerOf, HistoryBuilder, planFor } from "../checkers/history-builder.ts";
import type { HoldPoint, TrialEvent } from "../history.ts";
import type { Promises } from "../runner.ts";
import type { StepPoint } from "../scenario.ts";
import type { PlannedFault } from "../trial.ts";
import { trialOf, VOWED } from "./recording-builder.ts";
import type { StepSummary } from "./steps.ts";

function faultAt(at: StepPoint, id = "f1", members: readonly string[] = ["a", "b"]): PlannedFault {
  const atStep = { cohort: "chat", turn: 2, step: 1, at, call: 0, members, reachedMs: 1_000 };
  return { id, kind: "kill", role: "app", restartAfterMs: 0, with: {}, atStep };
}

/** Two sessions with an acknowledged turn each; the kill at 5,000 ms is proved at 5,005, and all is ready again at 5,200. */
function struck(at: StepPoint, exposed: Partial<Extract<TrialEvent, { e: "exposed" }>> = {}): HistoryBuilder {
  const builder = new HistoryBuilder(planFor({ a: "chat", b: "chat" }, { faults: [faultAt(at)] }));
  builder.phases({ warmup: 0, calm: 500, fault: 2_500, heal: 7_500, quiet: 8_000, proof: 8_900, end: 15_000 });
  builder.turn("a", 1, 1_000, []).turn("b", 1, 1_100, []);
  builder.trial.push({ e: "exposed", t: 4_999, id: "f1", at, members: 2, standing: 2, ...exposed });
  builder.kill(5_000, 5_200);
  return builder;
}

function hold(builder: HistoryBuilder, s: string, at: HoldPoint, fromMs: number, toMs: number, id = "f1"): void {
  const named = { s, n: 2, k: 1, at, id };
  builder.world.push({ e: "held", t: fromMs, ...named }, { e: "released", t: toMs, ...named, closed: true });
}

/** The second turn up to the kill: asked at `at`, its first completion wholly said 300 ms later. */
function begun(builder: HistoryBuilder, s: string, at: number): void {
  builder
    .enable(s, 2, at)
    .invoke(s, 2, at)
    .sell(s, 2, { step: 1, at, links: [1] });
  builder.driver.push({ e: "info", t: 5_003, s, n: 2, a: 1, why: "ECONNRESET" });
}

/** The second turn after the restart. @param from the step that the runtime goes on with */
function goesOn(builder: HistoryBuilder, s: string, from: "begin" | "tools", links: readonly number[]): void {
  const [p, i] = from === "begin" ? [2, 2] : [1, 2];
  builder.invoke(s, 2, 5_300, 2);
  if (from === "begin") builder.sell(s, 2, { step: 1, p, i, at: 5_310, links });
  builder
    .callTools(s, 2, 5_620, p, i)
    .sell(s, 2, { step: 2, p, i, at: 5_700 })
    .ok(s, 2, 6_010, answerOf(s, 2, p), 2);
}

function readAll(builder: HistoryBuilder, s: string, t: number, turns: readonly number[]): void {
  builder.read(s, t, Object.fromEntries(turns.map((turn) => [turn, answerOf(s, turn)])));
}

function stepOf(builder: HistoryBuilder, promises: Promises = VOWED): StepSummary {
  const [step] = trialOf(builder, promises).steps;
  if (step === undefined) throw new Error("no step was summarized");
  return step;
}

describe("the sample of a step", () => {
  it("is who stood there when the fault landed; all other pending turns are elsewhere", () => {
    const builder = struck("tool");
    begun(builder, "a", 4_500);
    hold(builder, "a", "tool", 4_820, 5_003);
    begun(builder, "b", 4_600);
    expect(stepOf(builder)).toMatchObject({ members: 2, held: 1, elsewhere: 1, needed: 30, tool: "save_note" });
  });

  it("does not count whoever had left before the strike", () => {
    const builder = struck("tool");
    begun(builder, "a", 4_500);
    hold(builder, "a", "tool", 4_820, 4_900);
    expect(stepOf(builder)).toMatchObject({ held: 0, elsewhere: 1 });
  });

  it("behind a tool's answer leaves out who has asked the model again before the fault landed", () => {
    const builder = struck("told");
    for (const s of ["a", "b"]) {
      begun(builder, s, 4_500);
      hold(builder, s, "applied", 4_850, 5_000);
      const call = { s, n: 2, k: 1, c: 0, p: 1 };
      builder.world.push(
        { e: "tool", t: 4_820, ...call, name: "save_note", i: 1 },
        { e: "told", t: 5_000, ...call, status: 200 },
      );
    }
    builder.sell("b", 2, { step: 2, at: 5_002, abortedAt: 5_003 });
    expect(stepOf(builder)).toMatchObject({ at: "told", held: 1, elsewhere: 1 });
  });

  it("before the first model request is who the proxy names and who has not asked yet", () => {
    const builder = struck("delivered", {
      held: [
        ["a", 4_700],
        ["b", 4_700],
      ],
    });
    builder.enable("a", 2, 4_600).invoke("a", 2, 4_600);
    builder
      .enable("b", 2, 4_600)
      .invoke("b", 2, 4_600)
      .sell("b", 2, { step: 1, at: 5_001, links: [1], abortedAt: 5_003 });
    expect(stepOf(builder)).toMatchObject({ at: "delivered", held: 1, elsewhere: 1 });
  });

  it("of a fault that was missed is empty, with the reason", () => {
    const builder = new HistoryBuilder(planFor({ a: "chat", b: "chat" }, { faults: [faultAt("asked")] }));
    builder.phases({ warmup: 0, calm: 500, fault: 2_500, heal: 7_500, end: 9_000 }).turn("a", 1, 1_000, []);
    builder.trial.push({ e: "missed", t: 7_000, id: "f1", why: "only 0 of 2 sessions stood there" });
    expect(stepOf(builder)).toMatchObject({ held: 0, elsewhere: 0, missed: "only 0 of 2 sessions stood there" });
  });

  it("is no matter of faults that strike at no step", () => {
    const builder = new HistoryBuilder(planFor({ a: "chat" }));
    builder.phases({ warmup: 0, calm: 500, fault: 2_500, heal: 7_500, end: 9_000 }).turn("a", 1, 1_000, []);
    builder.kill(5_000, 5_200);
    expect(trialOf(builder).steps).toEqual([]);
  });
});

describe("the figures of a step", () => {
  /** Both members are held before the effect of their tool; `a` goes on from there, `b` begins anew. */
  function bothHeld(linksOfB: readonly number[], shownOfB = [...linksOfB, 2, 3]): HistoryBuilder {
    const builder = struck("applied");
    for (const s of ["a", "b"]) {
      begun(builder, s, 4_500);
      builder.callTools(s, 2, 4_815);
      hold(builder, s, "applied", 4_850, 5_003);
    }
    goesOn(builder, "a", "tools", []);
    goesOn(builder, "b", "begin", linksOfB);
    builder.proof("a", 3, 9_000, [1, 2]).proof("b", 3, 9_100, [...linksOfB, 2]);
    readAll(builder, "a", 9_500, [1, 2, 3]);
    readAll(builder, "b", 9_600, shownOfB);
    return builder;
  }

  it("count completions bought again by class, and effects applied twice by kind", () => {
    const { repeats, doubled } = stepOf(bothHeld([1]));
    expect(repeats.avoidable).toMatchObject({ calls: 1, inputTokens: 100, outputTokens: 11 });
    expect(repeats.unavoidable.calls).toBe(0);
    expect(doubled).toEqual({ keyed: 2, plain: 2 });
  });

  it("count turns that reads and the model are not shown any more, with what they had cost", () => {
    const kept = stepOf(bothHeld([1]));
    expect(kept).toMatchObject({ acknowledged: 6, lostByRead: 0, forgotten: { turns: 0, sessions: 0, dollars: 0 } });
    const lost = stepOf(bothHeld([]));
    expect(lost).toMatchObject({ lostByRead: 1, forgotten: { turns: 1, sessions: 1 } });
    // Two completions of 400 bytes and 11 tokens each.
    expect(lost.forgotten).toMatchObject({ inputTokens: 200, outputTokens: 22 });
    expect(lost.recovery).toMatchObject({ recovered: 1, amnesiac: 1, never: 0 });
  });

  it("say nothing of reads where the runtime offers none", () => {
    expect(stepOf(bothHeld([]), { "durable-turns": "process" }).lostByRead).toBeNull();
  });

  it("do not charge a session's wait for the hold to its recovery", () => {
    // 4,500 to 6,010 less the floor of 650, the 153 ms of the hold, and the 30 ms of a turn before the fault.
    expect(stepOf(bothHeld([1])).recovery).toMatchObject({ recovered: 2, medianMs: 677, maxMs: 677 });
  });

  it("answer for the damage before the next fault alone", () => {
    // What the read at the end lacks was there until the second kill.
    const builder = bothHeld([1], [3]);
    const { plan } = builder;
    const twice = new HistoryBuilder({ ...plan, faults: [faultAt("applied"), faultAt("asked", "f2", [])] });
    twice.driver = [...builder.driver];
    twice.world = [...builder.world];
    twice.trial = [...builder.trial];
    readAll(twice, "a", 6_500, [1, 2]);
    readAll(twice, "b", 6_500, [1, 2]);
    twice.kill(7_000, 7_200, "f2", 3);
    expect(stepOf(builder).lostByRead).toBe(2);
    expect(stepOf(twice)).toMatchObject({ acknowledged: 4, lostByRead: 0 });
  });

  it("of an answer that was kept from its client go by the turn after it", () => {
    const builder = struck("answered", { held: [["a", 4_900]], standing: 1 });
    builder
      .enable("a", 2, 4_000)
      .invoke("a", 2, 4_000)
      .sell("a", 2, { step: 1, at: 4_010, links: [1] });
    builder.callTools("a", 2, 4_320).sell("a", 2, { step: 2, at: 4_400 }).ok("a", 2, 5_006, answerOf("a", 2));
    builder.turn("a", 3, 5_300, [1, 2], 2);
    expect(stepOf(builder)).toMatchObject({ held: 1, recovery: { recovered: 1, medianMs: 0 } });
  });
});
