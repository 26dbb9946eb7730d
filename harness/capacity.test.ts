import { describe, expect, it } from "vitest";
import { type CapacityStep, counts, kneeOf, percentOfCapacity } from "./capacity.ts";

function step(connections: number, turnsPerSecond: number, changes: Partial<CapacityStep> = {}): CapacityStep {
  return {
    connections,
    turns: 1_000,
    turnsPerSecond,
    p50Ms: 1,
    p99Ms: 10,
    maxMs: 20,
    appPercent: 90,
    storePercent: 0,
    othersPercent: 0,
    loadPercent: 20,
    errors: 0,
    verdict: "core full",
    ...changes,
  };
}

describe("the knee of a capacity curve", () => {
  it("is the highest rate, saturated from the first step that comes within 5 % of it", () => {
    const steps = [step(1, 300), step(2, 560), step(4, 960), step(8, 1_000), step(16, 990)];
    expect(kneeOf(steps)).toEqual({ capacityPerSecond: 1_000, atConnections: 8, saturatesAt: 4, bound: null });
  });

  it("leaves out steps with errors, without turns, or too slow to be called serving", () => {
    const steps = [
      step(1, 300),
      step(2, 900, { errors: 1 }),
      step(4, 800, { p99Ms: 1_001 }),
      step(8, 700, { turns: 0, p50Ms: null, p99Ms: null, maxMs: null }),
    ];
    expect(steps.map(counts)).toEqual([true, false, false, false]);
    expect(kneeOf(steps)).toMatchObject({ capacityPerSecond: 300, saturatesAt: 1, bound: null });
  });

  it("judges a step of too few turns for a p99 by its longest turn", () => {
    expect(counts(step(1, 50, { p99Ms: null, maxMs: 900 }))).toBe(true);
    expect(counts(step(1, 50, { p99Ms: null, maxMs: 1_100 }))).toBe(false);
  });

  it.each(["load-bound", "core shared"] as const)("is a lower bound where the highest step was %s", (verdict) => {
    expect(kneeOf([step(1, 300), step(2, 500, { verdict }), step(4, 490)])?.bound).toBe(verdict);
    expect(kneeOf([step(1, 300, { verdict }), step(2, 500), step(4, 490)])?.bound).toBeNull();
  });

  it("is a lower bound where the curve still rises at its end, unless the core is full there", () => {
    const waiting = { verdict: "not full" } as const;
    expect(kneeOf([step(1, 100, waiting), step(2, 200, waiting)])?.bound).toBe("still rising");
    expect(kneeOf([step(1, 100, waiting), step(2, 200)])?.bound).toBeNull();
    expect(kneeOf([step(1, 198, waiting), step(2, 200, waiting)])?.bound).toBeNull();
  });

  it("does not exist where no step counts", () => {
    expect(kneeOf([])).toBeNull();
    expect(kneeOf([step(1, 300, { errors: 2 })])).toBeNull();
  });
});

it("a share of capacity is told to a tenth of a percent", () => {
  const knee = { capacityPerSecond: 300, atConnections: 1, saturatesAt: 1, bound: null };
  expect([percentOfCapacity(100, knee), percentOfCapacity(450, knee)]).toEqual([33.3, 150]);
});
