/**
 * What several blocks of one runner in one scenario say together: the median over the valid blocks, their spread, and from five
 * blocks on an interval of the median. One block has point values and says so.
 *
 * The unit is the block: a fresh process with a seed of its own. Nothing inside a trial is as independent (Kalibera and Jones 2013).
 */

import type { Phase } from "../history.ts";
import { COVERAGE_LEAST, INTERVAL_VALUES_LEAST, medianInterval, middleOf } from "../statistics/median-interval.ts";
import { round } from "../statistics/round.ts";
import type { TrialSummary } from "../summary.ts";
import { type Figure, figuresOf } from "./figures.ts";

/** One figure of one runner in one scenario over its valid blocks. */
export interface BlockFigure {
  /** "overhead p50", "recovery median", "CPU per turn" … */
  readonly figure: string;
  /** Null for figures of the whole runtime. */
  readonly cohort: string | null;
  readonly phase: Phase | null;
  readonly unit: "ms" | "KB";
  /** Blocks that give this figure. */
  readonly blocks: number;
  /** The median of the blocks' values; with one block its value. */
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
  /** An interval of the median (`median-interval.ts`); null below five blocks. */
  readonly interval: { readonly low: number; readonly high: number; readonly coverage: number } | null;
  /** Differences below this are within what measuring can tell apart. */
  readonly resolution: number;
}

/** What several blocks say together. */
export interface OverBlocks {
  /** Trials that are valid. */
  readonly blocks: number;
  /** Trials that are not, for whatever reason; none of the figures contains them. */
  readonly voids: number;
  /** "one block" where every figure is a point value of one draw; how the intervals were made where there are any. */
  readonly note: string;
  readonly figures: readonly BlockFigure[];
}

function noteOf(blocks: number): string {
  if (blocks === 0) return "No block is valid.";
  if (blocks === 1) return "One block: point values of one draw.";
  if (blocks < INTERVAL_VALUES_LEAST)
    return `${blocks} blocks: medians and spreads; intervals need ${INTERVAL_VALUES_LEAST}.`;
  return `${blocks} blocks: intervals of the median by order statistics, each covering at least ${COVERAGE_LEAST * 100} % of cases.`;
}

function blockFigure(same: readonly Figure[]): BlockFigure[] {
  const [first] = same;
  const values = same.flatMap(({ value }) => value ?? []);
  const median = middleOf(values);
  if (first === undefined || median === null) return [];
  const found = medianInterval(values);
  return [
    {
      figure: first.figure,
      cohort: first.cohort,
      phase: first.phase,
      unit: first.unit,
      blocks: values.length,
      median: round(median, 2),
      lowest: Math.min(...values),
      highest: Math.max(...values),
      interval: found && { low: found.low, high: found.high, coverage: round(found.coverage, 4) },
      resolution: round(Math.max(...same.map(({ resolution }) => resolution)), 3),
    },
  ];
}

/** @param cohorts those that the scenario asks about */
export function overBlocks(trials: readonly TrialSummary[], cohorts: readonly string[]): OverBlocks {
  const valid = trials.filter(({ validity }) => validity.verdict === "valid");
  const groups = new Map<string, Figure[]>();
  for (const trial of valid)
    for (const figure of figuresOf(trial, cohorts)) {
      const key = JSON.stringify([figure.figure, figure.cohort, figure.phase]);
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [figure]);
      else group.push(figure);
    }
  return {
    blocks: valid.length,
    voids: trials.length - valid.length,
    note: noteOf(valid.length),
    figures: [...groups.values()].flatMap(blockFigure),
  };
}
