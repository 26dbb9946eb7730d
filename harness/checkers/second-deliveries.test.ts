import { describe, expect, test } from "vitest";
import type { DriverEvent } from "../history.ts";
import { judgeTrial } from "../judge.ts";
import { timed, turnFigures } from "../summarize/turn-figures.ts";
import { answerOf, cleanKill, type HistoryBuilder, PROOF_FLOOR_MS, planFor } from "./history-builder.ts";
import { buildIndex } from "./history-index.ts";
import { secondDeliveries } from "./second-deliveries.ts";

const VOWED = { readable: true, effects: "exactly-once-with-keys" } as const;
const { definition } = planFor({});
const DUPLICATED = {
  ...definition.cohorts,
  chat: { ...definition.cohorts.chat, duplicates: { share: 1, after: "answered" } },
} as typeof definition.cohorts;

/** A clean kill trial in whose cohort turns are delivered twice. */
const twice = (): HistoryBuilder => cleanKill({ definition: { ...definition, cohorts: DUPLICATED } });

/** A second client sends a turn at `t` and hears this 20 ms later. */
function deliver(builder: HistoryBuilder, s: string, n: number, t: number, heard: Partial<DriverEvent>): void {
  builder.driver.push({ e: "invoke", t, s, n, a: 1, c: 2 });
  builder.driver.push({ t: t + 20, s, n, a: 1, c: 2, ...heard } as DriverEvent);
}

/** Verdicts of this result, of checkers that had something to judge. */
const failing = (builder: HistoryBuilder, result: false | "unknown" = false): string[] =>
  judgeTrial(builder.history(), VOWED)
    .filter((verdict) => verdict.result === result && verdict.exposures > 0)
    .map(({ checker }) => checker);

describe("a second delivery", () => {
  test("may be answered alike, refused, or come to nothing", () => {
    const heard: Partial<DriverEvent>[] = [
      { e: "ok", h: answerOf("b", 1) },
      { e: "fail", why: "status 409" },
      { e: "fail", why: "status 503" },
      { e: "info", why: "ECONNRESET" },
    ];
    for (const one of heard) {
      const builder = twice();
      deliver(builder, "b", 1, 2_800, one);
      deliver(builder, "a", 1, 2_900, { e: "ok", h: answerOf("a", 1) });
      expect(failing(builder)).toEqual([]);
      expect(failing(builder, "unknown")).toEqual([]);
    }
  });

  test("with another answer is a second answer of the turn", () => {
    const builder = twice();
    deliver(builder, "b", 1, 2_800, { e: "ok", h: "h.other" });
    expect(failing(builder)).toContain("C3");
  });

  test("that nobody ever answered makes the trial unknown, and a refused connection is no answer", () => {
    const builder = twice();
    deliver(builder, "b", 1, 2_800, { e: "fail", why: "ECONNREFUSED" });
    expect(failing(builder, "unknown")).toEqual(["C17"]);
    const index = buildIndex(builder.history());
    expect(secondDeliveries(index, DUPLICATED)).toEqual([{ cohort: "chat", sent: 1, answered: 0 }]);
  });

  test("changes no figure of the session's own client", () => {
    const figures = (builder: HistoryBuilder) =>
      turnFigures(builder.plan, buildIndex(builder.history())).map(({ latencyMs, end, serviceMs }) => [
        latencyMs,
        end,
        serviceMs,
      ]);
    const builder = twice();
    deliver(builder, "b", 1, 2_100, { e: "ok", h: answerOf("b", 1) });
    expect(figures(builder)).toEqual(figures(twice()));
  });
});

/** Session b, whose second client sends turn 3 (before the proof, then turn 4) at 6,100 ms, while its turn 2 runs. */
function rival(answered: boolean): HistoryBuilder {
  const builder = twice();
  builder.editDriver((event) => (event.s === "b" && event.t >= 9_000 ? undefined : event));
  builder.editWorld((event) => ("s" in event && event.s === "b" && event.t >= 9_000 ? undefined : event));
  builder.driver.push({ e: "invoke", t: 6_100, s: "b", n: 3, a: 1, c: 2 });
  builder.sell("b", 3, { step: 1, at: 6_700, i: 2, links: [1, 2] });
  builder.callTools("b", 3, 7_005, 1, 2);
  builder.sell("b", 3, { step: 2, at: 7_060, i: 2 });
  if (answered) builder.driver.push({ e: "ok", t: 7_380, s: "b", n: 3, a: 1, c: 2, h: answerOf("b", 3) });
  else builder.driver.push({ e: "info", t: 7_000, s: "b", n: 3, a: 1, c: 2, why: "timeout" });
  builder.proof("b", 4, 9_100, [1, 2, 3]);
  const turns = [1, 2, 3, 4].map((n) => [String(n), answerOf("b", n)]);
  return builder.read("b", 9_600, Object.fromEntries(turns));
}

describe("a turn that only a second client sent", () => {
  test("is no phantom, and its place in the conversation is what the runtime made of it", () => {
    expect(failing(rival(true))).toEqual([]);
    const either = rival(true);
    either.showLinks("b", 4, [1, 3, 2]);
    expect(failing(either)).toEqual([]);
  });

  test("must be kept and shown to the model once that client was told", () => {
    const lost = rival(true);
    lost.editRead("b", (turns) => turns.splice(2, 1));
    expect(failing(lost)).toEqual(["C1"]);
    const forgotten = rival(true);
    forgotten.showLinks("b", 4, [1, 2]);
    expect(failing(forgotten)).toEqual(["C18"]);
    const unknown = rival(false);
    unknown.showLinks("b", 4, [1, 2]);
    expect(failing(unknown)).toEqual([]);
  });

  test("has no times of its own when its client comes to it later", () => {
    const builder = rival(true);
    builder.enable("b", 3, 7_500).invoke("b", 3, 7_500).ok("b", 3, 7_504, answerOf("b", 3));
    const figures = turnFigures(builder.plan, buildIndex(builder.history()));
    const early = figures.filter(({ session, turn }) => session.id === "b" && turn.number === 3);
    expect(early).toMatchObject([{ latencyMs: 4, end: "answered", begunBefore: true }]);
    expect(timed(figures)).toHaveLength(figures.length - 1);
    expect(Math.min(...timed(figures).map(({ latencyMs }) => latencyMs))).toBeGreaterThan(PROOF_FLOOR_MS);
  });
});
