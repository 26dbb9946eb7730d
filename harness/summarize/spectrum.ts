/**
 * The spectrum of a cohort in a phase: its overhead and latency at a fixed grid of quantiles, a few hundred bytes from which two
 * trials can be laid over each other (the shift function of Doksum and Sievers 1976, as ratios).
 *
 * A quantile q is given while at least five samples lie beyond it, n × (1 − q) ≥ 5. Clustering is not looked at here: one trial's
 * spectrum is one draw, and what it is worth is seen between trials.
 */
import type { Phase } from "../history.ts";
import { round } from "../statistics/round.ts";
import { nearestRank } from "../statistics/tail-quantiles.ts";
import type { TurnFigures } from "./turn-figures.ts";

/** Overhead and latency of one cohort in calm or fault at the quantiles of `SPECTRUM_GRID`, in milliseconds; shorter where samples are few. */
export interface Spectrum {
  readonly cohort: string;
  readonly phase: Phase;
  readonly n: number;
  readonly overheadMs: readonly number[];
  readonly latencyMs: readonly number[];
  /** Answer − first byte written of the successful attempt, at the same quantiles of the turns that have one. Absent from older summaries, as is the grid. */
  readonly serviceMs?: readonly number[];
  /** Overhead with the wait before that attempt left out. Where it parts from the overhead, users waited for attempts that came to nothing. */
  readonly serviceOverheadMs?: readonly number[];
  /** The quantiles of the longest series. */
  readonly q?: readonly number[];
}

/** 0, 0.05 … 0.95, then the tail. The largest value stands in the latency rows. */
export const SPECTRUM_GRID: readonly number[] = [
  ...Array.from({ length: 20 }, (_, step) => step / 20),
  0.975,
  0.99,
  0.995,
  0.999,
];
/** Phases that are compared. */
const PHASES: readonly Phase[] = ["calm", "fault"];
const BEYOND_LEAST = 5;

/** Values at the grid as far as there are enough samples, ascending; the lowest value stands for q = 0. Milliseconds, to a hundredth. */
export function spectrumOf(values: readonly number[]): number[] {
  const ascending = Float64Array.from(values).sort();
  const given = SPECTRUM_GRID.filter((q) => ascending.length * (1 - q) >= BEYOND_LEAST - 1e-9);
  return given.map((q) => round(nearestRank(ascending, q), 2));
}

/** Spectra of these cohorts in calm and fault. Turns that failed for good have no latency; one still pending counts at its age. */
export function spectraOf(turns: readonly TurnFigures[], cohorts: readonly string[]): Spectrum[] {
  return [...new Set(cohorts)].flatMap((cohort) =>
    PHASES.flatMap((phase) => {
      const own = turns.filter((one) => one.turn.cohort === cohort && one.phase === phase && one.end !== "failed");
      if (own.length === 0) return [];
      const overheads = spectrumOf(own.map(({ overheadMs }) => overheadMs));
      return {
        cohort,
        phase,
        n: own.length,
        overheadMs: overheads,
        latencyMs: spectrumOf(own.map(({ latencyMs }) => latencyMs)),
        serviceMs: spectrumOf(own.flatMap(({ serviceMs }) => serviceMs ?? [])),
        serviceOverheadMs: spectrumOf(
          own.flatMap(({ serviceMs, latencyMs, overheadMs }) =>
            serviceMs === null ? [] : overheadMs - (latencyMs - serviceMs),
          ),
        ),
        q: SPECTRUM_GRID.slice(0, overheads.length),
      };
    }),
  );
}
