/** Holm's procedure, the bootstrap, and survival intervals by fault. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { randomOf } from "../random.ts";
import { bootstrapInterval } from "./bootstrap.ts";
import { holm } from "./holm.ts";
import { clusteredSurvivalQuantile, survivalBand } from "./survival.ts";
import { naiveHolm } from "./testing/naive.ts";

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

test("Holm's adjusted values answer as his procedure does, step by step", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 0.2, noNaN: true }), { maxLength: 12 }), (pValues) => {
      expect(holm(pValues, 0.05).map(({ significant }) => significant)).toEqual(naiveHolm(pValues, 0.05));
    }),
  );
});

describe("the bootstrap", () => {
  const clusters = (seed: number): number[][] => {
    const random = randomOf(seed, "clusters");
    return Array.from({ length: 30 }, () => {
      const shared = random() - 0.5;
      return Array.from({ length: 20 }, () => shared + (random() - 0.5) / 10);
    });
  };
  const holds = (interval: { low: number; high: number } | null): boolean =>
    interval !== null && interval.low <= 0 && interval.high >= 0;

  test("of clusters drawn whole covers the true mean, of their members taken for independent it does not", () => {
    let whole = 0;
    let single = 0;
    for (let seed = 0; seed < 100; seed++) {
      const data = clusters(seed);
      if (holds(bootstrapInterval(data, meanOf, { draws: 300 }))) whole += 1;
      if (
        holds(
          bootstrapInterval(
            data.flatMap((one) => one.map((value) => [value])),
            meanOf,
            { draws: 100 },
          ),
        )
      )
        single += 1;
    }
    expect(whole).toBeGreaterThanOrEqual(88);
    expect(single).toBeLessThanOrEqual(60);
  });

  test("gives the same interval for the same seed, and none of fewer than five clusters", () => {
    const data = clusters(1);
    expect(bootstrapInterval(data, meanOf)).toEqual(bootstrapInterval(data, meanOf));
    expect(bootstrapInterval(data, meanOf)).not.toEqual(bootstrapInterval(data, meanOf, { seed: 2 }));
    expect(bootstrapInterval(data.slice(0, 4), meanOf)).toBeNull();
  });
});

describe("recovery by fault", () => {
  const fault = (center: number, sessions = 40) =>
    Array.from({ length: sessions }, (_, index) => ({ ms: center + index, happened: true }));

  test("below five faults has a point but no interval, however many sessions they touched", () => {
    const four = clusteredSurvivalQuantile(
      [100, 200, 300, 400].map((center) => fault(center)),
      0.5,
    );
    expect(four.ms).not.toBeNull();
    expect(four.interval).toBeNull();
    // A fault that touched nobody is no observation.
    expect(clusteredSurvivalQuantile([...[1, 2, 3, 4].map((center) => fault(center)), []], 0.5).interval).toBeNull();
  });

  test("from five faults on has an interval as wide as the faults differ", () => {
    const alike = clusteredSurvivalQuantile(
      [100, 101, 102, 103, 104, 105].map((center) => fault(center)),
      0.5,
    );
    const apart = clusteredSurvivalQuantile(
      [100, 900, 300, 2_000, 600, 50].map((center) => fault(center)),
      0.5,
    );
    const width = (of: typeof alike): number => (of.interval?.high ?? Number.NaN) - (of.interval?.low ?? Number.NaN);
    expect(width(alike)).toBeLessThan(10);
    expect(width(apart)).toBeGreaterThan(200);
  });

  test("does not rule out never where some faults were never recovered from", () => {
    const never = Array.from({ length: 40 }, () => ({ ms: Number.POSITIVE_INFINITY, happened: false }));
    const found = clusteredSurvivalQuantile([fault(100), never, fault(200), never, fault(150), fault(90)], 0.5);
    expect(found.ms).not.toBeNull();
    expect(found.interval?.high).toBe(Number.POSITIVE_INFINITY);
  });

  test("Greenwood's interval of independent sessions covers the true share", () => {
    let covered = 0;
    for (let seed = 0; seed < 200; seed++) {
      const random = randomOf(seed, "greenwood");
      const subjects = Array.from({ length: 80 }, () => {
        const time = -Math.log(1 - random());
        const seen = -2 * Math.log(1 - random());
        return { ms: Math.min(time, seen), happened: time <= seen };
      });
      const at = survivalBand(subjects).findLast(([ms]) => ms <= Math.LN2);
      if (at !== undefined && at[2] <= 0.5 && 0.5 <= at[3]) covered += 1;
    }
    expect(covered).toBeGreaterThanOrEqual(180);
    expect(covered).toBeLessThan(200);
  });
});
