/**
 * The answers: every figure of a comparison is tested by its pairs (`statistics/decision.ts`), and the error level is split among
 * them by Holm's step-down method (1979). The figure with the smallest p is tested at alpha / m, the next at alpha / (m − 1), and so on until
 * one is not rejected; all that remain stay at that level. So the chance that any figure is called better or worse when none is
 * stays at or below alpha, and each interval is that of the level at which its figure was tested.
 */
import { DECISION_RULE, decidePairs, type PairedDecision } from "../statistics/decision.ts";
import { holm } from "../statistics/holm.ts";
import { smallestP } from "../statistics/permutation.ts";
import { significant } from "../statistics/round.ts";
import type { Answer, FigureComparison } from "./comparison.ts";
import type { FigurePairs } from "./figure-pairs.ts";

/** Chance of any false "better" or "worse" in a whole comparison. */
export const ALPHA = DECISION_RULE.alpha;

/** A figure and what stands in the way of an answer on it. */
export interface Candidate {
  readonly pairs: FigurePairs;
  /** No pairs at all, or no sense in their ratios: no ratio is shown. */
  readonly notComparable: string | null;
  /** Ratios are shown, answers not given. */
  readonly inconclusive: string | null;
}

interface Levelled {
  readonly level: number;
  readonly decision: PairedDecision;
}

/** Whether a figure takes part in the family: whatever is shown a ratio does, so that the family depends on no outcome. */
const takesPart = ({ notComparable, pairs }: Candidate): boolean =>
  notComparable === null && pairs.logRatios.length > 0;

export const familyOf = (candidates: readonly Candidate[]): number => candidates.filter(takesPart).length;

/** Level and decision of each candidate that takes part. */
function levelled(candidates: readonly Candidate[], alpha: number): Map<Candidate, Levelled> {
  const family = candidates.filter(takesPart);
  const ps = family.map(({ pairs }) => decidePairs(pairs.logRatios).p ?? 1);
  const rejected = holm(ps, alpha).filter(({ significant }) => significant).length;
  return new Map(
    family.map((candidate, index) => {
      const before = ps.filter((p) => p < (ps[index] ?? 1)).length;
      const level = alpha / (family.length - Math.min(before, rejected));
      return [candidate, { level, decision: decidePairs(candidate.pairs.logRatios, { alpha: level }) }];
    }),
  );
}

/** The fewest pairs of which a result at this level is possible. */
function pairsNeededAt(level: number): number {
  let pairs = 1;
  while (smallestP(pairs) > level) pairs += 1;
  return pairs;
}

/** What the pairs say, unless the difference is smaller than what measuring can tell apart. */
function answerOf({ verdict }: PairedDecision, { difference, resolution }: FigurePairs): [Answer, string | null] {
  const found = verdict === "better" || verdict === "worse";
  if (found && Math.abs(difference ?? 0) < resolution)
    return ["no difference", "The difference is smaller than what measuring can tell apart."];
  return [verdict, null];
}

const NO_RATIO = {
  ratio: null,
  low: null,
  high: null,
  lowest: null,
  highest: null,
  largerThan: null,
  detectable: null,
};

function compared(candidate: Candidate, found: Levelled | undefined, alpha: number): FigureComparison {
  const { pairs, notComparable, inconclusive } = candidate;
  const { logRatios, ...facts } = pairs;
  const level = found?.level ?? alpha;
  const base = { ...facts, pairs: logRatios.length, pairsNeeded: pairsNeededAt(level), level };
  if (notComparable !== null)
    return { ...base, ...NO_RATIO, difference: null, answer: "not comparable", reason: notComparable };
  if (found === undefined)
    return { ...base, ...NO_RATIO, answer: "not enough", reason: "No pair has this figure on both sides." };
  const { decision } = found;
  const [answer, reason] =
    inconclusive === null ? answerOf(decision, pairs) : (["inconclusive", inconclusive] as const);
  return {
    ...base,
    ratio: significant(decision.ratio),
    low: significant(decision.low),
    high: significant(decision.high),
    lowest: significant(Math.exp(Math.min(...logRatios))),
    highest: significant(Math.exp(Math.max(...logRatios))),
    largerThan: significant(decision.largerThan),
    detectable: significant(decision.detectable),
    answer,
    reason,
  };
}

/** Answers on all figures of a comparison, in the order in which they came. */
export function decideAll(candidates: readonly Candidate[], alpha: number = ALPHA): FigureComparison[] {
  const levels = levelled(candidates, alpha);
  return candidates.map((candidate) => compared(candidate, levels.get(candidate), alpha));
}
