import { describe, expect, test } from "vitest";
import type { WorldEvent } from "../history.ts";
import { judgeTrial } from "../judge.ts";
import type { Promises } from "../runner.ts";
import type { Verdict } from "./checker.ts";
import { cleanKill, type HistoryBuilder } from "./history-builder.ts";
import {
  buyAgain,
  callLate,
  change,
  cleanReplicas,
  cleanSleep,
  cleanTakeover,
  isOf,
  readKill,
  WOKEN_MS,
  writeTogether,
} from "./history-scenes.ts";
import type { CheckerId } from "./index.ts";

const VOWED: Promises = { readable: true, effects: "exactly-once-with-keys", "fenced-effects": true };

const verdictOf = (builder: HistoryBuilder, id: CheckerId, promises: Promises = VOWED): Verdict =>
  judgeTrial(builder.history(), promises).find(({ checker }) => checker === id) as Verdict;

describe("what is not judged", () => {
  test.each([
    ["C4", "twice", () => cleanKill()],
    ["C5", "before its final read", () => cleanKill()],
    ["C8", "two copies", () => cleanKill()],
    ["C9", "changed hands", () => cleanKill()],
    ["C13", "no redeploy", () => cleanKill()],
    ["C14", "No timer", () => cleanKill()],
    ["C16", "Nobody looked", () => cleanKill()],
  ] as const)("%s is unknown where there is nothing to judge: %s", (id, reason, scene) => {
    const verdict = verdictOf(scene(), id);
    expect(verdict).toMatchObject({ result: "unknown", exposures: 0 });
    expect(verdict.reason).toContain(reason);
  });

  test("C5 is unknown when a session was never read again after a read that lacks a turn", () => {
    const builder = readKill();
    builder.editDriver((e) => (e.e === "read" && e.s === "b" && e.t > 6_000 ? undefined : e));
    builder.editDriver((e) => (e.e === "read" && e.s === "b" ? { ...e, turns: [] } : e));
    expect(verdictOf(builder, "C5").reason).toContain("no later one tells");
  });

  test("C5 says for how long the turn had been acknowledged", () => {
    const builder = readKill();
    builder.editDriver((e) => (e.e === "read" && e.s === "b" && e.t < 3_000 ? { ...e, turns: [] } : e));
    expect(verdictOf(builder, "C5").reason).toContain("by up to 120 ms");
  });

  test("late model calls and unfenced effects of a superseded owner are counted, not judged, without a vow", () => {
    const builder = cleanTakeover();
    buyAgain(builder, WOKEN_MS, 3, 1);
    callLate(builder, WOKEN_MS + 5, 1);
    const verdict = verdictOf(builder, "C9", { readable: true });
    expect(verdict.result).toBe(true);
    expect(verdict.reason).toContain("1 model call, 1 applied effect");
  });

  test("what a superseded owner buys is nobody's avoidable repeat", () => {
    const builder = cleanTakeover();
    buyAgain(builder, WOKEN_MS, 3, 1);
    expect(verdictOf(builder, "C7")).toMatchObject({ result: true });
  });

  test("an owner whose client may have asked it again when it woke is not known to be superseded", () => {
    const builder = cleanTakeover();
    builder.driver.push({ e: "invoke", t: 5_020, s: "a", n: 2, a: 9, c: 2 });
    expect(verdictOf(builder, "C9")).toMatchObject({ result: "unknown", exposures: 0 });
  });

  test("an owner that shows a higher fence than its successor has taken the session back", () => {
    const builder = cleanTakeover();
    callLate(builder, 5_400, 2, 2);
    callLate(builder, WOKEN_MS, 1, 3);
    expect(verdictOf(builder, "C9")).toMatchObject({ result: "unknown", exposures: 0 });
  });

  test("a copy that was asked for the session again between two acts may have taken it back", () => {
    const builder = cleanTakeover();
    buyAgain(builder, 9_300, 3, 1);
    buyAgain(builder, 9_600, 4, 2);
    buyAgain(builder, 9_900, 5, 1);
    builder.driver.push({ e: "invoke", t: 9_450, s: "a", n: 2, a: 9, c: 2 });
    builder.driver.push({ e: "invoke", t: 9_250, s: "a", n: 2, a: 8, c: 2 });
    expect(verdictOf(builder, "C8").result).toBe(true);
  });

  test("while the way to the model is disturbed the order of reading says nothing of who was first", () => {
    const builder = cleanReplicas();
    writeTogether(builder);
    builder.trial.push(
      { e: "fault", t: 5_700, id: "f9", kind: "latency" },
      { e: "landed", t: 5_705, id: "f9", proof: "an echo took longer" },
      { e: "cured", t: 6_600, id: "f9" },
    );
    expect(verdictOf(builder, "C8").result).toBe(true);
  });

  test("a tool that its caller gave up, or that met a fault, need not have answered", () => {
    for (const changes of [{ aborted: true }, { fault: "hang", status: 0 }]) {
      const builder = cleanKill();
      builder.editWorld((e) =>
        e.e === "told" && e.s === "b" && e.n === 1 && e.c === 0 ? ({ ...e, t: 2_400, ...changes } as WorldEvent) : e,
      );
      if ("fault" in changes)
        builder.editWorld((e) =>
          e.e === "tool" && e.s === "b" && e.n === 1 && e.c === 0 ? { ...e, fault: "hang" } : e,
        );
      expect(verdictOf(builder, "C10").result).toBe(true);
    }
  });

  test("a timer of a completion bought again may count from the first only where timers are durable", () => {
    const plant = (): HistoryBuilder => {
      const builder = cleanSleep();
      // Step 1 of turn 2 is bought again at 3,400; the timer fires when the first one would have.
      builder.sell("a", 2, { step: 1, p: 2, at: 3_400, links: [1] });
      builder.editWorld((e) => (e.e === "ask" && e.n === 2 && e.k === 2 ? { ...e, of: 2 } : e));
      return builder;
    };
    expect(verdictOf(plant(), "C14", { "durable-timers": true }).result).toBe(true);
    expect(verdictOf(plant(), "C14", {})).toMatchObject({ result: false, violations: 1 });
  });

  test("a timer may be 2 ms early, for clocks are rounded", () => {
    const builder = cleanSleep();
    builder.editWorld(change(isOf("ask", "a", 2, 2), { t: 3_708.1 }));
    expect(verdictOf(builder, "C14").result).toBe(true);
  });
});
