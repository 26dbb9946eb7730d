/**
 * Quantiles with an interval that survives clustering: stalls, pauses and kills make many samples slow at once, and what counts
 * is the number of stalls. The textbook's binomial interval counts samples and holds the true p99 in one case of six (benches/statistics.ts).
 *
 * - The interval holds every value that a test would not reject as the quantile (Woodruff 1952, inverted at each candidate and not
 *   at the estimate alone, because at the knee between body and stalls the clustering differs on both sides).
 * - The test at a candidate: the interval of the share beyond it, Clopper and Pearson's (1934) for the effective size of Korn and
 *   Graubard (1998): n over the design effect, times (z / t)² for the degrees of freedom of the clusters.
 * - The design effect is the largest over blocks of 1, 2, 5, 10 and 20 s and between processes, whether or not chance might
 *   have made it so: an interval that is too wide misleads less than one that is too narrow.
 * - Not enough, so null: the quantile below an effective size of 5 / (1 − q); the interval where the longest blocks are shorter
 *   than twice the longest stall, where the data end before a bound, or where the run is so short that the slow share of it, 1 − q, is
 *   under 0.55 s (55 s for p99, 550 s for p99.9). That last rule looks at the length alone on purpose: in short runs those
 *   that happened to meet few stalls look the surest, so a minimum counted from the data lets through just the wrong ones.
 */
import { betaCdf } from "./beta.ts";
import { type Cells, type Clustering, cellsOf, clusterings, countsBeyond, largestEffect } from "./clusters.ts";
import { normalQuantile } from "./normal.ts";
import { tQuantile } from "./student.ts";
import { BEYOND_LEAST, nearestRank } from "./tail-quantiles.ts";

/** A quantile as it can be known. */
export interface QuantileEstimate {
  readonly q: number;
  /** The value at the nearest rank; null where too few effective samples lie beyond it. */
  readonly ms: number | null;
  /** Bounds of the interval; null where they cannot be given. */
  readonly lowMs: number | null;
  readonly highMs: number | null;
  readonly n: number;
  /** n over the design effect: as many independent samples would know as much. */
  readonly effective: number;
}

/** What else is known of the samples. */
export interface SampleOrigin {
  /** Number of the fresh process that each sample comes from, from 0. Left out: all from one, and the interval is about that one. */
  readonly processes?: ArrayLike<number>;
  /** The longest stall seen. Left out: how far the largest value exceeds the median, as who met the stall's start waited it out. */
  readonly longestStallMs?: number;
}

/** Samples as the interval sees them: ranks, and counts beyond a value by cell. */
export interface RankedCells {
  readonly cells: Cells;
  readonly n: number;
  /** The value that `beyond` samples exceed, at least nearly: the (beyond + 1)th largest. */
  valueBefore(beyond: number): number;
  countsBeyond(value: number): ArrayLike<number>;
}

/** Neighbouring candidates differ by this factor in the number of samples beyond them. */
const STEP = 1.04;
/** A block must be this many times as long as a stall, so that few stalls lie in two. */
const BLOCK_PER_STALL = 2;

/** Slow time, (1 − q) of the run, below which a single stall may decide the quantile. */
const SLOW_MS_LEAST = 550;
const CELL_MS = 1000;

/** How long the processes were watched, together. */
function watchedMs({ startsMs, processes }: Cells): number {
  let total = 0;
  for (let cell = 0; cell < startsMs.length; cell++)
    if (processes[cell] !== processes[cell + 1]) total += (startsMs[cell] ?? 0) + CELL_MS;
  return total;
}

const knownTs = new Map<string, number>();

/** Every candidate of every interval asks for the same few quantiles of t, and each takes a search. */
function knownT(p: number, degrees: number): number {
  const key = `${p} ${degrees}`;
  let t = knownTs.get(key);
  if (t === undefined) {
    t = tQuantile(p, degrees);
    knownTs.set(key, t);
  }
  return t;
}

/** The effective size for the width of an interval: the smallest that any way of clustering leaves. */
function widthSize(n: number, found: readonly Clustering[], level: number): number {
  const tail = (1 - level) / 2;
  const z = normalQuantile(1 - tail);
  return found.reduce((least, { dispersion, degrees }) => {
    const t = knownT(1 - tail, degrees);
    return Math.min(least, (n / dispersion) * (z / t) ** 2);
  }, n);
}

/** Whether the share of samples beyond the quantile, 1 − q, lies below, in or above the interval of the share that was counted. */
function sideOf(share: number, size: number, q: number, level: number): "below" | "in" | "above" {
  const tail = (1 - level) / 2;
  const beyond = share * size;
  const rest = size - beyond;
  if (beyond > 0 && betaCdf(1 - q, beyond, rest + 1) < tail) return "below";
  if (rest > 0 && betaCdf(1 - q, beyond + 1, rest) > 1 - tail) return "above";
  return "in";
}

/** What is known of the quantile where `beyond` samples lie beyond the candidate. */
function judge(ranked: RankedCells, value: number, q: number, level: number): "below" | "in" | "above" {
  const counts = ranked.countsBeyond(value);
  let beyond = 0;
  for (let cell = 0; cell < counts.length; cell++) beyond += counts[cell] ?? 0;
  return sideOf(beyond / ranked.n, widthSize(ranked.n, clusterings(ranked.cells, counts), level), q, level);
}

/**
 * Going away from the estimate, the first candidate on this side that the test rejects; null where the data end first.
 * Steps widen until one is rejected, then the gap is halved.
 */
function boundOf(ranked: RankedCells, q: number, level: number, side: "below" | "above"): number | null {
  const end = side === "below" ? ranked.n - 1 : 0;
  const isRejected = (beyond: number): boolean => judge(ranked, ranked.valueBefore(beyond), q, level) === side;
  let held = Math.round(ranked.n * (1 - q));
  let rejected = held;
  while (rejected === held || !isRejected(rejected)) {
    if (rejected === end) return null;
    held = rejected;
    const next = side === "below" ? Math.max(held + 1, held * STEP) : Math.min(held - 1, held / STEP);
    rejected = Math.round(side === "below" ? Math.min(end, next) : Math.max(end, next));
  }
  while (Math.abs(rejected - held) > 1) {
    const middle = (rejected + held) >> 1;
    if (isRejected(middle)) rejected = middle;
    else held = middle;
  }
  return ranked.valueBefore(rejected);
}

/** The estimate from whatever can rank and count. @param longestStallMs see {@link SampleOrigin} */
export function estimateQuantile(
  ranked: RankedCells,
  q: number,
  level: number,
  longestStallMs: number,
): QuantileEstimate {
  const { n } = ranked;
  const none = { q, ms: null, lowMs: null, highMs: null, n };
  if (n * (1 - q) < BEYOND_LEAST - 1e-9) return { ...none, effective: n };
  const value = ranked.valueBefore(n - Math.ceil(q * n - 1e-9));
  const found = clusterings(ranked.cells, ranked.countsBeyond(value));
  const effective = n / largestEffect(found);
  if (effective * (1 - q) < BEYOND_LEAST - 1e-9) return { ...none, effective };
  const longestBlockMs = Math.max(0, ...found.map(({ blockMs }) => blockMs).filter(Number.isFinite));
  const blocksFit = longestBlockMs > 0 && longestBlockMs >= BLOCK_PER_STALL * longestStallMs;
  const watchedEnough = watchedMs(ranked.cells) * (1 - q) >= SLOW_MS_LEAST - 1e-6;
  if (!blocksFit || !watchedEnough) return { ...none, ms: value, effective };
  return {
    ...none,
    ms: value,
    lowMs: boundOf(ranked, q, level, "below"),
    highMs: boundOf(ranked, q, level, "above"),
    effective,
  };
}

/** Samples, with the tail kept apart: most candidates lie in it. */
function rankedSamples(
  values: ArrayLike<number>,
  timesMs: ArrayLike<number>,
  q: number,
  processes?: ArrayLike<number>,
): RankedCells & { readonly ascending: Float64Array } {
  const n = values.length;
  const ascending = new Float64Array(values).sort();
  const { cells, cellOf } = cellsOf(timesMs, processes);
  const valueBefore = (beyond: number): number => ascending[n - 1 - beyond] ?? Number.NaN;
  const floor = valueBefore(Math.min(n - 1, Math.ceil(TAIL_KEPT * n * (1 - q))));
  const tail: number[] = [];
  const tailCells: number[] = [];
  for (let i = 0; i < n; i++) {
    const value = values[i] ?? 0;
    if (value <= floor) continue;
    tail.push(value);
    tailCells.push(cellOf[i] ?? 0);
  }
  const ofTail = Int32Array.from(tailCells);
  return {
    cells,
    n,
    ascending,
    valueBefore,
    countsBeyond: (value) =>
      value >= floor
        ? countsBeyond(tail, ofTail, cells.all.length, value)
        : countsBeyond(values, cellOf, cells.all.length, value),
  };
}

/** As many times the samples beyond the quantile. */
const TAIL_KEPT = 4;

/**
 * A quantile of samples and its interval.
 * @param values one per sample, in milliseconds @param timesMs when each was taken @param q in (0, 1)
 * @param level coverage meant, in (0, 1)
 */
export function quantileInterval(
  values: ArrayLike<number>,
  timesMs: ArrayLike<number>,
  q: number,
  level = 0.95,
  origin: SampleOrigin = {},
): QuantileEstimate {
  if (values.length === 0) return { q, ms: null, lowMs: null, highMs: null, n: 0, effective: 0 };
  const ranked = rankedSamples(values, timesMs, q, origin.processes);
  const spread = nearestRank(ranked.ascending, 1) - nearestRank(ranked.ascending, 0.5);
  return estimateQuantile(ranked, q, level, origin.longestStallMs ?? spread);
}
