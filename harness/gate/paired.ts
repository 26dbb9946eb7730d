/**
 * Limits against a baseline that ran beside the candidate: two contestants of one campaign, in turns on the same machine, with the same seeds
 * and the same faults by progress. Decided by the sequential rule that also decided how many pairs there are (`pairs.ts`).
 *
 * - **regression**: found to be worse, and by the limit at least.
 * - **pass**: found to be worse by less than the limit, if at all.
 * - **inconclusive**: neither in all pairs that there may be, or something else stands in the way.
 *
 * Promises, damage and objectives of such a campaign are those of the candidate; the baseline's promises are what it is held against.
 */
import type { Candidate } from "../compare/decide.ts";
import { pairsOfContestants } from "../compare.ts";
import { UsageError } from "../errors.ts";
import {
  decideSequentially,
  fewestPairs,
  type SequentialDecision,
  sequentialDetectable,
} from "../statistics/sequential.ts";
import { spreadOf } from "../statistics/spread.ts";
import type { Summary } from "../summary.ts";
import type { PairsRule } from "../trial.ts";
import { nameOf } from "./figures.ts";
import type { GateLine } from "./line.ts";
import { type FigureQuestion, questionsOf } from "./pairs.ts";
import { alone, percent, shownRatio } from "./relative.ts";

/** A figure of two contestants, and what stands in the way of an answer. */
type Asked = FigureQuestion<Pick<Candidate["pairs"], "figure" | "phase"> & { readonly of: Candidate }>;

/** Why there is no answer, beside its numbers; null where the pairs have answered. */
function obstacle({ figure: { of }, question }: Asked, { answer, pairs }: SequentialDecision): string | null {
  const { difference, resolution } = of.pairs;
  if (of.notComparable !== null) return of.notComparable;
  if (of.inconclusive !== null) return of.inconclusive;
  if (answer === "regression" && Math.abs(difference ?? 0) < resolution)
    return "The difference is smaller than what measuring can tell apart.";
  if (answer === "regression" || answer === "pass") return null;
  if (pairs < (fewestPairs(question) ?? Number.POSITIVE_INFINITY))
    return `${pairs} pairs; no answer is possible below ${fewestPairs(question) ?? "more than there may be"}.`;
  return answer === "open" ? "The pairs have not decided and there were to be more." : "All pairs are used up.";
}

function lineOf(asked: Asked, runner: string): GateLine {
  const { figure, scenario, limit, question } = asked;
  const { logRatios } = figure.of.pairs;
  const decision = decideSequentially(logRatios, question);
  const { ratio, low, high, pairs, answer } = decision;
  const detectable = logRatios.length < 2 ? null : sequentialDetectable(spreadOf(logRatios), question);
  const base = {
    rule: "relative limit",
    what: nameOf(figure.of.pairs),
    runner,
    scenario,
    value: ratio,
    low,
    high,
    limit: 1 + limit.worseBy,
    detectable,
  } as const;
  const interval = low === null || high === null ? "" : ` (${shownRatio(low)} to ${shownRatio(high)})`;
  const numbers =
    ratio === null
      ? "no ratio"
      : `${shownRatio(ratio)} times the baseline${interval} in ${pairs} pairs, limit ${shownRatio(1 + limit.worseBy)}`;
  const seen =
    detectable === null ? "" : ` ${question.pairsMost} pairs would find ${percent(detectable)} in 9 of 10 cases.`;
  const why = obstacle(asked, decision);
  if (why === null && (answer === "regression" || answer === "pass"))
    return { ...base, answer, says: `${numbers}.${seen}` };
  return { ...base, answer: "inconclusive", says: `${numbers}. ${why}${seen}` };
}

/** Lines of all limits of the rule by which the campaign's pairs were counted. */
export function pairedLines(summary: Summary, rule: PairsRule): GateLine[] {
  let given: ReturnType<typeof pairsOfContestants>;
  try {
    given = pairsOfContestants(summary, rule.baseline, rule.candidate);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return rule.limits.map((limit) => alone(limit, error.message));
  }
  const asked = questionsOf(
    rule,
    given.map(({ scenario, candidates }) => ({
      scenario,
      figures: candidates.map((of) => ({ figure: of.pairs.figure, phase: of.pairs.phase, of })),
    })),
  );
  return rule.limits.flatMap((limit) => {
    const lines = asked.filter((one) => one.limit === limit).map((one) => lineOf(one, rule.candidate));
    return lines.length > 0 ? lines : [alone(limit, "No scenario of the campaign gives it.")];
  });
}

/** The campaign as if only this contestant had taken part, under this name. */
export function onlyContestant(summary: Summary, name: string, as: string): Summary {
  const renamed = <Row extends { readonly runner: string }>(rows: readonly Row[]): Row[] =>
    rows.filter(({ runner }) => runner === name).map((row) => ({ ...row, runner: as }));
  return {
    ...summary,
    scenarios: summary.scenarios.map((scenario) => ({ ...scenario, results: renamed(scenario.results) })),
    promises: renamed(summary.promises),
  };
}
