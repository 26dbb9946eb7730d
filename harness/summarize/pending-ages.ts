/**
 * Ages of pending turns, looked at every 100 ms: the time-weighted view of latency.
 *
 * An outage of minutes makes millions of such looks, so none is kept. The looks at one turn are a run of equally spaced ticks with
 * ages that only grow; counts and order statistics of all runs together follow from their ends. The figures are exactly those of
 * `Samples` with every look added.
 */
import { clusterings, largestEffect } from "../statistics/clusters.ts";
import { round } from "../statistics/round.ts";
import { BEYOND_LEAST, rankOf } from "../statistics/tail-quantiles.ts";
import type { TailQuantiles } from "../summary.ts";

/** All pending turns are looked at this often. */
export const TICK_MS = 100;
const CELL_MS = 1000;

/** The looks at one turn: ticks `first` to `last`, counted from the start of the trial's clock. */
interface Run {
  readonly enabledMs: number;
  readonly floorMs: number;
  readonly first: number;
  readonly last: number;
}

/** Ticks at which a turn was pending; `last` is below `first` when there was none. */
export function ticksOf(enabledMs: number, endMs: number): { readonly first: number; readonly last: number } {
  return { first: Math.ceil(enabledMs / TICK_MS), last: Math.ceil(endMs / TICK_MS) - 1 };
}

/** Age beyond the floor; 0 while the turn is within it. */
const ageAt = ({ enabledMs, floorMs }: Run, tick: number): number => Math.max(0, tick * TICK_MS - enabledMs - floorMs);

/** How many looks of a run showed an age of at most `ms`. */
function looksUpTo(run: Run, ms: number): number {
  const { enabledMs, floorMs, first, last } = run;
  let tick = Math.min(last, Math.max(first - 1, Math.floor((ms + enabledMs + floorMs) / TICK_MS)));
  // The guess may be off by the rounding of its last digit.
  while (tick < last && ageAt(run, tick + 1) <= ms) tick += 1;
  while (tick >= first && ageAt(run, tick) > ms) tick -= 1;
  return tick - first + 1;
}

/** Adds the ticks `first` to `last` to counts by tick, kept as differences. */
function addTicks(differences: Float64Array, first: number, last: number): void {
  if (last < first) return;
  differences[first] = (differences[first] ?? 0) + 1;
  differences[last + 1] = (differences[last + 1] ?? 0) - 1;
}

/** Counts by second from counts by tick. */
function bySecond(differences: Float64Array): Float64Array {
  const ticks = differences.length - 1;
  const perSecond = CELL_MS / TICK_MS;
  const seconds = new Float64Array(Math.ceil(ticks / perSecond));
  let count = 0;
  for (let tick = 0; tick < ticks; tick++) {
    count += differences[tick] ?? 0;
    const second = Math.floor(tick / perSecond);
    seconds[second] = (seconds[second] ?? 0) + count;
  }
  return seconds;
}

/** The ages of many turns. */
export class PendingAges {
  readonly #runs: Run[] = [];
  #looks = 0;

  /** Looks at a turn at ticks `first` to `last`. */
  add(enabledMs: number, floorMs: number, first: number, last: number): void {
    if (last < first) return;
    this.#runs.push({ enabledMs, floorMs, first, last });
    this.#looks += last - first + 1;
  }

  /** Quantiles by nearest rank, rounded to a hundredth; null where there are too few effective samples. Milliseconds. */
  quantiles(): TailQuantiles {
    const n = this.#looks;
    const at = (q: number): number | null => {
      if (n * (1 - q) < BEYOND_LEAST - 1e-9) return null;
      const value = this.#ofRank(rankOf(q, n));
      return (n / this.#designEffect(value)) * (1 - q) < BEYOND_LEAST - 1e-9 ? null : round(value, 2);
    };
    const max = n === 0 ? null : round(this.#most, 2);
    return { n, p50: at(0.5), p90: at(0.9), p99: at(0.99), max, censored: 0 };
  }

  get #most(): number {
    return this.#runs.reduce((most, run) => Math.max(most, ageAt(run, run.last)), 0);
  }

  #looksUpTo(ms: number): number {
    return this.#runs.reduce((looks, run) => looks + looksUpTo(run, ms), 0);
  }

  /** The age of a rank from 1: bracketed by whole ticks, then picked from the few looks in between. */
  #ofRank(rank: number): number {
    let below = -1;
    let above = Math.ceil(this.#most / TICK_MS) + 1;
    while (above - below > 1) {
      const middle = Math.floor((below + above) / 2);
      if (this.#looksUpTo(middle * TICK_MS) >= rank) above = middle;
      else below = middle;
    }
    if (above === 0) return 0;
    const between: number[] = [];
    let before = 0;
    for (const run of this.#runs) {
      const [under, upTo] = [looksUpTo(run, below * TICK_MS), looksUpTo(run, above * TICK_MS)];
      before += under;
      for (let look = under; look < upTo; look++) between.push(ageAt(run, run.first + look));
    }
    return Float64Array.from(between).sort()[rank - before - 1] ?? Number.NaN;
  }

  #designEffect(threshold: number): number {
    let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const run of this.#runs) {
      first = Math.min(first, run.first);
      last = Math.max(last, run.last);
    }
    const all = new Float64Array(last - first + 2);
    const beyond = new Float64Array(last - first + 2);
    for (const run of this.#runs) {
      addTicks(all, run.first - first, run.last - first);
      addTicks(beyond, run.first + looksUpTo(run, threshold) - first, run.last - first);
    }
    const seconds = bySecond(all);
    const startsMs = Float64Array.from(seconds, (_, second) => second * CELL_MS);
    return largestEffect(
      clusterings({ startsMs, processes: new Float64Array(seconds.length), all: seconds }, bySecond(beyond)),
    );
  }
}
