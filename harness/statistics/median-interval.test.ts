import { expect, test } from "vitest";
import { randomOf } from "../random.ts";
import { COVERAGE_LEAST, medianDistance, medianInterval, middleOf } from "./median-interval.ts";
import { normalQuantile } from "./normal.ts";

test("the middle of mirrored values is the mirrored middle", () => {
  expect([middleOf([]), middleOf([4]), middleOf([1, 2]), middleOf([9, 1, 2])]).toEqual([null, 4, 1.5, 2]);
  expect(middleOf([-1, -2])).toBe(-1.5);
});

test("five values give their range, fewer nothing, more the ranks of the table of order statistics", () => {
  const ranks = (n: number) => medianInterval(Array.from({ length: n }, (_, index) => n - index));
  expect(ranks(4)).toBeNull();
  expect(ranks(5)).toMatchObject({ low: 1, high: 5 });
  expect(ranks(5)?.coverage).toBeCloseTo(30 / 32, 10);
  expect(ranks(9)).toMatchObject({ low: 2, high: 8 });
  expect(ranks(9)?.coverage).toBeCloseTo(1 - 20 / 512, 10);
  expect(ranks(20)).toMatchObject({ low: 6, high: 15 });
});

test("an interval lies beyond a limit as often as its distance promises", () => {
  const random = randomOf(1, "distance");
  const normal = (): number => normalQuantile(random() + 2 ** -33);
  for (const n of [1, 4, 9]) {
    const distance = medianDistance(2, n, 0.9);
    let beyond = 0;
    for (let trial = 0; trial < 4_000; trial++) {
      const values = Array.from({ length: n }, () => distance + 2 * normal());
      if ((medianInterval(values)?.low ?? Math.min(...values)) > 0) beyond += 1;
    }
    expect(Math.abs(beyond / 4_000 - 0.9)).toBeLessThan(3 * Math.sqrt(0.09 / 4_000));
  }
});

test("the interval covers the true median as often as it says, whatever the distribution", () => {
  const random = randomOf(1, "median");
  for (const n of [5, 8, 13]) {
    let covered = 0;
    let says = 0;
    for (let trial = 0; trial < 4_000; trial++) {
      // Exponential, skewed: its median is ln 2.
      const found = medianInterval(Array.from({ length: n }, () => -Math.log(1 - random())));
      if (found === null) throw new Error("an interval was expected");
      if (found.low <= Math.LN2 && Math.LN2 <= found.high) covered += 1;
      says = found.coverage;
    }
    expect(says).toBeGreaterThanOrEqual(COVERAGE_LEAST - 1e-9);
    // Three standard errors of 4,000 trials.
    expect(Math.abs(covered / 4_000 - says)).toBeLessThan(3 * Math.sqrt((says * (1 - says)) / 4_000));
  }
});
