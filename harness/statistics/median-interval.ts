/**
 * The median of a few values and an interval for it that assumes nothing of their distribution: from the k-th lowest to the
 * k-th highest value, which misses the true median only if k − 1 or fewer values fall on one side of it, so with probability
 * 2 P(Binomial(n, 1/2) < k) (David and Nagaraja, Order Statistics, 7.1).
 */
import { betaCdf, betaQuantile } from "./beta.ts";
import { normalQuantile } from "./normal.ts";

/** With fewer values even the whole range covers the median too seldom. */
export const INTERVAL_VALUES_LEAST = 5;
/** What the range of five values covers; k is the largest that covers at least this. */
export const COVERAGE_LEAST = 0.9375;

export interface MedianInterval {
  readonly low: number;
  readonly high: number;
  /** Share of cases in which such an interval holds the true median; at least {@link COVERAGE_LEAST}. */
  readonly coverage: number;
}

/** The middle value, or the mean of the two middle ones, so that mirrored values have the mirrored middle. Null of nothing. */
export function middleOf(values: readonly number[]): number | null {
  const ascending = [...values].sort((a, b) => a - b);
  const upper = ascending[ascending.length >> 1];
  const lower = ascending[(ascending.length - 1) >> 1];
  return upper === undefined || lower === undefined ? null : (lower + upper) / 2;
}

/** P(Binomial(n, 1/2) < k) is the chance that the k-th lowest of n uniform values lies above 1/2. */
const coverageAt = (n: number, k: number): number => 1 - 2 * (1 - betaCdf(0.5, k, n - k + 1));

/** k of the interval for n values, from 1: the range where it is the interval, and where there are too few for any. */
function rankFor(n: number): number {
  let k = 1;
  while (k + 1 <= n - k && coverageAt(n, k + 1) >= COVERAGE_LEAST - 1e-12) k += 1;
  return k;
}

/** The interval of the median of independent values; null of fewer than {@link INTERVAL_VALUES_LEAST}. */
export function medianInterval(values: readonly number[]): MedianInterval | null {
  const n = values.length;
  if (n < INTERVAL_VALUES_LEAST) return null;
  const ascending = [...values].sort((a, b) => a - b);
  const k = rankFor(n);
  const [low, high] = [ascending[k - 1], ascending[n - k]];
  return low === undefined || high === undefined ? null : { low, high, coverage: coverageAt(n, k) };
}

/**
 * How far the median of normal values must lie from a limit for their whole interval (below five values: their range) to lie beyond it
 * in this share of cases: n − k + 1 of n must, each with the chance that the distance gives it. @param sd their standard deviation, in whose
 * unit the answer is @param n at least 1 @param power in (0, 1)
 */
export function medianDistance(sd: number, n: number, power: number): number {
  const k = rankFor(n);
  return sd * normalQuantile(betaQuantile(power, n - k + 1, k));
}
