import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { randomOf } from "../random.ts";
import { designEffect, medianOf, nearestRank, Samples } from "./tail-quantiles.ts";

describe("nearest rank", () => {
  test("is the smallest value that at least a share q does not exceed", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 60 }),
        fc.constantFrom(0.01, 0.1, 0.5, 0.9, 0.99, 1),
        (values, q) => {
          const ascending = [...values].sort((a, b) => a - b);
          const naive = ascending.find(
            (value) => ascending.filter((one) => one <= value).length >= q * values.length - 1e-9,
          );
          expect(nearestRank(ascending, q)).toBe(naive);
        },
      ),
    );
  });

  test("the median of nothing is null", () => {
    expect(medianOf([])).toBeNull();
    expect(medianOf([3, 1, 2])).toBe(2);
  });
});

/** Values spread evenly over `seconds`, drawn by index. */
function samplesOf(n: number, seconds: number, value: (index: number, timeMs: number) => number): Samples {
  const samples = new Samples();
  for (let index = 0; index < n; index++) {
    const timeMs = (index * seconds * 1000) / n;
    samples.add(value(index, timeMs), timeMs);
  }
  return samples;
}

describe("quantiles of few samples", () => {
  const uniform = randomOf(1, "values");

  test("are given from five samples beyond them on, not before", () => {
    const given = (n: number) => samplesOf(n, 20, () => uniform()).quantiles();
    expect(given(9)).toMatchObject({ n: 9, p50: null, p90: null, p99: null });
    expect(given(10).p50).not.toBeNull();
    expect(given(49).p90).toBeNull();
    expect(given(50).p90).not.toBeNull();
    expect(given(499).p99).toBeNull();
    expect(given(500).p99).not.toBeNull();
  });

  test("a tail that is one stall is one observation, so its p99 is not given", () => {
    const stalled = samplesOf(2_000, 20, (_, timeMs) => (timeMs >= 8_000 && timeMs < 8_600 ? 900 : 0) + uniform());
    expect(stalled.quantiles()).toMatchObject({ n: 2_000, p99: null });
    expect(stalled.quantiles().p50).not.toBeNull();
  });

  test("independent samples lose their p99 to chance in at most 5 of 100 cases", () => {
    let lost = 0;
    for (let seed = 0; seed < 100; seed++) {
      const draw = randomOf(seed, "independent");
      if (samplesOf(600, 20, () => draw()).quantiles().p99 === null) lost += 1;
    }
    expect(lost).toBeLessThanOrEqual(5);
  });

  test("censored values count at their bound", () => {
    const samples = new Samples();
    samples.add(5, 0);
    samples.add(700, 1, true);
    expect(samples.quantiles()).toEqual({ n: 2, p50: null, p90: null, p99: null, max: 700, censored: 1 });
  });

  test("nothing has neither quantiles nor a maximum", () => {
    expect(new Samples().quantiles()).toEqual({ n: 0, p50: null, p90: null, p99: null, max: null, censored: 0 });
  });
});

describe("design effect", () => {
  test("is the cluster size when whole seconds are alike", () => {
    const values: number[] = [];
    const timesMs: number[] = [];
    for (let second = 0; second < 20; second++)
      for (let n = 0; n < 10; n++) {
        values.push(second % 4 === 0 ? 1 : 0);
        timesMs.push(second * 1000 + n * 100);
      }
    // Five of twenty seconds are beyond: the variance of the counts is 10 times that of independent samples, times 20/19.
    expect(designEffect(values, timesMs, 0.5)).toBeCloseTo((10 * 20) / 19, 10);
  });

  test("is 1 where nothing or everything lies beyond, or the time is too short for blocks", () => {
    expect(designEffect([1, 1, 1], [0, 5_000, 9_000], 2)).toBe(1);
    expect(designEffect([1, 1, 1], [0, 5_000, 9_000], 0)).toBe(1);
    expect(designEffect([1, 0, 1, 0], [0, 1, 1_500, 2_000], 0.5)).toBe(1);
  });
});
