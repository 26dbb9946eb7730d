/**
 * The median of a few values and an interval for it that assumes nothing of their distribution: from the k-th lowest to the
 * k-th highest value, which misses the true median only if k − 1 or fewer values fall on one side of it, so with probability
 * 2 P(Binomial(n, 1/2) < k) (David and Nagaraja, Order Statistics, 7.1).
 */
import { betaCdf } from "./beta.ts";

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

/** The interval of the median of independent values; null of fewer than {@link INTERVAL_VALUES_LEAST}. */
export function medianInterval(values: readonly number[]): MedianInterval | null {
  const n = values.length;
  if (n < INTERVAL_VALUES_LEAST) return null;
  const ascending = [...values].sort((a, b) => a - b);
  // P(Binomial(n, 1/2) < k) is the chance that the k-th lowest of n uniform values lies above 1/2.
  const coverageAt = (k: number): number => 1 - 2 * (1 - betaCdf(0.5, k, n - k + 1));
  let k = 1;
  while (k + 1 <= n - k && coverageAt(k + 1) >= COVERAGE_LEAST - 1e-12) k += 1;
  const [low, high] = [ascending[k - 1], ascending[n - k]];
  return low === undefined || high === undefined ? null : { low, high, coverage: coverageAt(k) };
}
