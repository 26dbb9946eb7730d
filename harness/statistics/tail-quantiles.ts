/**
 * Quantiles of a few samples, with a minimum below which they are not given.
 *
 * A quantile q is given when n_eff × (1 − q) ≥ 5: five effective samples beyond it. n_eff = n / design effect (Kish 1965): samples
 * taken while the same thing went wrong are one observation rather than many. The effect is that of the counts beyond the
 * quantile over blocks of 1 to 20 seconds, the largest of them, and only where it is larger than chance makes it.
 */
import type { TailQuantiles } from "../summary.ts";
import { round } from "./round.ts";

const BEYOND_LEAST = 5;
const BLOCKS_MS = [1_000, 2_000, 5_000, 10_000, 20_000];
/** With fewer blocks their variance says nothing. */
const BLOCKS_LEAST = 4;
/** One-sided 99 % point of the normal distribution. */
const Z_99 = 2.326;

/** The value at rank ⌈q n⌉ (nearest rank) of ascending values. @param q in (0, 1]; the values must not be empty */
export function nearestRank(ascending: ArrayLike<number>, q: number): number {
  // The tolerance keeps 0.9 × 10 from becoming rank 10 by a rounding error.
  const rank = Math.max(1, Math.ceil(q * ascending.length - 1e-9));
  return ascending[rank - 1] ?? Number.NaN;
}

/** The median, or null of nothing. */
export function medianOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : nearestRank(Float64Array.from(values).sort(), 0.5);
}

/** 99 % point of chi-square over its degrees of freedom (Wilson and Hilferty 1931): how large a dispersion chance makes. */
function chanceDispersion(degrees: number): number {
  const spread = 2 / (9 * degrees);
  return (1 - spread + Z_99 * Math.sqrt(spread)) ** 3;
}

/**
 * How many samples count as one for the share of values above `threshold`; at least 1.
 * @param timesMs the instant of each value, which says what happened together
 */
export function designEffect(values: ArrayLike<number>, timesMs: ArrayLike<number>, threshold: number): number {
  const n = values.length;
  let beyond = 0;
  let firstMs = Number.POSITIVE_INFINITY;
  for (let i = 0; i < n; i++) {
    if ((values[i] ?? 0) > threshold) beyond += 1;
    firstMs = Math.min(firstMs, timesMs[i] ?? firstMs);
  }
  const share = beyond / n;
  if (beyond === 0 || beyond === n) return 1;
  let largest = 1;
  for (const blockMs of BLOCKS_MS) {
    const blocks = new Map<number, { all: number; beyond: number }>();
    for (let i = 0; i < n; i++) {
      const index = Math.floor(((timesMs[i] ?? firstMs) - firstMs) / blockMs);
      const block = blocks.get(index) ?? { all: 0, beyond: 0 };
      block.all += 1;
      if ((values[i] ?? 0) > threshold) block.beyond += 1;
      blocks.set(index, block);
    }
    if (blocks.size < BLOCKS_LEAST) break;
    let squares = 0;
    for (const block of blocks.values()) squares += (block.beyond - share * block.all) ** 2;
    const degrees = blocks.size - 1;
    const dispersion = (squares / (n * share * (1 - share))) * (blocks.size / degrees);
    if (dispersion > chanceDispersion(degrees)) largest = Math.max(largest, dispersion);
  }
  return largest;
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
