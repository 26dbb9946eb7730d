import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { randomOf } from "../random.ts";
import { upperBound } from "./binomial.ts";
import { decidePairs } from "./decision.ts";
import { smallestDetectable, smallestDetectableBySigns } from "./detectable.ts";
import { signFlip } from "./permutation.ts";
import { ERRORS, type PairModel, simulatePairs } from "./testing/pair-model.ts";

/** Pairs around a ratio, with a little deterministic spread. */
const around = (ratio: number, pairs: number, spread = 0.02): number[] =>
  Array.from({ length: pairs }, (_, index) => Math.log(ratio) + spread * Math.sin(index * 2.4));

const model = (changes: Partial<PairModel>): PairModel => ({
  pairs: 10,
  spread: 0.05,
  errors: "normal",
  drift: 0,
  ratio: 1,
  ...changes,
});

/** Share of simulated decisions with this verdict. */
function shareOf(verdict: string, of: PairModel, decisions: number): number {
  let found = 0;
  for (let seed = 0; seed < decisions; seed++)
    if (decidePairs(simulatePairs(of, randomOf(seed, "share"))).verdict === verdict) found += 1;
  return found / decisions;
}

describe("a decision on pairs", () => {
  test("names the direction: larger is worse", () => {
    expect(decidePairs(around(1.2, 10)).verdict).toBe("worse");
    expect(decidePairs(around(1 / 1.2, 10)).verdict).toBe("better");
    expect(decidePairs(around(1, 10)).verdict).toBe("no difference");
  });

  test("gives the geometric mean of the ratios and intervals around it, the wider one at the higher level", () => {
    const { ratio, low, high, low95, high95, p } = decidePairs(around(1.2, 10));
    expect(ratio).toBeCloseTo(1.2, 2);
    const order = [low, low95, ratio, high95, high].map((one) => one ?? Number.NaN);
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(p).toBe(2 ** -9);
  });

  test("needs eight pairs at 1 % and six at 5 %, however clear they are", () => {
    expect(decidePairs(around(3, 7))).toMatchObject({ verdict: "not enough", low: null, high: null, detectable: null });
    expect(decidePairs(around(3, 8)).verdict).toBe("worse");
    expect(decidePairs(around(3, 5), { alpha: 0.05 }).verdict).toBe("not enough");
    expect(decidePairs(around(3, 6), { alpha: 0.05 }).verdict).toBe("worse");
  });

  test("of no pairs holds no number at all", () => {
    const { verdict, pairs, ...numbers } = decidePairs([]);
    expect({ verdict, pairs }).toEqual({ verdict: "not enough", pairs: 0 });
    expect(Object.values(numbers).every((one) => one === null)).toBe(true);
  });

  test("mirrors when a and b change places", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -0.5, max: 0.5, noNaN: true }), { minLength: 1, maxLength: 11 }),
        (values) => {
          const there = decidePairs(values);
          const back = decidePairs(values.map((value) => -value));
          expect(back.p).toBeCloseTo(there.p ?? -1, 12);
          expect((back.ratio ?? 0) * (there.ratio ?? 0)).toBeCloseTo(1, 9);
          if (there.low !== null) expect((back.high ?? 0) * there.low).toBeCloseTo(1, 9);
          const mirrored = { better: "worse", worse: "better" }[there.verdict as string] ?? there.verdict;
          expect(back.verdict).toBe(mirrored);
        },
      ),
      { numRuns: 50 },
    );
  });

  test("says the largest change that it does not rule out", () => {
    const decision = decidePairs(around(1, 12));
    expect(decision.largerThan).toBe(Math.max((decision.high ?? 0) - 1, 1 - (decision.low ?? 0)));
    expect(decision.largerThan).toBeLessThan(0.03);
  });

  test("where a least effect is asked, does not call a clear but small change a difference", () => {
    const small = around(1.02, 12, 0.005);
    expect(decidePairs(small).verdict).toBe("worse");
    expect(decidePairs(small, { leastEffect: 0.05 }).verdict).toBe("no difference");
    expect(decidePairs(around(1.1, 12), { leastEffect: 0.05 }).verdict).toBe("worse");
  });

  test("where a least effect is asked, noise that could hide one is not enough", () => {
    const noisy = around(1, 12, 0.2);
    expect(decidePairs(noisy).verdict).toBe("no difference");
    expect(decidePairs(noisy, { leastEffect: 0.05 }).verdict).toBe("not enough");
  });

  test("does not accept ratios that are not numbers", () => {
    expect(() => decidePairs([0, Number.NaN])).toThrow("finite");
  });
});

describe("false alarms", () => {
  test("of 20,000 decisions at 1 % stay at or below 1.3 %, whatever the errors and the drift", () => {
    const decisions = 20_000;
    let alarms = 0;
    for (let index = 0; index < decisions; index++) {
      const pairs = 8 + (index % 13);
      const errors = ERRORS[(index >> 4) % ERRORS.length] ?? "normal";
      const logRatios = simulatePairs(model({ pairs, errors, drift: index % 2 }), randomOf(index, "a-a"));
      // Better or worse without a least effect is p ≤ alpha; the decision's intervals are left out for speed.
      if (signFlip(logRatios) <= 0.01) alarms += 1;
      if (index % 100 === 0)
        expect(decidePairs(logRatios).verdict === "no difference").toBe(signFlip(logRatios) > 0.01);
    }
    expect(upperBound(alarms, decisions, 0.99)).toBeLessThanOrEqual(0.013);
    expect(alarms).toBeGreaterThan(0);
  });
});

describe("the smallest detectable change", () => {
  test("is found about as often as the power says, with few pairs and with many", () => {
    for (const pairs of [8, 10, 16]) {
      const shift = smallestDetectableBySigns(0.05, pairs, 0.01, 0.9) ?? Number.NaN;
      const found = shareOf("worse", model({ pairs, ratio: Math.exp(shift) }), 300);
      // Three standard errors of 300 decisions at 90 %.
      expect(found, `${pairs} pairs`).toBeGreaterThan(0.848);
      expect(found, `${pairs} pairs`).toBeLessThan(0.952);
    }
  });

  test("falls with more pairs, grows with the spread, and is not known of one pair", () => {
    const at = (pairs: number): number => smallestDetectableBySigns(1, pairs, 0.01, 0.9) ?? Number.NaN;
    for (let pairs = 9; pairs < 24; pairs++) expect(at(pairs), `${pairs} pairs`).toBeLessThan(at(pairs - 1));
    expect(smallestDetectable(2, 10, 0.01, 0.9)).toBeCloseTo(2 * (smallestDetectable(1, 10, 0.01, 0.9) ?? 0), 10);
    expect(smallestDetectable(1, 1, 0.01, 0.9)).toBeNull();
    expect(smallestDetectableBySigns(1, 7, 0.01, 0.9)).toBeNull();
  });

  test("reaches beyond the least effect, since the mean that is seen must reach it too", () => {
    const values = around(1, 12, 0.01);
    expect(decidePairs(values, { leastEffect: 0.1 }).detectable).toBeGreaterThan(0.1);
    expect(decidePairs(values).detectable).toBeLessThan(0.1);
  });
});
