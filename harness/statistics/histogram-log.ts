/**
 * Reads logs of interval histograms (HdrHistogram log format 1.3) and merges them without loss: counts are added, so the histogram
 * of many seconds, phases or processes is the one that would have been recorded at once. Quantiles are never averaged.
 */
import { build, type Histogram, HistogramLogReader, JsHistogram } from "hdr-histogram-js";
import { assert, UsageError } from "../errors.ts";
import { estimateQuantile, type QuantileEstimate, type RankedCells } from "./quantile-interval.ts";

/** The recorder's range, so that a merge has its buckets. */
const HIGHEST_US = 3_600_000_000;
const DIGITS = 3;

/** What one series recorded in one interval: only buckets that hold something, so that an hour of a log fits in memory. */
export interface IntervalHistogram {
  readonly tag: string;
  readonly startMs: number;
  readonly endMs: number;
  /** Highest value of each bucket, in microseconds, ascending. */
  readonly valuesUs: Float64Array;
  /** How many values each bucket holds. */
  readonly counts: Float64Array;
}

/** Which intervals are meant; what is left out does not matter. */
export interface LogSelection {
  readonly tag?: string;
  /** Intervals that begin at this instant or later … */
  readonly fromMs?: number;
  /** … and before this one. */
  readonly beforeMs?: number;
}

function bucketsOf(histogram: Histogram): Pick<IntervalHistogram, "valuesUs" | "counts"> {
  assert(histogram instanceof JsHistogram, "the log reader decodes into the histograms of its own library");
  const valuesUs: number[] = [];
  const counts: number[] = [];
  for (let index = 0; index < histogram.countsArrayLength; index++) {
    const count = histogram.getCountAtIndex(index);
    if (count === 0) continue;
    valuesUs.push(histogram.highestEquivalentValue(histogram.valueFromIndex(index)));
    counts.push(count);
  }
  return { valuesUs: Float64Array.from(valuesUs), counts: Float64Array.from(counts) };
}

/**
 * All intervals of a log, in its order. An interval without a tag has the tag "NO TAG".
 * @throws UsageError when a line cannot be decoded, as at the end of a file that was cut off
 */
export function readHistogramLog(text: string): IntervalHistogram[] {
  const reader = new HistogramLogReader(text);
  const intervals: IntervalHistogram[] = [];
  for (;;) {
    let histogram: Histogram | null;
    try {
      histogram = reader.nextIntervalHistogram();
    } catch (error) {
      const cause = error instanceof Error ? error.message : String(error);
      throw new UsageError(
        `Line ${reader.currentLineIndex} of the histogram log is not an interval of HdrHistogram's log format: ${cause}`,
      );
    }
    if (histogram === null) return intervals;
    const { tag, startTimeStampMsec: startMs, endTimeStampMsec: endMs } = histogram;
    intervals.push({ tag, startMs, endMs, ...bucketsOf(histogram) });
  }
}

/** The intervals of a series and a range of time. */
export function selectIntervals(intervals: readonly IntervalHistogram[], selection: LogSelection): IntervalHistogram[] {
  const { tag, fromMs = Number.NEGATIVE_INFINITY, beforeMs = Number.POSITIVE_INFINITY } = selection;
  return intervals.filter(
    (one) => (tag === undefined || one.tag === tag) && one.startMs >= fromMs && one.startMs < beforeMs,
  );
}

/** One histogram of all intervals, in microseconds; `quantilesOf` (interval-recorder.ts) reads it. */
export function mergeHistograms(intervals: readonly IntervalHistogram[]): Histogram {
  const merged = build({
    bitBucketSize: 32,
    numberOfSignificantValueDigits: DIGITS,
    highestTrackableValue: HIGHEST_US,
    autoResize: true,
  });
  for (const { valuesUs, counts } of intervals)
    for (const [index, valueUs] of valuesUs.entries()) merged.recordValueWithCount(valueUs, counts[index] ?? 0);
  return merged;
}

/** Intervals as cells of counts, with the buckets of all of them in one ascending list. */
function rankedIntervals(
  processes: readonly (readonly IntervalHistogram[])[],
): RankedCells & { readonly spreadMs: number } {
  const sorted = processes.map((intervals) => [...intervals].sort((a, b) => a.startMs - b.startMs));
  const intervals = sorted.flat();
  const cells = {
    startsMs: sorted.flatMap((of) => of.map(({ startMs }) => startMs - (of[0]?.startMs ?? 0))),
    processes: sorted.flatMap((of, process) => of.map(() => process)),
    all: intervals.map(({ counts }) => counts.reduce((sum, count) => sum + count, 0)),
  };
  const totals = new Map<number, number>();
  for (const { valuesUs, counts } of intervals)
    for (const [index, valueUs] of valuesUs.entries())
      totals.set(valueUs, (totals.get(valueUs) ?? 0) + (counts[index] ?? 0));
  const descending = [...totals].sort(([a], [b]) => b - a);
  const valueBefore = (beyond: number): number => {
    let seen = 0;
    for (const [valueUs, count] of descending) {
      seen += count;
      if (seen > beyond) return valueUs / 1000;
    }
    return Number.NaN;
  };
  const n = cells.all.reduce((sum, count) => sum + count, 0);
  return {
    cells,
    n,
    valueBefore,
    countsBeyond: (ms) =>
      intervals.map(({ valuesUs, counts }) =>
        counts.reduce((sum, count, index) => ((valuesUs[index] ?? 0) > ms * 1000 + 1e-6 ? sum + count : sum), 0),
      ),
    spreadMs: n === 0 ? 0 : valueBefore(0) - valueBefore(n >> 1),
  };
}

/**
 * A quantile and its interval from interval histograms of one series, as {@link estimateQuantile} does from samples.
 * @param processes the intervals of each fresh process @param longestStallMs left out: by how much the largest value exceeds the median
 */
export function histogramQuantile(
  processes: readonly (readonly IntervalHistogram[])[],
  q: number,
  level = 0.95,
  longestStallMs?: number,
): QuantileEstimate {
  const ranked = rankedIntervals(processes);
  if (ranked.n === 0) return { q, ms: null, lowMs: null, highMs: null, n: 0, effective: 0 };
  return estimateQuantile(ranked, q, level, longestStallMs ?? ranked.spreadMs);
}
