/**
 * Records durations into HdrHistograms (3 significant digits), one per second, in the standard HdrHistogram log format 1.3,
 * so that percentiles can be re-computed and merged without loss by any HdrHistogram tool. Values are microseconds in the file.
 */
import { appendFileSync } from "node:fs";
import { build, type Histogram, HistogramLogWriter } from "hdr-histogram-js";
import type { Clock } from "../clock.ts";
import type { Quantiles } from "../trial.ts";

const HIGHEST_US = 3_600_000_000;

function emptyHistogram(): Histogram {
  return build({
    bitBucketSize: 32,
    numberOfSignificantValueDigits: 3,
    highestTrackableValue: HIGHEST_US,
    autoResize: false,
  });
}

/** Quantiles of a histogram of microseconds, in milliseconds; null when it is empty. */
export function quantilesOf(histogram: Histogram): Quantiles | null {
  if (histogram.totalCount === 0) return null;
  const at = (percentile: number): number => histogram.getValueAtPercentile(percentile) / 1000;
  return {
    n: histogram.totalCount,
    p50: at(50),
    p90: at(90),
    p99: at(99),
    p999: at(99.9),
    max: histogram.maxValue / 1000,
  };
}

/** One named series. `record` is a few array writes; a second's histogram is encoded when the next second's first value arrives. */
export class IntervalRecorder {
  readonly #total = emptyHistogram();
  readonly #interval = emptyHistogram();
  readonly #file: string | null;
  readonly #clock: Clock;
  #intervalStartMs: number;

  /** @param file log to append to, or null. @param tag name of the series in the log. @param clock trial time. */
  constructor(file: string | null, tag: string, clock: Clock) {
    this.#file = file;
    this.#clock = clock;
    this.#interval.tag = tag;
    this.#intervalStartMs = clock();
  }

  /** @param milliseconds negative values (a timer that fired early) count as 0. */
  record(milliseconds: number): void {
    const microseconds = Math.min(HIGHEST_US, Math.max(0, Math.round(milliseconds * 1000)));
    this.#total.recordValue(microseconds);
    if (this.#file === null) return;
    if (this.#clock() - this.#intervalStartMs >= 1000) this.#flush();
    this.#interval.recordValue(microseconds);
  }

  #flush(): void {
    const now = this.#clock();
    if (this.#file !== null && this.#interval.totalCount > 0) {
      const writer = new HistogramLogWriter((text) => appendFileSync(this.#file as string, text));
      writer.outputIntervalHistogram(this.#interval, this.#intervalStartMs / 1000, now / 1000, 1000);
      const tag = this.#interval.tag;
      this.#interval.reset();
      this.#interval.tag = tag; // reset forgets it
    }
    this.#intervalStartMs = now;
  }

  /** Quantiles so far, in milliseconds. */
  quantiles(): Quantiles | null {
    return quantilesOf(this.#total);
  }

  /** Writes what is left and returns the quantiles of everything. */
  close(): Quantiles | null {
    this.#flush();
    return this.quantiles();
  }
}
