import { describe, expect, test } from "vitest";
import { cleanKill } from "../checkers/history-builder.ts";
import { bucketOf, HEAT_EDGES_MS, heatOf } from "./heat-map.ts";
import { overheadIntervals } from "./overhead-intervals.ts";
import { trialOf } from "./recording-builder.ts";
import type { TurnFigures } from "./turn-figures.ts";

/** An answered turn; what charts do not read is left out. */
function turn(endMs: number, overheadMs: number, cohort = "chat"): TurnFigures {
  const figures = {
    end: "answered",
    endMs,
    enabledMs: endMs - overheadMs,
    overheadMs,
    phase: "calm",
    turn: { cohort },
  };
  return figures as TurnFigures;
}
const everySecond = (ms: number): number => Math.floor(ms / 1000);

describe("the heat map", () => {
  test.each([
    [-20, 0],
    [0.99, 0],
    [1, 1],
    [1.5, 2],
    [6.9, 5],
    [1_000, 19],
    [99_999, 30],
    [100_000, 31],
    [3_600_000, 31],
  ])("an overhead of %f ms lies in bucket %i", (overheadMs, bucket) => {
    expect(bucketOf(overheadMs)).toBe(bucket);
  });

  test("a column has the lowest bucket and the counts from there to the highest", () => {
    const { columns, everyS } = heatOf(
      [turn(100, 1.2), turn(900, 1.4), turn(950, 3.5), turn(2_100, 40)],
      3,
      everySecond,
    );
    expect(everyS).toBe(1);
    expect(columns).toEqual([[1, 2, 0, 0, 1], [], [10, 1]]);
  });

  test("in a long trial columns are wider, and every count stays, the only worst turn too", () => {
    const seconds = 7_200;
    const turns = Array.from({ length: 5_000 }, (_, n) => turn((n * 1_439) % (seconds * 1000), (n % 97) + 1));
    const { columns, everyS } = heatOf([...turns, turn(3_600_500, 250_000)], seconds, everySecond);
    expect([everyS, columns.length]).toEqual([24, 300]);
    expect(columns.flatMap(([, ...counts]) => counts).reduce((sum, n) => sum + n, 0)).toBe(5_001);
    const [first = 0, ...counts] = columns[150] ?? [];
    expect(first + counts.length - 1).toBe(HEAT_EDGES_MS.length);
  });

  test("of a trial it holds all answered turns but proof turns", () => {
    const { heat, goodput } = trialOf(cleanKill());
    const n = heat?.columns.flatMap(([, ...counts]) => counts).reduce((sum, count) => sum + count, 0);
    expect(n).toBe(goodput.intact + goodput.amnesiac);
  });
});

describe("intervals of overhead", () => {
  /** Steady turns over this many seconds, their overheads from 1 to 100 ms. */
  const steady = (seconds: number): TurnFigures[] =>
    Array.from({ length: seconds * 20 }, (_, n) => turn(n * 50, ((n * 37) % 100) + 1));

  test("hold the quantile, and are null where the run is too short", () => {
    const [p50, p90, p99] = overheadIntervals(steady(40), ["chat", "chat"]);
    expect(p50).toMatchObject({ cohort: "chat", phase: "calm", q: 0.5, ms: 50, n: 800 });
    expect(p50?.lowMs).toBeLessThan(50);
    expect(p50?.highMs).toBeGreaterThan(50);
    expect(p90?.lowMs).toBeLessThan(90);
    // The slow hundredth of 40 s is less than half a second.
    expect(p99).toMatchObject({ ms: 99, lowMs: null, highMs: null });
  });

  test("a quantile with too few turns beyond it is not given", () => {
    const [, , p99] = overheadIntervals(steady(4), ["chat"]);
    expect(p99?.ms).toBeNull();
  });

  test("other cohorts, and phases without turns, have none", () => {
    expect(overheadIntervals(steady(4), ["silent"])).toEqual([]);
    expect(new Set(overheadIntervals(steady(4), ["chat"]).map(({ phase }) => phase))).toEqual(new Set(["calm"]));
  });
});

describe("turns that did not end well", () => {
  test("stand in the second in which their client stopped asking", () => {
    const builder = cleanKill();
    builder.driver = builder.driver.filter((event) => !(event.e === "ok" && event.s === "b" && event.n === 2));
    builder.driver.push({ e: "late", t: 7_000, s: "b", n: 2 }, { e: "censored", t: 15_000, s: "b", n: 2 });
    const { timeline, goodput } = trialOf(builder);
    const { endings } = timeline;
    const total = (series: readonly number[] | undefined): number => (series ?? []).reduce((sum, n) => sum + n, 0);
    expect(total(endings?.unknown)).toBe(goodput.unknown);
    expect(total(endings?.late)).toBe(goodput.late);
    expect(total(endings?.failed) + total(endings?.refused)).toBe(0);
  });
});

describe("the spectrum of the successful attempt", () => {
  test("parts from the intended one by what was waited for before it", () => {
    for (const { overheadMs, latencyMs, serviceMs, serviceOverheadMs, q } of trialOf(cleanKill()).spectrum) {
      expect(q?.length).toBe(overheadMs.length);
      expect(serviceOverheadMs?.length).toBe(serviceMs?.length);
      for (const [index, ms] of (serviceMs ?? []).entries()) expect(ms).toBeLessThanOrEqual(latencyMs[index] ?? 0);
    }
  });
});
