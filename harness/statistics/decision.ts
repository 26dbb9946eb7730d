/**
 * Better, worse, no difference, or not enough: what pairs of measurements say about b against a.
 *
 * - A pair is a and b measured in one block with the same seed; its log ratio ln(b/a) is the unit of the decision. If b is a in
 *   disguise and their order within a block is drawn, the log ratio is as likely x as −x, whatever the machine drifts or how
 *   heavy its tails are: that is all the sign-flip test needs, so its false alarms stay at or below `alpha`.
 * - **better / worse**: p ≤ alpha, and the ratio changed by at least `leastEffect` (b/a ≥ 1 + leastEffect, or a/b ≥ 1 + leastEffect).
 * - **no difference**: nothing was found, and the interval holds no change of `leastEffect` or more. Without a leastEffect it only
 *   says that nothing was found: read it as "no difference larger than `largerThan`".
 * - **not enough**: fewer pairs than could give p ≤ alpha even if all agreed (8 at 1 %, 6 at 5 %), or the interval still
 *   holds both no change and one that matters.
 */
import { assert } from "../errors.ts";
import { smallestDetectableBySigns } from "./detectable.ts";
import { normalQuantile } from "./normal.ts";
import { signFlip, signFlipInterval } from "./permutation.ts";
import { spreadOf } from "./spread.ts";

/** What is asked of a decision. */
export interface DecisionRule {
  /** Two-sided error rate of the test, in (0, 1). Default 0.01. */
  readonly alpha: number;
  /** Share of true differences of the size `detectable` that should be found, in (alpha, 1). Default 0.9. */
  readonly power: number;
  /** The smallest change of the ratio that matters, 0.05 for 5 %. Default 0: every change that is found matters. */
  readonly leastEffect: number;
}

/** What the pairs say. Ratios are b/a, so above 1 where b is larger (slower). */
export interface PairedDecision {
  readonly verdict: "better" | "worse" | "no difference" | "not enough";
  readonly pairs: number;
  /** Geometric mean of b/a over the pairs; null of no pairs. */
  readonly ratio: number | null;
  /** Ratios that the test does not reject at `alpha`: an interval at 1 − alpha (99 % by default). Null with too few pairs. */
  readonly low: number | null;
  readonly high: number | null;
  /** The same at 95 %. */
  readonly low95: number | null;
  readonly high95: number | null;
  /** Two-sided p of the sign-flip test, exact up to 24 pairs; null of no pairs. */
  readonly p: number | null;
  /** "No difference larger than this": the larger of high − 1 and 1 − low. */
  readonly largerThan: number | null;
  /** Smallest ratio change that this many pairs with this spread would call better or worse with the rule's power. */
  readonly detectable: number | null;
}

export const DECISION_RULE: DecisionRule = { alpha: 0.01, power: 0.9, leastEffect: 0 };

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** A change must be significant, and its mean must reach what matters: the harder of the two decides. */
function detectableChange(logRatios: readonly number[], { alpha, power, leastEffect }: DecisionRule): number | null {
  const pairs = logRatios.length;
  if (pairs < 2) return null;
  const spread = spreadOf(logRatios);
  const significant = smallestDetectableBySigns(spread, pairs, alpha, power);
  if (significant === null) return null;
  const reached = leastEffect === 0 ? 0 : Math.log1p(leastEffect) + (normalQuantile(power) * spread) / Math.sqrt(pairs);
  return Math.expm1(Math.max(significant, reached));
}

function verdictOf(
  mean: number,
  p: number,
  interval: { readonly low: number; readonly high: number } | null,
  { alpha, leastEffect }: DecisionRule,
): PairedDecision["verdict"] {
  if (interval === null) return "not enough";
  const matters = Math.log1p(leastEffect);
  if (p <= alpha && Math.abs(mean) >= matters) return mean > 0 ? "worse" : "better";
  return leastEffect === 0 || (interval.high < matters && interval.low > -matters) ? "no difference" : "not enough";
}

/** @param logRatios ln(b/a) of each pair, finite numbers; lower is better for b. @param rule replaces single defaults */
export function decidePairs(logRatios: readonly number[], rule: Partial<DecisionRule> = {}): PairedDecision {
  assert(logRatios.every(Number.isFinite), "log ratios are finite numbers");
  const asked = { ...DECISION_RULE, ...rule };
  const pairs = logRatios.length;
  const none = { ratio: null, low: null, high: null, low95: null, high95: null, p: null, largerThan: null };
  if (pairs === 0) return { verdict: "not enough", pairs, ...none, detectable: null };
  const mean = meanOf(logRatios);
  const p = signFlip(logRatios);
  const interval = signFlipInterval(logRatios, asked.alpha);
  const wide = signFlipInterval(logRatios, 0.05);
  const low = interval === null ? null : Math.exp(interval.low);
  const high = interval === null ? null : Math.exp(interval.high);
  return {
    verdict: verdictOf(mean, p, interval, asked),
    pairs,
    ratio: Math.exp(mean),
    low,
    high,
    low95: wide === null ? null : Math.exp(wide.low),
    high95: wide === null ? null : Math.exp(wide.high),
    p,
    largerThan: low === null || high === null ? null : Math.max(high - 1, 1 - low),
    detectable: detectableChange(logRatios, asked),
  };
}
