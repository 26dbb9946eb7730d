import { describe, expect, test } from "vitest";
import { randomOf } from "../random.ts";
import { quantileInterval } from "./quantile-interval.ts";
import { nearestRank } from "./tail-quantiles.ts";
import { binomialInterval } from "./testing/naive.ts";
import { simulateStalls, trueQuantile } from "./testing/stall-model.ts";

/** Independent uniform values in [0, 1), evenly spread over the time. */
function independent(n: number, seconds: number, seed: number) {
  const random = randomOf(seed, "independent");
  return {
    values: Float64Array.from({ length: n }, () => random()),
    timesMs: Float64Array.from({ length: n }, (_, index) => (index * seconds * 1000) / n),
  };
}

describe("the interval of a quantile", () => {
  test("covers the true p99 of a stalling service in 90 of 100 runs of 300 s, where the textbook's covers a third at most", () => {
    const q = 0.99;
    const truth = trueQuantile(q);
    const runs = 100;
    // The textbook's needs another sort; a part of the runs is enough to see how bad it is.
    const textbookRuns = 30;
    let covered = 0;
    let textbook = 0;
    for (let seed = 0; seed < runs; seed++) {
      const { values, timesMs } = simulateStalls(300_000, randomOf(seed, "coverage"));
      const { lowMs, highMs } = quantileInterval(values, timesMs, q);
      if (lowMs !== null && highMs !== null && lowMs <= truth && truth <= highMs) covered += 1;
      if (seed >= textbookRuns) continue;
      const naive = binomialInterval(values.slice().sort(), q);
      if (naive !== null && naive.lowMs <= truth && truth <= naive.highMs) textbook += 1;
    }
    expect(covered).toBeGreaterThanOrEqual(90);
    expect(textbook).toBeLessThanOrEqual(textbookRuns / 3);
  }, 120_000);

  test("of independent values covers as it says, and is at most half as wide again as the textbook's", () => {
    let covered = 0;
    const widths: number[] = [];
    for (let seed = 0; seed < 200; seed++) {
      const { values, timesMs } = independent(5_000, 120, seed);
      const { lowMs, highMs } = quantileInterval(values, timesMs, 0.9);
      const naive = binomialInterval(values.slice().sort(), 0.9);
      if (lowMs === null || highMs === null || naive === null) throw new Error("an interval was expected");
      if (lowMs <= 0.9 && 0.9 <= highMs) covered += 1;
      widths.push((highMs - lowMs) / (naive.highMs - naive.lowMs));
    }
    expect(covered).toBeGreaterThanOrEqual(184);
    expect(nearestRank(Float64Array.from(widths).sort(), 0.5)).toBeLessThan(1.5);
  });

  test("of fewer than five effective samples beyond it is not given, nor is the quantile", () => {
    const few = independent(499, 300, 1);
    expect(quantileInterval(few.values, few.timesMs, 0.99)).toMatchObject({
      ms: null,
      lowMs: null,
      highMs: null,
      n: 499,
    });
    const stalled = independent(2_000, 20, 1);
    const values = stalled.values.map((value, index) => value + (index > 800 && index < 860 ? 900 : 0));
    const found = quantileInterval(values, stalled.timesMs, 0.99);
    expect(found).toMatchObject({ ms: null, lowMs: null, highMs: null });
    expect(found.effective).toBeLessThan(500);
    expect(quantileInterval([], [], 0.5)).toEqual({ q: 0.5, ms: null, lowMs: null, highMs: null, n: 0, effective: 0 });
  });

  test("is not given, though the quantile is, where blocks are shorter than twice the longest stall", () => {
    const { values, timesMs } = independent(5_000, 100, 2);
    const withStall = (longestStallMs: number) => quantileInterval(values, timesMs, 0.5, 0.95, { longestStallMs });
    expect(withStall(10_000).lowMs).not.toBeNull();
    expect(withStall(10_001)).toMatchObject({ lowMs: null, highMs: null });
    expect(withStall(10_001).ms).not.toBeNull();
    // What is not told is taken from the largest value.
    const one = values.map((value, index) => (index === 77 ? 12_000 : value));
    expect(quantileInterval(one, timesMs, 0.5)).toMatchObject({ lowMs: null, highMs: null });
  });

  test("is not given of a run so short that its slow share is under 0.55 s", () => {
    const short = independent(5_500, 54, 5);
    expect(quantileInterval(short.values, short.timesMs, 0.99)).toMatchObject({ lowMs: null, highMs: null });
    expect(quantileInterval(short.values, short.timesMs, 0.99).ms).not.toBeNull();
    expect(quantileInterval(short.values, short.timesMs, 0.98).lowMs).not.toBeNull();
    const longer = independent(5_500, 55, 5);
    expect(quantileInterval(longer.values, longer.timesMs, 0.99).lowMs).not.toBeNull();
  });

  test("has no upper end where the data end before it", () => {
    const { values, timesMs } = independent(600, 300, 3);
    const { lowMs, ms, highMs } = quantileInterval(values, timesMs, 0.99);
    expect(ms).not.toBeNull();
    expect(lowMs).not.toBeNull();
    // Six samples beyond p99: at 99.9 % not even the largest value is ruled out.
    expect(quantileInterval(values, timesMs, 0.99, 0.999).highMs).toBeNull();
    expect(highMs === null || highMs > (ms ?? 0)).toBe(true);
  });

  test("widens when processes differ, which one timeline cannot show", () => {
    const { values, timesMs } = independent(6_000, 240, 4);
    const processes = Int32Array.from(values, (_, index) => Math.floor(index / 1_000));
    const shifted = values.map((value, index) => value + 0.4 * Math.sin((processes[index] ?? 0) * 2.1));
    const same = quantileInterval(values, timesMs, 0.9, 0.95, { processes });
    const differing = quantileInterval(shifted, timesMs, 0.9, 0.95, { processes });
    const width = (of: typeof same): number => (of.highMs ?? Number.NaN) - (of.lowMs ?? Number.NaN);
    expect(width(same)).toBeLessThan(0.1);
    expect(differing.highMs === null || width(differing) > 3 * width(same)).toBe(true);
    expect(differing.effective).toBeLessThan(same.effective / 5);
  });
});
