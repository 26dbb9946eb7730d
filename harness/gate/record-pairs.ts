/**
 * Records the pairs of a gate: a campaign of two contestants named baseline and candidate, in turns on the same machine, to which blocks are
 * added until every limit is answered or the budget is used up.
 */
import { type BenchOptions, type BenchResult, type BenchWatcher, planBench, runBench } from "../bench.ts";
import { UsageError } from "../errors.ts";
import { fewestPairs, PAIRS_MOST } from "../statistics/sequential.ts";
import type { PairsRule } from "../trial.ts";
import { blockMs } from "../until.ts";
import type { RelativeLimit } from "./policy.ts";

export const BASELINE = "baseline";
export const CANDIDATE = "candidate";
/** Chance that the gate errs on any of its limits. */
export const ALPHA = 0.01;

/** Two contestants, by name or path, and where they meet. The same twice for a self-test. */
export interface PairsJob extends Omit<BenchOptions, "filters" | "blocks" | "until" | "pairs" | "resume"> {
  readonly baseline: string;
  readonly candidate: string;
  readonly scenario: string;
}

const filtersOf = ({ scenario, baseline, candidate }: PairsJob): string[] => [
  scenario,
  `${BASELINE}=${baseline}`,
  `${CANDIDATE}=${candidate}`,
];

/** The rule of a job, and the blocks before the first look. @throws UsageError for a budget in which nothing could be decided */
async function ruleOf(job: PairsJob, limits: readonly RelativeLimit[], budgetMinutes: number) {
  const { trials, seed } = await planBench({ ...job, filters: filtersOf(job), blocks: 1 });
  const lengthMs = blockMs(trials);
  const pairsIn = (minutes: number): number => Math.min(PAIRS_MOST, Math.floor((minutes * 60_000) / lengthMs));
  const leastWith = (pairsMost: number): number | null =>
    pairsMost < 1 ? null : fewestPairs({ alpha: ALPHA / Math.max(1, limits.length), pairsMost });
  const pairsMost = pairsIn(budgetMinutes);
  const blocks = leastWith(pairsMost);
  if (blocks === null) {
    let needed = budgetMinutes + 1;
    while (leastWith(pairsIn(needed)) === null && pairsIn(needed) < PAIRS_MOST) needed += 1;
    throw new UsageError(
      `In ${budgetMinutes} minutes there are ${pairsMost} pairs of ${(lengthMs / 1000).toFixed(0)} s, and nothing can be decided by so few. Give --budget ${needed} or more.`,
    );
  }
  const rule: PairsRule = { baseline: BASELINE, candidate: CANDIDATE, limits, alpha: ALPHA, pairsMost };
  return { rule, blocks, seed };
}

/** @param budgetMinutes of planned trials @throws UsageError for anything the caller can mend */
export async function recordPairs(
  job: PairsJob,
  limits: readonly RelativeLimit[],
  budgetMinutes: number,
  watch: BenchWatcher,
): Promise<BenchResult> {
  const { rule, blocks, seed } = await ruleOf(job, limits, budgetMinutes);
  watch.note(`${blocks} pairs before the first look, ${rule.pairsMost} at most.`);
  return runBench({ ...job, seed, filters: filtersOf(job), blocks, pairs: rule }, watch);
}

/** Pairs of one runner with itself, as many as are asked for, whatever they show. */
export function recordSelfTest(
  job: Omit<PairsJob, "candidate">,
  pairs: number,
  watch: BenchWatcher,
): Promise<BenchResult> {
  return runBench({ ...job, filters: filtersOf({ ...job, candidate: job.baseline }), blocks: pairs }, watch);
}
