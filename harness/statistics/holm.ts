/** Many questions of one measurement: Holm's step-down procedure (1979) keeps the chance of any false alarm at alpha. */

/** One question's p, and what is left of it among the others. */
export interface HolmResult {
  readonly p: number;
  /** The smallest family-wide alpha at which this question is answered "yes". */
  readonly adjusted: number;
  readonly significant: boolean;
}

/** Results in the order of the p values given. @param alpha family-wide error rate */
export function holm(pValues: readonly number[], alpha: number): HolmResult[] {
  const order = pValues.map((p, index) => ({ p, index })).sort((a, b) => a.p - b.p);
  const results: HolmResult[] = [];
  let adjusted = 0;
  for (const [rank, { p, index }] of order.entries()) {
    adjusted = Math.max(adjusted, Math.min(1, (order.length - rank) * p));
    results[index] = { p, adjusted, significant: adjusted <= alpha };
  }
  return results;
}
