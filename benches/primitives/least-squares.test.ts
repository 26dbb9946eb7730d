import { expect, test } from "vitest";
import { leastSquares } from "./least-squares.ts";

test("exact sums give back what one of each costs, however different the quantities are in size", () => {
  const costs = [13, 1.4, 0.036];
  const counts = [
    [1, 0, 0],
    [1, 160, 5000],
    [1, 320, 5100],
    [1, 80, 9000],
  ];
  const totals = counts.map((row) => row.reduce((sum, count, at) => sum + count * (costs[at] ?? 0), 0));
  leastSquares(counts, totals)?.forEach((cost, at) => {
    expect(cost).toBeCloseTo(costs[at] ?? Number.NaN, 9);
  });
});

test("of two measurements of the same, the mean is believed", () => {
  expect(leastSquares([[2], [2]], [5, 7])).toEqual([3]);
});

test("the line through NIST's Norris data has the certified slope and intercept", () => {
  // https://www.itl.nist.gov/div898/strd/lls/data/Norris.shtml
  const x = [
    0.2, 337.4, 118.2, 884.6, 10.1, 226.5, 666.3, 996.3, 448.6, 777, 558.2, 0.4, 0.6, 775.5, 666.9, 338, 447.5, 11.6,
    556, 228.1, 995.8, 887.6, 120.2, 0.3, 0.3, 556.8, 339.1, 887.2, 999, 779, 11.1, 118.3, 229.2, 669.1, 448.9, 0.5,
  ];
  const y = [
    0.1, 338.8, 118.1, 888, 9.2, 228.1, 668.5, 998.5, 449.1, 778.9, 559.2, 0.3, 0.1, 778.1, 668.8, 339.3, 448.9, 10.8,
    557.7, 228.3, 998, 888.8, 119.6, 0.3, 0.6, 557.6, 339.3, 888, 998.5, 778.9, 10.2, 117.6, 228.9, 668.4, 449.2, 0.2,
  ];
  const [intercept, slope] = leastSquares(
    x.map((value) => [1, value]),
    y,
  ) ?? [Number.NaN, Number.NaN];
  expect(intercept).toBeCloseTo(-0.262323073774029, 10);
  expect(slope).toBeCloseTo(1.00211681802045, 12);
});

test("quantities that never differ from each other are not told apart", () => {
  expect(
    leastSquares(
      [
        [1, 2],
        [2, 4],
      ],
      [3, 6],
    ),
  ).toBeNull();
});
