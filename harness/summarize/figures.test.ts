import { describe, expect, it } from "vitest";
import { syntheticSummary } from "../compare/testing/synthetic.ts";
import { randomOf } from "../random.ts";
import { nearestRank } from "../statistics/tail-quantiles.ts";
import type { TrialSummary } from "../summary.ts";
import { meanAtMost, type Quantiles } from "../trial.ts";
import { figuresOf } from "./figures.ts";

const LAGS: Quantiles = { n: 15, p50: 0.2, p90: 1, p99: 5, p999: 5, max: 5 };

/** "overhead p50" → what a trial with such lags can tell apart in it. */
function resolutions(startLagMs: Quantiles | null): Record<string, number> {
  const trial = syntheticSummary({ one: {} }, { blocks: 1 }).scenarios[0]?.results[0]?.trials[0] as TrialSummary;
  const late = { ...trial, validity: { ...trial.validity, startLagMs } };
  return Object.fromEntries(figuresOf(late, ["chat"]).map(({ figure, resolution }) => [figure, resolution]));
}

describe("what measuring can tell apart", () => {
  it("is twice the mean of late starts in the middle, and twice their p99 in the tail", () => {
    const of = resolutions(LAGS);
    expect(of["overhead p50"]).toBeCloseTo(2 * (0.1 + 0.4 + 0.45 + 0.05), 9);
    expect(of["holding time p50"]).toBe(of["overhead p50"]);
    for (const tail of ["overhead p90", "overhead p99", "holding time p90"]) expect(of[tail]).toBe(10);
  });

  it("is never nothing, and of recovery at least the step in which clients try again", () => {
    const of = resolutions(null);
    expect(of["overhead p50"]).toBe(0.01);
    expect(of["recovery median"]).toBe(100);
  });

  it("covers what late starts really do to a median", () => {
    const random = randomOf(1, "late starts");
    const sorted = (values: readonly number[]): Float64Array => Float64Array.from(values).sort();
    for (let round = 0; round < 50; round++) {
      const turnsMs = Array.from({ length: 2_000 }, () => 60 + 40 * random());
      const lagsMs = turnsMs.map(() => -Math.log(1 - random()) * (random() < 0.1 ? 5 : 0.5));
      const median = (values: readonly number[]): number => nearestRank(sorted(values), 0.5);
      const moved = median(turnsMs.map((ms, turn) => ms + (lagsMs[turn] ?? 0))) - median(turnsMs);
      const lags = sorted(lagsMs);
      const at = (q: number): number => nearestRank(lags, q);
      const most = meanAtMost({
        n: lags.length,
        p50: at(0.5),
        p90: at(0.9),
        p99: at(0.99),
        p999: at(0.999),
        max: at(1),
      });
      expect(most).toBeGreaterThanOrEqual(lagsMs.reduce((sum, ms) => sum + ms, 0) / lagsMs.length);
      expect(2 * most).toBeGreaterThan(moved);
    }
  });
});
