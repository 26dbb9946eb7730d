/** The statistics once more, as their definitions read and as slow as that is; the fast ones are tested against these. */

/** Two-sided sign-flip p: every choice of signs, one after the other. */
export function naiveSignFlip(values: readonly number[]): number {
  const choices = 2 ** values.length;
  const seen = Math.abs(values.reduce((sum, value) => sum + value, 0));
  let reached = 0;
  for (let choice = 0; choice < choices; choice++) {
    const sum = values.reduce((so, value, bit) => so + ((choice >> bit) & 1 ? -value : value), 0);
    if (Math.abs(sum) >= seen - 1e-9) reached += 1;
  }
  return reached / choices;
}

/** Hartigan's interval: the mean of every subset but the empty one, in order; as many are left out at each end as alpha allows. */
export function naiveSignFlipInterval(values: readonly number[], alpha: number): { low: number; high: number } {
  const means: number[] = [];
  for (let choice = 1; choice < 2 ** values.length; choice++) {
    const subset = values.filter((_, bit) => (choice >> bit) & 1);
    means.push(subset.reduce((sum, value) => sum + value, 0) / subset.length);
  }
  means.sort((a, b) => a - b);
  // The empty set counts among those that reach the sum seen, so one mean fewer is left out than alpha / 2 of the choices.
  const left = Math.floor((alpha / 2) * 2 ** values.length) - 1;
  return { low: means[left] ?? Number.NaN, high: means[means.length - 1 - left] ?? Number.NaN };
}

/** Holm's procedure as he states it: compare the smallest p with alpha / m, the next with alpha / (m − 1), and stop at the first failure. */
export function naiveHolm(pValues: readonly number[], alpha: number): boolean[] {
  const significant = pValues.map(() => false);
  for (let done = 0; done < pValues.length; done++) {
    const open = pValues.map((p, index) => ({ p, index })).filter(({ index }) => !significant[index]);
    const next = open.reduce((least, one) => (one.p < least.p ? one : least));
    if (next.p > alpha / open.length) break;
    significant[next.index] = true;
  }
  return significant;
}

/** The textbook's interval of a quantile, which takes samples for independent: ranks n q ± z √(n q (1 − q)). */
export function binomialInterval(
  ascending: ArrayLike<number>,
  q: number,
): { readonly lowMs: number; readonly highMs: number } | null {
  const n = ascending.length;
  const reach = 1.959964 * Math.sqrt(n * q * (1 - q));
  const low = ascending[Math.floor(n * q - reach) - 1];
  const high = ascending[Math.ceil(n * q + reach)];
  return low === undefined || high === undefined ? null : { lowMs: low, highMs: high };
}
