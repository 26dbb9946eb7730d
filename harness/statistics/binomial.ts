/** Bounds of a share from a count: exact, so they hold for zero false alarms too (Clopper and Pearson 1934). */
import { betaQuantile } from "./beta.ts";

/** The largest share that `successes` of `n` do not rule out, one-sided at `level` (0.99 for 99 %). */
export function upperBound(successes: number, n: number, level: number): number {
  return successes >= n ? 1 : betaQuantile(level, successes + 1, n - successes);
}

/** The smallest share that `successes` of `n` do not rule out, one-sided at `level`. */
export function lowerBound(successes: number, n: number, level: number): number {
  return successes <= 0 ? 0 : betaQuantile(1 - level, successes, n - successes + 1);
}
