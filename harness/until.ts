/**
 * Until: whether a campaign that adds blocks "until the figures are precise" has got there. Pure: the same recordings give the
 * same answer, so a campaign that was stopped and resumed ends where it would have ended.
 *
 * Watched are overhead p50 and p90 of every cohort asked about, and p99 where every valid block gives one. The budget counts planned lengths,
 * not the clock, for the same reason. Stopping when an interval happens to be narrow makes it too narrow on average: the
 * intervals of such a campaign say so, and are no ground for better or worse.
 */
import { round } from "./statistics/round.ts";
import type { BlockFigure } from "./summarize/over-blocks.ts";
import type { RunnerResult } from "./summary.ts";
import type { TrialPlan, UntilRule } from "./trial.ts";

/** Why a campaign that went on until its figures were precise enough has ended, or has not. */
export interface UntilSummary extends UntilRule {
  readonly state: "reached" | "budget used up" | "most blocks" | "open";
  /** Half-width of the widest interval over its median; null while there are too few blocks. */
  readonly widestPercent: number | null;
  /** "reached ±5 % after 9 blocks", and what looking has done to the intervals. */
  readonly says: string;
}

/** Before that there is no interval to look at. */
export const UNTIL_BLOCKS_LEAST = 5;
export const UNTIL_BLOCKS_MOST = 100;
export const UNTIL_BUDGET_MINUTES = 60;

/** What a decision to go on is made of. */
export interface UntilInputs {
  readonly rule: UntilRule;
  /** Results of all scenarios. */
  readonly results: readonly RunnerResult[];
  /** Blocks planned so far. */
  readonly blocks: number;
  /** Whether all of them were recorded. */
  readonly complete: boolean;
  /** Planned length of one block. */
  readonly blockMs: number;
}

/** Planned length of one block: that of the first, since all have the same trials. */
export function blockMs(trials: readonly Pick<TrialPlan, "block" | "load">[]): number {
  return trials.reduce((sum, { block, load }) => sum + (block === 1 ? load.durationMs : 0), 0);
}

const isWatched = ({ figure, blocks }: BlockFigure, valid: number): boolean =>
  figure === "overhead p50" || figure === "overhead p90" || (figure === "overhead p99" && blocks === valid);

/** Half-width of an interval over its median, in percent; a median below what can be measured counts as that. */
function widthPercent({ interval, median, resolution }: BlockFigure): number {
  if (interval === null) return Number.POSITIVE_INFINITY;
  return ((interval.high - interval.low) / 2 / Math.max(Math.abs(median), resolution)) * 100;
}

/** The widest watched interval of all results; infinite while one is missing. Runners that never took part are not waited for. */
function widestOf(results: readonly RunnerResult[]): number {
  const taking = results.filter(({ trials }) => trials.some(({ validity }) => validity.verdict !== "refused"));
  const widths = taking.flatMap(({ overBlocks }) => {
    const watched = overBlocks.figures.filter((figure) => isWatched(figure, overBlocks.blocks));
    return watched.length === 0 ? [Number.POSITIVE_INFINITY] : watched.map(widthPercent);
  });
  return widths.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...widths);
}

function stateOf({ rule, blocks, complete, blockMs: lengthMs }: UntilInputs, widest: number): UntilSummary["state"] {
  if (!complete || blocks < UNTIL_BLOCKS_LEAST) return "open";
  if (widest <= rule.percent) return "reached";
  if (blocks >= UNTIL_BLOCKS_MOST) return "most blocks";
  return (blocks + 1) * lengthMs > rule.budgetMinutes * 60_000 ? "budget used up" : "open";
}

const LOOKED =
  "The number of blocks was chosen by looking at the figures, so intervals are narrower than they say, and better or worse is for a campaign of fixed length.";

/** Why the campaign ended, or that it has not. */
export function untilSummary(inputs: UntilInputs): UntilSummary {
  const { rule, blocks } = inputs;
  const widest = widestOf(inputs.results);
  const state = stateOf(inputs, widest);
  const widestPercent = Number.isFinite(widest) ? round(widest, 1) : null;
  const width = widestPercent === null ? "some intervals are still missing" : `±${widestPercent} %`;
  const ends: Readonly<Record<UntilSummary["state"], string>> = {
    reached: `Reached ±${rule.percent} % after ${blocks} blocks (widest interval ${width}).`,
    "budget used up": `Budget used up: ${width} after ${blocks} blocks; one more would pass ${rule.budgetMinutes} minutes.`,
    "most blocks": `Ended at ${blocks} blocks, the most there are: ${width}.`,
    open: `Not ended: ±${rule.percent} % was asked for, after ${blocks} planned blocks: ${width}.`,
  };
  return { ...rule, state, widestPercent, says: `${ends[state]} ${LOOKED}` };
}
