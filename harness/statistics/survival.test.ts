import fc from "fast-check";
import { expect, test } from "vitest";
import { round } from "./round.ts";
import { type SurvivalStep, type Survivor, survival, survivalQuantile, thinned } from "./survival.ts";

const subjects = fc.array(
  fc.record({ ms: fc.integer({ min: -5, max: 30 }), happened: fc.boolean() }) satisfies fc.Arbitrary<Survivor>,
  { maxLength: 40 },
);

/** The textbook's product over distinct instants, counted anew for each. */
function naive(all: readonly Survivor[]): SurvivalStep[] {
  const instants = [...new Set(all.filter(({ happened }) => happened).map(({ ms }) => ms))].sort((a, b) => a - b);
  let left = 1;
  return instants.map((ms) => {
    const atRisk = all.filter((one) => one.ms >= ms).length;
    left *= 1 - all.filter((one) => one.happened && one.ms === ms).length / atRisk;
    return [ms, left];
  });
}

test("the curve is the product of the textbook", () => {
  fc.assert(
    fc.property(subjects, (all) => {
      expect(survival(all)).toEqual(naive(all));
    }),
  );
});

test("without censoring the curve is the share that is left", () => {
  fc.assert(
    fc.property(subjects, (all) => {
      const certain = all.map(({ ms }) => ({ ms, happened: true }));
      for (const [ms, left] of survival(certain))
        expect(left).toBeCloseTo(certain.filter((one) => one.ms > ms).length / certain.length, 10);
    }),
  );
});

test("what never happens keeps the curve up for ever", () => {
  const curve = survival([
    { ms: 10, happened: true },
    { ms: 20, happened: true },
    { ms: Number.POSITIVE_INFINITY, happened: false },
    { ms: Number.POSITIVE_INFINITY, happened: false },
  ]);
  expect(curve).toEqual([
    [10, 0.75],
    [20, 0.5],
  ]);
  expect(survivalQuantile(curve, 0.5)).toBe(20);
  expect(survivalQuantile(curve, 0.9)).toBeNull();
});

test("a thinned curve keeps its end, stays on the curve and within its size", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 5_000 }), { minLength: 1, maxLength: 300 }), (instants) => {
      const curve = survival(instants.map((ms) => ({ ms, happened: true })));
      const few = thinned(curve, 20);
      expect(few.length).toBeLessThanOrEqual(20);
      expect(few.at(-1)).toEqual(curve.at(-1));
      for (const step of few) expect(curve).toContainEqual(step);
    }),
  );
});

test("rounding goes away from zero at the half and never to minus zero", () => {
  expect([round(0.125, 2), round(-0.125, 2), round(2.5, 0), round(-2.5, 0)]).toEqual([0.13, -0.13, 3, -3]);
  expect(Object.is(round(-0.001, 2), 0)).toBe(true);
});
