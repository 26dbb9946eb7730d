import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { randomOf } from "../random.ts";
import { normalCdf } from "./normal.ts";
import { EXACT_PAIRS, signFlip, signFlipInterval, smallestP } from "./permutation.ts";
import { naiveSignFlip, naiveSignFlipInterval } from "./testing/naive.ts";

const differences = (least: number, most: number): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min: -20, max: 20 }), { minLength: least, maxLength: most });

describe("the sign-flip test", () => {
  test("counts what full enumeration counts, ties included", () => {
    fc.assert(
      fc.property(differences(1, 11), (values) => {
        expect(signFlip(values)).toBeCloseTo(naiveSignFlip(values), 12);
      }),
    );
  });

  test("is 1 of nothing, and where all agree as small as its pairs allow", () => {
    expect(signFlip([])).toBe(1);
    for (const pairs of [1, 7, 8, EXACT_PAIRS])
      expect(signFlip(Array.from({ length: pairs }, (_, index) => 1 + index / 7))).toBe(smallestP(pairs));
    expect(smallestP(8)).toBeLessThanOrEqual(0.01);
    expect(smallestP(7)).toBeGreaterThan(0.01);
  });

  test("with more pairs draws signs by the seed: the same p each time, near the exact one, never 0", () => {
    const random = randomOf(4, "differences");
    const values = Array.from({ length: EXACT_PAIRS + 6 }, () => random() - 0.42);
    expect(signFlip(values)).toBe(signFlip(values));
    // The normal limit is near the exact p for thirty light-tailed differences.
    const z = values.reduce((a, b) => a + b, 0) / Math.sqrt(values.reduce((a, b) => a + b * b, 0));
    expect(Math.abs(signFlip(values) - 2 * (1 - normalCdf(Math.abs(z))))).toBeLessThan(0.02);
    expect(signFlip(values.map(() => 1))).toBeCloseTo(2 / 20_001, 12);
  });
});

describe("the interval of the sign-flip test", () => {
  test("lies between the subset means that Hartigan names", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 8, maxLength: 10 }), (values) => {
        for (const alpha of [0.01, 0.05, 0.2]) {
          const naive = naiveSignFlipInterval(values, alpha);
          const found = signFlipInterval(values, alpha);
          expect(found?.low).toBeCloseTo(naive.low, 8);
          expect(found?.high).toBeCloseTo(naive.high, 8);
        }
      }),
      { numRuns: 40 },
    );
  });

  test("leaves out 0 where the test rejects it, and only there", () => {
    fc.assert(
      fc.property(differences(8, 14), fc.constantFrom(0.01, 0.05), (values, alpha) => {
        const found = signFlipInterval(values, alpha);
        const rejected = signFlip(values) <= alpha;
        const tolerance = 1e-9;
        if (rejected) expect((found?.low ?? 0) > -tolerance || (found?.high ?? 0) < tolerance).toBe(true);
        else expect((found?.low ?? 1) <= tolerance && (found?.high ?? -1) >= -tolerance).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  test("is not given with too few differences", () => {
    expect(signFlipInterval([1, 2, 3, 4, 5, 6, 7], 0.01)).toBeNull();
    expect(signFlipInterval([1, 2, 3, 4, 5], 0.05)).toBeNull();
    expect(signFlipInterval([], 0.05)).toBeNull();
  });

  test("covers the centre of skew-free errors as often as it says, also when signs are drawn", () => {
    for (const pairs of [9, EXACT_PAIRS + 4]) {
      let covered = 0;
      for (let seed = 0; seed < 200; seed++) {
        const random = randomOf(seed, "centre", pairs);
        const found = signFlipInterval(
          Array.from({ length: pairs }, () => 3 + random() - random()),
          0.05,
          { seed, draws: 500 },
        );
        if (found !== null && found.low <= 3 && found.high >= 3) covered += 1;
      }
      expect(covered).toBeGreaterThanOrEqual(180);
      expect(covered).toBeLessThan(200);
    }
  });
});
