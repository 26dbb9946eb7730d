import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { build } from "hdr-histogram-js";
import { afterAll, describe, expect, test } from "vitest";
import { randomOf } from "../random.ts";
import { histogramQuantile, mergeHistograms, readHistogramLog, selectIntervals } from "./histogram-log.ts";
import { IntervalRecorder, quantilesOf } from "./interval-recorder.ts";
import { quantileInterval } from "./quantile-interval.ts";
import { nearestRank } from "./tail-quantiles.ts";
import { simulateStalls } from "./testing/stall-model.ts";

const folder = mkdtempSync(join(tmpdir(), "histogram-log-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Timed {
  readonly ms: number;
  readonly gapMs: number;
}

/** What the recorder writes of these values, each `gapMs` after the one before. */
function logOf(name: string, tag: string, values: readonly Timed[]): string {
  const file = join(folder, name);
  rmSync(file, { force: true });
  let nowMs = 0;
  const recorder = new IntervalRecorder(file, tag, () => nowMs);
  for (const { ms, gapMs } of values) {
    nowMs += gapMs;
    recorder.record(ms);
  }
  recorder.close();
  return values.length === 0 ? "" : readFileSync(file, "utf8");
}

const timed = fc.array(
  fc.record({ ms: fc.double({ min: 0, max: 100_000, noNaN: true }), gapMs: fc.integer({ min: 0, max: 700 }) }),
  { maxLength: 60 },
);

/** The counts of all values recorded at once. */
function atOnce(values: readonly Timed[]) {
  const histogram = build({ numberOfSignificantValueDigits: 3, highestTrackableValue: 3_600_000_000 });
  for (const { ms } of values) histogram.recordValue(Math.round(ms * 1000));
  return histogram;
}

describe("a log of interval histograms", () => {
  test("merged is the histogram of all values recorded at once", () => {
    fc.assert(
      fc.property(timed, timed, (first, second) => {
        const logs = [logOf("a", "turns", first), logOf("b", "turns", second)];
        const merged = mergeHistograms(logs.flatMap((text) => readHistogramLog(text)));
        const whole = atOnce([...first, ...second]);
        expect(merged.totalCount).toBe(whole.totalCount);
        for (let percent = 0; percent <= 100 && whole.totalCount > 0; percent += 2.5)
          expect(merged.getValueAtPercentile(percent)).toBe(whole.getValueAtPercentile(percent));
      }),
      { numRuns: 60 },
    );
  });

  test("gives quantiles within a thousandth of the sorted values'", () => {
    const random = randomOf(3, "values");
    const values = Array.from({ length: 5_000 }, () => ({ ms: 20_000 * random() ** 6, gapMs: 3 }));
    const ascending = Float64Array.from(values, ({ ms }) => ms).sort();
    const found = quantilesOf(mergeHistograms(readHistogramLog(logOf("c", "t", values))));
    for (const [q, ms] of [
      [0.5, found?.p50],
      [0.9, found?.p90],
      [0.99, found?.p99],
      [0.999, found?.p999],
    ] as const)
      expect(Math.abs((ms ?? 0) / nearestRank(ascending, q) - 1)).toBeLessThan(0.001);
  });

  test("is chosen from by series and by time", () => {
    const text = logOf(
      "d",
      "turns",
      [0, 600, 600, 600].map((gapMs) => ({ ms: 5, gapMs })),
    );
    const intervals = readHistogramLog(text + text.replaceAll("Tag=turns", "Tag=frames"));
    expect(intervals.map(({ tag, startMs }) => [tag, startMs])).toEqual([
      ["turns", 0],
      ["turns", 1200],
      ["frames", 0],
      ["frames", 1200],
    ]);
    expect(selectIntervals(intervals, { tag: "frames", fromMs: 1000 })).toEqual(intervals.slice(3));
    expect(selectIntervals(intervals, { beforeMs: 1200 })).toEqual([intervals[0], intervals[2]]);
    expect(mergeHistograms(selectIntervals(intervals, { tag: "nothing" })).totalCount).toBe(0);
  });

  test("that was cut off is refused by line, and comments are passed over", () => {
    const text = logOf("e", "turns", [{ ms: 5, gapMs: 0 }]);
    expect(readHistogramLog(`#[Histogram log format version 1.3]\n${text}`)).toHaveLength(1);
    expect(() => readHistogramLog(`${text}${text.slice(0, -30)}`)).toThrow(/^Line 2 of the histogram log/);
    expect(readHistogramLog("")).toEqual([]);
  });

  test("gives the intervals of quantiles that the samples give, as exactly as its buckets are narrow", () => {
    const { values, timesMs } = simulateStalls(120_000, randomOf(5, "log"));
    const file = join(folder, "f");
    let nowMs = 0;
    const recorder = new IntervalRecorder(file, "turns", () => nowMs);
    for (const [index, ms] of values.entries()) {
      // Whole seconds from the first sample on, as the samples are blocked.
      nowMs = (timesMs[index] ?? 0) - (timesMs[0] ?? 0);
      recorder.record(ms, Math.floor(nowMs / 1000) * 1000);
    }
    recorder.close();
    const intervals = readHistogramLog(readFileSync(file, "utf8"));
    for (const q of [0.5, 0.9, 0.99]) {
      const fromSamples = quantileInterval(values, timesMs, q);
      const fromLog = histogramQuantile([intervals], q);
      expect(fromLog.n).toBe(fromSamples.n);
      expect(fromLog.effective / fromSamples.effective).toBeCloseTo(1, 1);
      for (const part of ["ms", "lowMs", "highMs"] as const)
        expect(Math.abs((fromLog[part] ?? 0) / (fromSamples[part] ?? 1) - 1), `${part} of ${q}`).toBeLessThan(0.01);
    }
    expect(histogramQuantile([], 0.5)).toMatchObject({ ms: null, n: 0 });
  });
});
