/**
 * From pairs of trials to pairs of figures and their log ratios.
 *
 * Overhead may be 0 or less, and a ratio of two figures near 0 says nothing. So every value below what measuring can tell apart
 * in its pair (twice the p99 of the start lag, the client's retry step for recovery) is raised to that before the ratio is taken:
 * two such values count as equal, and the ratio to one of them is the least that is certain. Latencies would need no floor, but they are
 * mostly script, equal on both sides by design: twice the overhead would look like 1 %.
 */
import { middleOf } from "../statistics/median-interval.ts";
import { type Figure, figuresOf } from "../summarize/figures.ts";
import type { TrialSummary } from "../summary.ts";
import type { FigureComparison } from "./comparison.ts";
import type { Pair } from "./pairs.ts";

/** A figure on both sides before anything is decided. */
export interface FigurePairs
  extends Pick<FigureComparison, "figure" | "cohort" | "phase" | "unit" | "a" | "b" | "difference" | "resolution"> {
  /** ln(b/a) of each pair that has the figure on both sides. */
  readonly logRatios: readonly number[];
}

const keyOf = ({ figure, cohort, phase }: Figure): string => JSON.stringify([figure, cohort, phase]);

/** ln(b/a), values below the resolution raised to it. Turning the sides turns the sign. */
export function flooredLogRatio(a: number, b: number, resolution: number): number {
  return Math.log(Math.max(b, resolution)) - Math.log(Math.max(a, resolution));
}

interface Both {
  readonly a: number;
  readonly b: number;
  readonly resolution: number;
}

/** All figures of the paired trials, in the order of `figuresOf`. */
export function pairedFigures(pairs: readonly Pair[], cohorts: readonly string[]): FigurePairs[] {
  const known = new Map<string, { readonly figure: Figure; readonly both: Both[] }>();
  for (const pair of pairs) {
    const others = new Map(figuresOf(pair.b, cohorts).map((figure) => [keyOf(figure), figure]));
    for (const figure of figuresOf(pair.a, cohorts)) {
      const other = others.get(keyOf(figure));
      const found = known.get(keyOf(figure)) ?? { figure, both: [] };
      known.set(keyOf(figure), found);
      if (other === undefined || other.value === null || figure.value === null) continue;
      found.both.push({ a: figure.value, b: other.value, resolution: Math.max(figure.resolution, other.resolution) });
    }
  }
  return [...known.values()].map(({ figure: { figure, cohort, phase, unit }, both }) => ({
    figure,
    cohort,
    phase,
    unit,
    a: middleOf(both.map(({ a }) => a)),
    b: middleOf(both.map(({ b }) => b)),
    difference: middleOf(both.map(({ a, b }) => b - a)),
    resolution: middleOf(both.map(({ resolution }) => resolution)) ?? 0,
    logRatios: both.map(({ a, b, resolution }) => flooredLogRatio(a, b, resolution)),
  }));
}

/** Figures of trials that make no pairs: each side by itself, nothing between them. */
export function unpairedFigures(
  a: readonly TrialSummary[],
  b: readonly TrialSummary[],
  cohorts: readonly string[],
): FigurePairs[] {
  const all = [...a, ...b].flatMap((trial) => figuresOf(trial, cohorts));
  const first = new Map(all.map((figure) => [keyOf(figure), figure]));
  const median = (trials: readonly TrialSummary[], key: string): number | null =>
    middleOf(
      trials.flatMap((trial) =>
        figuresOf(trial, cohorts).flatMap((one) => (keyOf(one) === key ? (one.value ?? []) : [])),
      ),
    );
  return [...first].map(([key, { figure, cohort, phase, unit, resolution }]) => {
    const sides = { a: median(a, key), b: median(b, key) };
    return { figure, cohort, phase, unit, ...sides, difference: null, resolution, logRatios: [] };
  });
}
