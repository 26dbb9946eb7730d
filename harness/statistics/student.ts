/** Student's t distribution, central and noncentral, to about 10 digits. */
import { betaCdf, logGamma, rootOf } from "./beta.ts";
import { normalCdf } from "./normal.ts";

const MOST_TERMS = 2000;

/** P(T ≤ t) with these degrees of freedom (Abramowitz and Stegun 26.7.1). @param degrees above 0 */
export function tCdf(t: number, degrees: number): number {
  const tail = betaCdf(degrees / (degrees + t * t), degrees / 2, 0.5) / 2;
  return t > 0 ? 1 - tail : tail;
}

/** The t with P(T ≤ t) = p. @param p in (0, 1) */
export function tQuantile(p: number, degrees: number): number {
  // Halving in the tail below the middle: there small probabilities keep all their digits.
  if (p > 0.5) return -tQuantile(1 - p, degrees);
  if (p === 0.5) return 0;
  let low = -2;
  while (tCdf(low, degrees) > p) low *= 2;
  return rootOf((t) => tCdf(t, degrees) - p, low, 0);
}

/**
 * P(T ≤ t) of the noncentral distribution, t ≥ 0: the series of AS 243 (Lenth 1989).
 * @param shift noncentrality, 0 to 37: beyond that its weights leave the range of numbers
 */
export function noncentralTCdf(t: number, degrees: number, shift: number): number {
  const half = (shift * shift) / 2;
  const x = (t * t) / (t * t + degrees);
  let sum = normalCdf(-shift);
  let weights = 0;
  for (let j = 0; j < MOST_TERMS; j++) {
    const even = Math.exp(-half + j * Math.log(half) - logGamma(j + 1));
    const odd = (shift / Math.SQRT2) * Math.exp(-half + j * Math.log(half) - logGamma(j + 1.5));
    sum += (even * betaCdf(x, j + 0.5, degrees / 2) + odd * betaCdf(x, j + 1, degrees / 2)) / 2;
    weights += even;
    if (j > half && even < 1e-14) break;
  }
  return weights === 0 ? Number.NaN : sum;
}
