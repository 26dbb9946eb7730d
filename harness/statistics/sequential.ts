/**
 * Pairs that are looked at one after the other until they have decided, with an error rate that all looks share.
 *
 * The test is the sign-flip test of `permutation.ts`. Its looks are made group-sequential as by Lan and DeMets (1983): before the look
 * after n of at most N pairs, a share of `alpha` may have been spent that grows with n/N; what each look really spends is counted on the
 * choices of signs themselves, given the sizes of the differences (Mehta, Patel, Senchaudhuri and Tsiatis 1994). A choice that would
 * have ended an earlier look is out of the count. So the chance that any look finds something where there is nothing is at most
 * `alpha`, whatever the errors look like, as long as a difference is as likely x as −x. A boundary depends on the
 * sizes seen so far and on nothing later.
 *
 * The choices are not all 2ⁿ but {@link PATHS} of them that form a group: the signs of the first pairs are free, each later one is the parity
 * of some of them. A test over a group of transformations is exact however small the group is (Hemerik and Goeman 2018), so nothing is
 * drawn and nothing approximated.
 */
import { assert } from "../errors.ts";
import { randomOf } from "../random.ts";
import { normalQuantile } from "./normal.ts";

/** How often it may be wrong, and how long it may take. */
export interface SequentialRule {
  /** One-sided error rate over all looks, in (0, 0.5). */
  readonly alpha: number;
  /** Pairs after which there are no more, from 1 to {@link PAIRS_MOST}. */
  readonly pairsMost: number;
}

export const PAIRS_MOST = 100;
const FREE_SIGNS = 13;
/** Choices of signs that are counted: one stands for 0.012 % of alpha's whole. */
const PATHS = 2 ** FREE_SIGNS;
const SEED = 1;

/** Whether choice `path` turns pair `pair`, as ±1; one column of all paths per pair. */
const columns: Int8Array[] = [];

/** 1 where an odd number of bits is set, else 0. */
function parity(bits: number): number {
  let folded = bits;
  for (const shift of [16, 8, 4, 2, 1]) folded ^= folded >>> shift;
  return folded & 1;
}

function signsOf(pair: number): Int8Array {
  const known = columns[pair];
  if (known !== undefined) return known;
  const random = randomOf(SEED, "sequential", pair);
  const mask = pair < FREE_SIGNS ? 2 ** pair : 1 + Math.floor(random() * (PATHS - 1));
  const signs = Int8Array.from({ length: PATHS }, (_, path) => 1 - 2 * parity(path & mask));
  columns[pair] = signs;
  return signs;
}

/** Choices that may be out after so many pairs. Spending is in step with the pairs: alpha · n/N (Kim and DeMets 1987, with power 1). */
function outMost(pairs: number, { alpha, pairsMost }: SequentialRule): number {
  return Math.floor(alpha * Math.min(1, pairs / pairsMost) * PATHS + 1e-9);
}

/** The `count` largest of the first `length` values, descending. */
function largest(values: Float64Array, length: number, count: number): Float64Array {
  const top = new Float64Array(count).fill(Number.NEGATIVE_INFINITY);
  for (let i = 0; i < length; i++) {
    const value = values[i] ?? 0;
    if (value <= (top[count - 1] ?? 0)) continue;
    let at = count - 1;
    for (; at > 0 && (top[at - 1] ?? 0) < value; at--) top[at] = top[at - 1] ?? 0;
    top[at] = value;
  }
  return top;
}

/** The smallest sum that is out if at most `allowed` of them may be; sums that differ by rounding alone go together or not at all. */
function boundary(sums: Float64Array, length: number, allowed: number, tolerance: number): number {
  const top = largest(sums, length, allowed + 1);
  let out = allowed;
  while (out > 0 && (top[out - 1] ?? 0) - (top[out] ?? 0) <= tolerance) out -= 1;
  return out === 0 ? Number.POSITIVE_INFINITY : (top[out - 1] ?? 0) - tolerance / 2;
}

/**
 * After how many pairs the differences are found to lie above 0; null if they are not. Path 0 turns no sign: it is what was seen.
 * @param values in the order in which they came; those beyond `pairsMost` are not looked at
 */
export function foundAbove(values: readonly number[], rule: SequentialRule): number | null {
  assert(rule.pairsMost >= 1 && rule.pairsMost <= PAIRS_MOST, "a sequential rule has 1 to 100 pairs");
  const sums = new Float64Array(PATHS);
  const paths = Int32Array.from({ length: PATHS }, (_, path) => path);
  let inside = PATHS;
  let size = 0;
  for (let pair = 0; pair < Math.min(values.length, rule.pairsMost); pair++) {
    const value = values[pair] ?? 0;
    const signs = signsOf(pair);
    size += Math.abs(value);
    for (let i = 0; i < inside; i++) sums[i] = (sums[i] ?? 0) + value * (signs[paths[i] ?? 0] ?? 0);
    const allowed = outMost(pair + 1, rule) - (PATHS - inside);
    // Before that all choices come in groups that share their signs so far, each too large to go.
    if (allowed < PATHS / 2 ** (pair + 1) || allowed < 1) continue;
    const out = boundary(sums, inside, allowed, 1e-12 * size);
    if ((sums[0] ?? 0) >= out) return pair + 1;
    let kept = 0;
    for (let i = 0; i < inside; i++) {
      if ((sums[i] ?? 0) >= out) continue;
      sums[kept] = sums[i] ?? 0;
      paths[kept] = paths[i] ?? 0;
      kept += 1;
    }
    inside = kept;
  }
  return null;
}

/** The fewest pairs after which anything can be found: all of one sign. Null if that is more than the rule allows. */
export function fewestPairs(rule: SequentialRule): number | null {
  for (let pairs = 1; pairs <= rule.pairsMost; pairs++) {
    const alike = Math.max(1, PATHS / 2 ** pairs);
    if (outMost(pairs, rule) >= alike) return pairs;
  }
  return null;
}

const less = (values: readonly number[], centre: number): number[] => values.map((value) => value - centre);
const mirrored = (values: readonly number[]): number[] => values.map((value) => -value);

/** Of the range of the differences, 10⁻⁵ remains between the bound given and the exact one, on the outer side. */
const HALVINGS = 17;

/** The largest centre below which the true one was found not to lie; minus infinity where no look could find anything. */
function lowerBound(values: readonly number[], rule: SequentialRule): number {
  let below = Math.min(...values);
  let above = Math.max(...values);
  // Every difference lies above this one.
  const outside = below - Math.max(1e-9, above - below);
  if (foundAbove(less(values, outside), rule) === null) return Number.NEGATIVE_INFINITY;
  if (foundAbove(less(values, below), rule) === null) below = outside;
  for (let step = 0; step < HALVINGS; step++) {
    const middle = (below + above) / 2;
    if (foundAbove(less(values, middle), rule) === null) above = middle;
    else below = middle;
  }
  return below;
}

/**
 * The centres that no look has ruled out, `alpha` on either side (a repeated confidence interval, Jennison and Turnbull 1989): it holds the
 * true one in at least 1 − 2·alpha of all cases, whenever one stops. Null with fewer than {@link fewestPairs}.
 */
export function sequentialInterval(
  values: readonly number[],
  rule: SequentialRule,
): { readonly low: number; readonly high: number } | null {
  const seen = values.slice(0, rule.pairsMost);
  if (seen.length < (fewestPairs(rule) ?? Number.POSITIVE_INFINITY)) return null;
  return { low: lowerBound(seen, rule), high: -lowerBound(mirrored(seen), rule) };
}

/** What is asked of pairs: is b worse than a by something that matters? */
export interface PairsQuestion extends SequentialRule {
  /** The smallest change of the ratio that matters, 0.1 for 10 %; above 0. */
  readonly worseBy: number;
}

/** What the pairs say so far. Ratios are b/a, so above 1 where b is larger (slower). */
export interface SequentialDecision {
  /**
   * regression: b was found to be worse, and the mean ratio is at least 1 + worseBy. pass: b was found to be worse by less than worseBy,
   * if at all. inconclusive: all pairs were used and neither was found. open: neither was found yet.
   */
  readonly answer: "regression" | "pass" | "inconclusive" | "open";
  /** Pairs that were looked at: those up to the decision, whatever came later. */
  readonly pairs: number;
  /** Geometric mean of b/a over these pairs; a little too far from 1 where the rule stopped early. Null of no pairs. */
  readonly ratio: number | null;
  /** Repeated interval of the ratio; null with too few pairs. */
  readonly low: number | null;
  readonly high: number | null;
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Answer and number of pairs, without the interval, which takes longer to find. @param logRatios finite numbers, in their order */
export function sequentialAnswer(
  logRatios: readonly number[],
  question: PairsQuestion,
): Pick<SequentialDecision, "answer" | "pairs"> {
  assert(logRatios.every(Number.isFinite), "log ratios are finite numbers");
  const matters = Math.log1p(question.worseBy);
  const values = logRatios.slice(0, question.pairsMost);
  const worseFrom = foundAbove(values, question) ?? Number.POSITIVE_INFINITY;
  const fineFrom = foundAbove(mirrored(less(values, matters)), question) ?? Number.POSITIVE_INFINITY;
  for (let pairs = Math.min(worseFrom, fineFrom); pairs <= values.length; pairs++) {
    if (pairs >= fineFrom) return { answer: "pass", pairs };
    if (meanOf(values.slice(0, pairs)) >= matters) return { answer: "regression", pairs };
  }
  return { answer: values.length < question.pairsMost ? "open" : "inconclusive", pairs: values.length };
}

/** {@link sequentialAnswer} with its numbers. */
export function decideSequentially(logRatios: readonly number[], question: PairsQuestion): SequentialDecision {
  const { answer, pairs } = sequentialAnswer(logRatios, question);
  const values = logRatios.slice(0, pairs);
  const interval = sequentialInterval(values, question);
  return {
    answer,
    pairs,
    ratio: pairs === 0 ? null : Math.exp(meanOf(values)),
    low: interval === null ? null : Math.exp(interval.low),
    high: interval === null ? null : Math.exp(interval.high),
  };
}

const DRAWS = 200;
/** Shifts are in standard deviations; no rule of so many pairs needs more, and it is found to a hundredth. */
const SHIFT_MOST = 8;
const SHIFT_FINE = 0.01;
/** Half of what lies between two values of the generator: keeps its 0 away from the quantile −∞. */
const HALF_STEP = 2 ** -33;
const drawnBefore = new Map<string, number>();

/**
 * What the mean of normal differences with standard deviation 1 must be for this share of samples to be found above 0 by the last pair. A sample
 * that is found at one shift is found at any larger one, so that each halving asks only those that are still undecided.
 */
function shiftNeeded(rule: SequentialRule, power: number): number {
  const random = randomOf(SEED, "detectable", rule.pairsMost);
  let undecided = Array.from({ length: DRAWS }, () =>
    Array.from({ length: rule.pairsMost }, () => normalQuantile(random() + HALF_STEP)),
  );
  let wanted = Math.ceil(power * DRAWS);
  let [low, high] = [0, SHIFT_MOST];
  while (high - low > SHIFT_FINE) {
    const middle = (low + high) / 2;
    const isFound = undecided.map((sample) => foundAbove(less(sample, -middle), rule) !== null);
    const found = undecided.filter((_, index) => isFound[index]);
    if (found.length >= wanted) {
      high = middle;
      undecided = found;
    } else {
      low = middle;
      wanted -= found.length;
      undecided = undecided.filter((_, index) => !isFound[index]);
    }
  }
  return high;
}

/**
 * The smallest change of the ratio, as a share, that the rule would call a regression with this power if it may use all its pairs; simulated
 * on normal log ratios, good to about 4 % of itself. Null where the rule can find nothing. @param spread standard deviation of the log ratios
 */
export function sequentialDetectable(spread: number, question: PairsQuestion, power = 0.9): number | null {
  const { alpha, pairsMost, worseBy } = question;
  if (fewestPairs(question) === null) return null;
  const key = `${alpha} ${pairsMost} ${power}`;
  const shift = drawnBefore.get(key) ?? shiftNeeded(question, power);
  drawnBefore.set(key, shift);
  // A change must be found, and its mean must reach what matters: the harder of the two decides.
  const reached = Math.log1p(worseBy) + (normalQuantile(power) * spread) / Math.sqrt(pairsMost);
  return Math.expm1(Math.max(shift * spread, reached));
}
