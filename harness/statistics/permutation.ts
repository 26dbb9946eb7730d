/**
 * The sign-flip permutation test of paired differences (Fisher 1935) and the interval that it implies.
 *
 * If neither side of a pair is special, each difference could as well have had the other sign: p is the share of all 2ⁿ choices
 * of signs whose sum is at least as far from 0 as the one seen. Nothing is assumed of the shape of the errors. The values that
 * the test does not reject form an interval between two subset means (Hartigan 1969, "typical values"), so test and interval
 * never contradict each other.
 *
 * Up to {@link EXACT_PAIRS} differences all choices are counted: the sums of either half are listed in order, and the two lists
 * are run through against each other (Horowitz and Sahni 1974), 2^(n/2) steps in place of 2ⁿ. Above that choices are drawn, the
 * same ones for the same seed, and the one seen is counted among them so that p stays valid (Phipson and Smyth 2010).
 */
import { randomOf } from "../random.ts";

/** Up to here the test is exact. */
export const EXACT_PAIRS = 24;

/** How the choices above {@link EXACT_PAIRS} are drawn. */
export interface Drawn {
  readonly seed: number;
  readonly draws: number;
}

/** Leaves 10⁻¹² of the range of the differences between the interval printed and the exact one, on the outer side. */
const HALVINGS = 40;
const DRAWN: Drawn = { seed: 1, draws: 20_000 };

/** The smallest p that this many differences can give: all signs alike, on either side. */
export function smallestP(pairs: number): number {
  return 2 ** (1 - pairs);
}

/** Two lists of sums, written in turns so that counting allocates nothing. */
type Lists = [Float64Array, Float64Array];

/** All subset sums of values[from, to) less `centre` each, ascending: a value doubles the list, and two ordered lists merge in one pass. */
function subsetSums(values: readonly number[], from: number, to: number, centre: number, lists: Lists): Float64Array {
  let [sums, merged] = lists;
  let length = 1;
  sums[0] = 0;
  for (let index = from; index < to; index++) {
    const value = (values[index] ?? 0) - centre;
    let without = 0;
    let withIt = 0;
    for (let i = 0; i < 2 * length; i++) {
      const a = without < length ? (sums[without] ?? 0) : Number.POSITIVE_INFINITY;
      const b = withIt < length ? (sums[withIt] ?? 0) + value : Number.POSITIVE_INFINITY;
      if (a <= b) without += 1;
      else withIt += 1;
      merged[i] = Math.min(a, b);
    }
    length *= 2;
    [sums, merged] = [merged, sums];
  }
  return sums;
}

/** Counts the subsets, the empty one included, of the values less `centre` each whose sum is at most `limit`. */
function subsetCounter(values: readonly number[], limit: number): (centre: number) => number {
  const middle = values.length >> 1;
  const [leftLength, rightLength] = [2 ** middle, 2 ** (values.length - middle)];
  const leftLists: Lists = [new Float64Array(leftLength), new Float64Array(leftLength)];
  const rightLists: Lists = [new Float64Array(rightLength), new Float64Array(rightLength)];
  return (centre) => {
    const left = subsetSums(values, 0, middle, centre, leftLists);
    const right = subsetSums(values, middle, values.length, centre, rightLists);
    let count = 0;
    let fitting = rightLength;
    for (let i = 0; i < leftLength; i++) {
      while (fitting > 0 && (left[i] ?? 0) + (right[fitting - 1] ?? 0) > limit) fitting -= 1;
      count += fitting;
    }
    return count;
  };
}

/** Sums that differ by less than the rounding of their terms are equal. */
function toleranceOf(values: readonly number[]): number {
  return 1e-12 * values.reduce((sum, value) => sum + Math.abs(value), 0);
}

/** Sums and sizes of sets of differences drawn at random; the same sets for every hypothesis, so that the interval is one. */
function drawnSubsets(values: readonly number[], { seed, draws }: Drawn): { sum: number; size: number }[] {
  const random = randomOf(seed, "sign-flip", values.length);
  return Array.from({ length: draws }, () => {
    const flipped = values.filter(() => random() < 0.5);
    return { sum: flipped.reduce((sum, value) => sum + value, 0), size: flipped.length };
  });
}

/**
 * The share of choices of signs whose sum is at least the one seen, if the true centre is `centre`: flipping a set takes twice its
 * sum away, so these are the sets whose sum is not positive.
 */
function upperTail(values: readonly number[], drawn: Drawn): (centre: number) => number {
  const tolerance = toleranceOf(values);
  if (values.length <= EXACT_PAIRS) {
    const count = subsetCounter(values, tolerance);
    return (centre) => count(centre) / 2 ** values.length;
  }
  const subsets = drawnSubsets(values, drawn);
  return (centre) => {
    const reached = subsets.filter(({ sum, size }) => sum - size * centre <= tolerance).length;
    return (1 + reached) / (1 + subsets.length);
  };
}

const mirrored = (values: readonly number[]): number[] => values.map((value) => -value);

/** Two-sided p of the hypothesis that the differences lie symmetrically about 0; 1 of none. */
export function signFlip(values: readonly number[], drawn: Drawn = DRAWN): number {
  const above = upperTail(values, drawn)(0);
  const below = upperTail(mirrored(values), drawn)(0);
  return Math.min(1, 2 * Math.min(above, below));
}

/**
 * The centres that {@link signFlip} does not reject at `alpha`: an interval that covers the true centre in at least 1 − alpha of
 * all cases. Null where there are too few differences to reject anything.
 */
export function signFlipInterval(
  values: readonly number[],
  alpha: number,
  drawn: Drawn = DRAWN,
): { readonly low: number; readonly high: number } | null {
  if (smallestP(values.length) > alpha) return null;
  const lowest = (of: readonly number[]): number => {
    const tail = upperTail(of, drawn);
    const rejected = (centre: number): boolean => 2 * tail(centre) <= alpha;
    let below = Math.min(...of);
    let above = Math.max(...of);
    for (let step = 0; step < HALVINGS; step++) {
      const middle = (below + above) / 2;
      if (rejected(middle)) below = middle;
      else above = middle;
    }
    return below;
  };
  return { low: lowest(values), high: -lowest(mirrored(values)) };
}
