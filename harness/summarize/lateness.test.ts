import { expect, test } from "vitest";
import { answerOf, cleanKill, HistoryBuilder, planFor } from "../checkers/history-builder.ts";
import type { PlannedSession } from "../trial.ts";
import { trialOf } from "./recording-builder.ts";

/** One session that was planned for two turns of 650 ms with a think time of 1,000 ms between them, from 1,000 on. */
function planned(changes: Partial<PlannedSession> = {}): HistoryBuilder {
  const sessions = [{ id: "a", cohort: "chat", arriveMs: 1_000, turns: 2, thinkMs: [1_000], ...changes }];
  const builder = new HistoryBuilder({ ...planFor({ a: "chat" }), sessions });
  builder.phases({ warmup: 0, calm: 500, fault: 4_500, heal: 7_500, quiet: 8_000, proof: 8_900, end: 15_000 });
  builder.driver.push({ e: "arrive", t: 1_000, s: "a" });
  return builder.turn("a", 1, 1_000, []);
}
const latenessOf = (builder: HistoryBuilder) => trialOf(builder, {}).lateness;
const one = (max: number, censored: number) => [
  { cohort: "chat", latenessMs: { n: 1, p50: null, p90: null, p99: null, max, censored } },
];

test("a session is late by what all its turns lost, once", () => {
  // 30 ms lost in the first turn, so the second is enabled at 2,680; 500 more are lost in it. Ideal: 1,000 + 650 + 1,000 + 650.
  const builder = planned().enable("a", 2, 2_680).invoke("a", 2, 2_680).ok("a", 2, 3_830, answerOf("a", 2));
  expect(latenessOf(builder)).toEqual(one(530, 0));
});

test("a session that was not let to its end is late so far, censored", () => {
  expect(latenessOf(planned({ turns: 3, thinkMs: [1_000, 9_000] }))).toEqual(one(30, 1));
});

test("a pending turn adds what it has lost already, and nothing while it is within its floor", () => {
  const pending = (t: number) => {
    const builder = planned().enable("a", 2, 2_680).invoke("a", 2, 2_680);
    builder.driver.push({ e: "censored", t, s: "a", n: 2 });
    return latenessOf(builder);
  };
  expect(pending(13_000)).toEqual(one(13_000 - 3_300, 1));
  expect(pending(2_900)).toEqual(one(30, 1));
});

test("sessions without a turn, and proof turns, are no samples", () => {
  expect(latenessOf(cleanKill())).toEqual([]);
  const builder = planned({ turns: 1, thinkMs: [] }).proof("a", 2, 9_000, [1]);
  expect(latenessOf(builder)).toEqual(one(30, 0));
});
