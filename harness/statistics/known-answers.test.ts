/** Against a second implementation: SciPy, statsmodels and lifelines (testing/vectors.py). */
import { describe, expect, test } from "vitest";
import { lowerBound, upperBound } from "./binomial.ts";
import { smallestDetectable, tPower } from "./detectable.ts";
import { holm } from "./holm.ts";
import { normalCdf, normalQuantile } from "./normal.ts";
import { signFlip } from "./permutation.ts";
import { noncentralTCdf, tCdf, tQuantile } from "./student.ts";
import { survivalBand } from "./survival.ts";
import { shareBeyond } from "./testing/stall-model.ts";
import vectors from "./testing/vectors.json" with { type: "json" };

/** Off by at most this share of the expected value. */
function near(found: number, expected: number, tolerance: number): void {
  expect(Math.abs(found - expected), `${found} for ${expected}`).toBeLessThanOrEqual(
    tolerance * Math.abs(expected) + 1e-15,
  );
}

describe("known answers", () => {
  test("of the normal distribution, far tails included", () => {
    for (const { p, z } of vectors.normal) {
      near(normalCdf(z), p, 1e-11);
      near(normalQuantile(p), z, 1e-9);
    }
  });

  test("of Student's t", () => {
    for (const { p, degrees, t } of vectors.student) {
      near(tCdf(t, degrees), p, 1e-10);
      near(tQuantile(p, degrees), t, 1e-10);
    }
  });

  test("of the noncentral t and the power of a t test", () => {
    for (const { t, degrees, shift, p } of vectors.noncentral)
      expect(noncentralTCdf(t, degrees, shift)).toBeCloseTo(p, 9);
    for (const { pairs, alpha, effect, power } of vectors.tPower) {
      expect(tPower(effect * Math.sqrt(pairs), pairs, alpha)).toBeCloseTo(power, 9);
      if (power > 0.05 && power < 0.999) near(smallestDetectable(1, pairs, alpha, power) ?? 0, effect, 1e-6);
    }
  });

  test("of Clopper and Pearson's bounds", () => {
    for (const { successes, n, level, lower, upper } of vectors.binomial) {
      near(lowerBound(successes, n, level), lower, 1e-9);
      near(upperBound(successes, n, level), upper, 1e-9);
    }
  });

  test("of the sign-flip test, ties and a zero included", () => {
    for (const { values, p } of vectors.signFlip) expect(signFlip(values)).toBeCloseTo(p, 12);
  });

  test("of Holm's procedure", () => {
    for (const { p, adjusted, significant } of vectors.holm) {
      const found = holm(p, 0.05);
      expect(found.map((one) => one.significant)).toEqual(significant);
      for (const [index, one] of found.entries()) expect(one.adjusted).toBeCloseTo(adjusted[index] ?? -1, 12);
    }
  });

  test("of Kaplan and Meier's curve with Greenwood's intervals", () => {
    for (const { times, happened, level, steps } of vectors.kaplanMeier) {
      const band = survivalBand(
        times.map((ms, index) => ({ ms, happened: happened[index] === true })),
        level,
      );
      expect(band.map(([ms]) => ms)).toEqual(steps.map(([ms]) => ms));
      for (const [index, [, left, low, high]] of band.entries()) {
        const [, expectedLeft = -1, expectedLow = -1, expectedHigh = -1] = steps[index] ?? [];
        expect(left).toBeCloseTo(expectedLeft, 10);
        // Where nobody is left the variance is not known; lifelines says 0 to 0 there, we say 0 to 1.
        if (left <= 1e-12) expect([low, high]).toEqual([0, 1]);
        else {
          expect(low).toBeCloseTo(expectedLow, 8);
          expect(high).toBeCloseTo(expectedHigh, 8);
        }
      }
    }
  });

  test("of the tail of the stall model", () => {
    for (const { ms, beyond } of vectors.stallModel) near(shareBeyond(ms), beyond, 1e-7);
  });
});
