import { expect, test } from "vitest";
import { HistoryBuilder, planFor } from "../checkers/history-builder.ts";
import type { PlannedFault } from "../trial.ts";
import { trialOf } from "./recording-builder.ts";
import { recoveryFigures } from "./recovery.ts";

const killed = (id: string, restartAfterMs: number): PlannedFault => ({
  id,
  kind: "kill",
  role: "app",
  afterAcknowledged: 1,
  restartAfterMs,
  with: {},
});

/** Two kills, at 5,000 and 6,000 ms, each of which touches one session: `a` is late by 200 ms, `b` by 900. */
function twoKills(...delaysMs: readonly [number, number]): HistoryBuilder {
  const faults = [killed("f1", delaysMs[0]), killed("f2", delaysMs[1])];
  const builder = new HistoryBuilder(planFor({ a: "chat", b: "chat" }, { faults }));
  builder.phases({ warmup: 0, calm: 500, fault: 4_500, heal: 8_500, quiet: 9_000, proof: 9_900, end: 15_000 });
  builder.kill(5_000, 5_100).kill(6_000, 6_800, "f2", 3);
  for (const [s, enabledMs, lateMs] of [
    ["a", 5_050, 200],
    ["b", 6_050, 900],
  ] as const) {
    builder.turn(s, 1, enabledMs + lateMs, [], 2);
    builder.driver = builder.driver.map((event) =>
      event.e === "enabled" && event.s === s ? { ...event, t: enabledMs } : event,
    );
  }
  return builder;
}

test("recovery is told apart by how long processes stayed down, where faults differ in it", () => {
  const [recovery] = trialOf(twoKills(0, 500)).recovery;
  const all = { touched: 1, recovered: 1, amnesiac: 0, never: 0 };
  // 30 ms beyond the floor of every turn, and what it was late.
  expect(recovery?.byRestart).toEqual([
    { restartAfterMs: 0, ...all, medianMs: 230, p90Ms: 230, p99Ms: null, maxMs: 230 },
    { restartAfterMs: 500, ...all, medianMs: 930, p90Ms: 930, p99Ms: null, maxMs: 930 },
  ]);
  expect(recovery).toMatchObject({ touched: 2, maxMs: 930 });
});

test("and is not where they are alike", () => {
  const [recovery] = trialOf(twoKills(500, 500)).recovery;
  expect(recovery?.touched).toBe(2);
  expect(recovery).not.toHaveProperty("byRestart");
});

test("the 99th percentile is told of 500 touched sessions and not of fewer, and is never where too many never came back", () => {
  const samples = (touched: number, lost: number) =>
    Array.from({ length: touched }, (_, index) =>
      index < lost
        ? ({ ms: 9_000, happened: false, end: "never" } as const)
        : ({ ms: index, happened: true, end: "recovered" } as const),
    );
  expect(recoveryFigures(samples(499, 0)).p99Ms).toBeNull();
  expect(recoveryFigures(samples(500, 0)).p99Ms).toBe(494);
  expect(recoveryFigures(samples(500, 6)).p99Ms).toBeNull();
});
