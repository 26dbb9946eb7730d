/**
 * Quantiles of overhead with intervals that survive clustering, of one trial. They say how well this one process was measured, not how
 * another start of it would do: that is what several blocks are for (`over-blocks.ts`).
 */
import type { Phase } from "../history.ts";
import { quantileInterval } from "../statistics/quantile-interval.ts";
import { round, roundOrNull } from "../statistics/round.ts";
import type { TurnFigures } from "./turn-figures.ts";

/** One quantile of the overhead of one cohort in one phase, in milliseconds. */
export interface OverheadInterval {
  readonly cohort: string;
  readonly phase: Phase;
  readonly q: number;
  /** Null where too few effective samples lie beyond it. */
  readonly ms: number | null;
  /** Bounds of the 95 % interval; null where the trial is too short, or its stalls too long, to give them. */
  readonly lowMs: number | null;
  readonly highMs: number | null;
  /** Turns, and as many independent ones as would know as much. */
  readonly n: number;
  readonly effective: number;
}

const QUANTILES = [0.5, 0.9, 0.99];
const PHASES: readonly Phase[] = ["calm", "fault"];

/** Intervals of these cohorts in calm and fault. Turns that failed for good have no latency; one still pending counts at its age. */
export function overheadIntervals(turns: readonly TurnFigures[], cohorts: readonly string[]): OverheadInterval[] {
  return [...new Set(cohorts)].flatMap((cohort) =>
    PHASES.flatMap((phase) => {
      const own = turns.filter((one) => one.turn.cohort === cohort && one.phase === phase && one.end !== "failed");
      if (own.length === 0) return [];
      const values = Float64Array.from(own, ({ overheadMs }) => overheadMs);
      const timesMs = Float64Array.from(own, ({ enabledMs }) => enabledMs);
      return QUANTILES.map((q) => {
        const found = quantileInterval(values, timesMs, q);
        return {
          cohort,
          phase,
          q,
          ms: roundOrNull(found.ms, 2),
          lowMs: roundOrNull(found.lowMs, 2),
          highMs: roundOrNull(found.highMs, 2),
          n: found.n,
          effective: round(found.effective, 0),
        };
      });
    }),
  );
}
