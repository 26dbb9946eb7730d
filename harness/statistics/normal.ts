/** The standard normal distribution, to about 15 digits. */

/** Beyond this many standard deviations the series loses digits and the continued fraction has converged fast enough. */
const SERIES_END = 5;

/** Density at z. */
export function normalDensity(z: number): number {
  return Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
}

/** P(Z ≤ z): the series of Marsaglia (2004) near the middle, the continued fraction of Abramowitz and Stegun 26.2.14 in the tails. */
export function normalCdf(z: number): number {
  if (z < 0) return normalTail(-z);
  return 1 - normalTail(z);
}

/** P(Z > z) for z ≥ 0. */
function normalTail(z: number): number {
  if (z > SERIES_END) {
    let fraction = z;
    for (let k = 60; k >= 1; k--) fraction = z + k / fraction;
    return normalDensity(z) / fraction;
  }
  let term = z;
  let sum = z;
  for (let k = 3; sum + term !== sum; k += 2) {
    term *= (z * z) / k;
    sum += term;
  }
  return 0.5 - normalDensity(z) * sum;
}

/** The z with P(Z ≤ z) = p: Abramowitz and Stegun 26.2.23, then Newton's steps. @param p in (0, 1) */
export function normalQuantile(p: number): number {
  if (p > 0.5) return -normalQuantile(1 - p);
  const t = Math.sqrt(-2 * Math.log(p));
  let z = -(
    t -
    (2.515517 + 0.802853 * t + 0.010328 * t * t) / (1 + 1.432788 * t + 0.189269 * t * t + 0.001308 * t ** 3)
  );
  for (let step = 0; step < 4; step++) z -= (normalCdf(z) - p) / normalDensity(z);
  return z;
}
