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

  /**
   * @param milliseconds negative values (a timer that fired early) count as 0.
   * @param nowMs trial time, where the caller has just read it anyway
   */
  record(milliseconds: number, nowMs: number = this.#clock()): void {
    if (nowMs - this.#intervalStartMs >= 1000) this.#flush(nowMs);
    this.#interval.recordValue(Math.min(HIGHEST_US, Math.max(0, Math.round(milliseconds * 1000))));
  }

  #flush(now: number): void {
    if (this.#interval.totalCount > 0) {
      if (this.#file !== null) {
        const writer = new HistogramLogWriter((text) => appendFileSync(this.#file as string, text));
        writer.outputIntervalHistogram(this.#interval, this.#intervalStartMs / 1000, now / 1000, 1000);
      }
      this.#total.add(this.#interval);
      const tag = this.#interval.tag;
      this.#interval.reset();
      this.#interval.tag = tag; // reset forgets it
    }
    this.#intervalStartMs = now;
  }

  /** Quantiles so far, in milliseconds. */
  quantiles(): Quantiles | null {
    this.#flush(this.#clock());
    return quantilesOf(this.#total);
  }

  /** Writes what is left and returns the quantiles of everything. */
  close(): Quantiles | null {
    return this.quantiles();
  }
}
