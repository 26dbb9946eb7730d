/**
 * Quantiles of a few samples, with a minimum below which they are not given.
 *
 * A quantile q is given when n_eff × (1 − q) ≥ 5: five effective samples beyond it. n_eff = n / design effect (Kish 1965): samples
 * taken while the same thing went wrong are one observation rather than many. The effect is that of the counts beyond the
 * quantile over blocks of 1 to 20 seconds, the largest of them, and only where it is larger than chance makes it.
 */
import type { TailQuantiles } from "../summary.ts";
import { cellsOf, clusterings, countsBeyond, largestEffect } from "./clusters.ts";
import { round } from "./round.ts";

/** Effective samples that must lie beyond a quantile. */
export const BEYOND_LEAST = 5;

/** The nearest rank ⌈q n⌉ of a quantile, from 1. @param q in (0, 1] */
export function rankOf(q: number, n: number): number {
  // The tolerance keeps 0.9 × 10 from becoming rank 10 by a rounding error.
  return Math.max(1, Math.ceil(q * n - 1e-9));
}

/** The value at the nearest rank of ascending values. @param q in (0, 1]; the values must not be empty */
export function nearestRank(ascending: ArrayLike<number>, q: number): number {
  return ascending[rankOf(q, ascending.length) - 1] ?? Number.NaN;
}

/** The median, or null of nothing. */
export function medianOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : nearestRank(Float64Array.from(values).sort(), 0.5);
}

/**
 * How many samples count as one for the share of values above `threshold`; at least 1.
 * @param timesMs the instant of each value, which says what happened together
 */
export function designEffect(values: ArrayLike<number>, timesMs: ArrayLike<number>, threshold: number): number {
  const { cells, cellOf } = cellsOf(timesMs);
  return largestEffect(clusterings(cells, countsBeyond(values, cellOf, cells.all.length, threshold)));
}

/** Values with the instants at which they happened. Milliseconds. */
export class Samples {
  readonly #values: number[] = [];
  readonly #timesMs: number[] = [];
  #censored = 0;

  /** @param censored the value is only bounded from below: it is taken at the bound, and counted. */
  add(value: number, timeMs: number, censored = false): void {
    this.#values.push(value);
    this.#timesMs.push(timeMs);
    if (censored) this.#censored += 1;
  }

  get size(): number {
    return this.#values.length;
  }

  /** Quantiles by nearest rank, rounded to a hundredth; null where there are too few effective samples. */
  quantiles(): TailQuantiles {
    const ascending = Float64Array.from(this.#values).sort();
    const n = ascending.length;
    const at = (q: number): number | null => {
      if (n * (1 - q) < BEYOND_LEAST - 1e-9) return null;
      const value = nearestRank(ascending, q);
      const effective = n / designEffect(this.#values, this.#timesMs, value);
      return effective * (1 - q) < BEYOND_LEAST - 1e-9 ? null : round(value, 2);
    };
    const max = n === 0 ? null : round(nearestRank(ascending, 1), 2);
    return { n, p50: at(0.5), p90: at(0.9), p99: at(0.99), max, censored: this.#censored };
  }
}
