/**
 * Void rates: how many trials of each runner say nothing, and why. A runner whose worst trials are void shows only its better ones, so
 * where the rates of runners are far apart what is left cannot be compared.
 */
import { round } from "../statistics/round.ts";
import type { RunnerResult } from "../summary.ts";

/** Largest difference of two void rates that still allows a comparison, in percentage points. */
export const VOID_RATE_POINTS = 10;

/** Trials of one runner that say nothing. */
export interface VoidRate {
  readonly runner: string;
  readonly trials: number;
  readonly void: number;
  readonly failedIsolation: number;
  /** Share of both in its trials, in percent; null without trials. */
  readonly sharePercent: number | null;
  /** One line for each such trial. */
  readonly reasons: readonly string[];
}

/** Whether what is left of several runners may be compared. */
export interface VoidComparison {
  readonly rates: readonly VoidRate[];
  readonly comparable: boolean;
  /** Why not; null where it may. */
  readonly reason: string | null;
}

function rateOf({ runner, trials }: Pick<RunnerResult, "runner" | "trials">): VoidRate {
  const of = (wanted: string) => trials.filter(({ validity }) => validity.verdict === wanted);
  const [voided, failed] = [of("void"), of("failed isolation")];
  const lost = voided.length + failed.length;
  return {
    runner,
    trials: trials.length,
    void: voided.length,
    failedIsolation: failed.length,
    sharePercent: trials.length === 0 ? null : round((100 * lost) / trials.length, 1),
    reasons: [...voided, ...failed].map(({ id, validity }) => `${id}: ${validity.reasons.join(" ")}`),
  };
}

/** Counts the trials of one scenario that say nothing, by runner, and says whether what is left may be compared. */
export function voidRates(results: readonly Pick<RunnerResult, "runner" | "trials">[]): VoidComparison {
  const rates = results.map(rateOf);
  const known = rates.flatMap(({ runner, sharePercent }) => (sharePercent === null ? [] : [{ runner, sharePercent }]));
  known.sort((a, b) => a.sharePercent - b.sharePercent);
  const [least, most] = [known[0], known.at(-1)];
  if (least === undefined || most === undefined || most.sharePercent - least.sharePercent <= VOID_RATE_POINTS)
    return { rates, comparable: true, reason: null };
  const reason = `Of the trials of ${most.runner} ${most.sharePercent} % say nothing, of those of ${least.runner} ${least.sharePercent} %: more than ${VOID_RATE_POINTS} points apart, so a comparison is inconclusive.`;
  return { rates, comparable: false, reason };
}
