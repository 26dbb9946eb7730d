import { describe, expect, test } from "vitest";
import type { Timeline } from "../harness/summary.ts";
import { fixtureSummary } from "./fixture-summary.ts";
import { goodputBack, goodputBackAfter } from "./goodput-back.ts";
import { heatSteps } from "./html/chart-canvas.ts";
import { tellingSeconds } from "./telling-seconds.ts";
import { marksOf } from "./timeline-words.ts";

const [trial] = fixtureSummary().scenarios[0]?.results[2]?.trials ?? [];
if (trial === undefined) throw new Error("the fixture has no such trial");

/** A timeline of so many seconds with one extreme of each figure. */
function long(seconds: number): Timeline {
  const series = (value: (second: number) => number) => Array.from({ length: seconds }, (_, second) => value(second));
  return {
    ...(trial as NonNullable<typeof trial>).timeline,
    seconds,
    intact: series((second) => (second === 1_234 ? 0 : second === 2_345 ? 500 : 90 + (second % 7))),
    overheadMaxMs: series((second) => (second === 3_001 ? 9_000 : 40 + (second % 11))),
    pending: series((second) => (second === 777 ? 4_000 : 100)),
  };
}

describe("seconds of a table", () => {
  test("of a short trial are all", () => {
    expect(tellingSeconds(trial.timeline)).toHaveLength(trial.timeline.seconds);
  });

  test("of a long one are few, in order, with every extreme", () => {
    const shown = tellingSeconds(long(3_600), 300);
    expect(shown.length).toBeLessThanOrEqual(300);
    expect(shown).toEqual([...shown].sort((a, b) => a - b));
    expect(shown).toEqual(expect.arrayContaining([777, 1_234, 2_345, 3_001]));
  });

  test("without any answer there is still something to show", () => {
    const timeline = { ...long(1_000), overheadMaxMs: new Array<null>(1_000).fill(null) };
    expect(tellingSeconds(timeline, 40).length).toBeGreaterThan(10);
  });
});

describe("goodput in words", () => {
  const { timeline } = trial;
  const withBack = (...after: readonly (number | null)[]): Timeline => ({
    ...timeline,
    band: {
      low: 84,
      high: 99,
      back: after.map((afterS, index) => ({ fault: `f${index + 1}`, atS: afterS === null ? null : 22, afterS })),
    },
  });

  test.each<[readonly (number | null)[], string]>([
    [[1.8], "goodput back after 1.8 s"],
    [[null], "goodput not back before the load ended"],
    [[1.8, 12, 0], "goodput back after each of 3 faults, at the longest in 12 s"],
    [[1.8, null], "goodput back after 1 of 2 faults, at the longest in 1.8 s"],
    [[null, null], "goodput not back after any of 2 faults"],
  ])("%j: %s", (after, says) => {
    expect(goodputBack(withBack(...after))).toBe(says);
  });

  test("of each fault a sentence with the band", () => {
    expect(goodputBackAfter(withBack(1.8, null), "f1")).toBe(
      "Goodput was back to the 84 to 99 turns/s of calm after 1.8 s.",
    );
    expect(goodputBackAfter(withBack(1.8, null), "f2")).toContain("did not come back");
    expect(goodputBackAfter(withBack(1.8), "f9")).toBeNull();
  });

  test("without a band nothing is said", () => {
    expect(goodputBack({ ...timeline, band: null })).toBeNull();
    const { band: _, ...old } = timeline;
    expect(goodputBack(old)).toBeNull();
  });
});

test("many faults are counted, few are named", () => {
  expect(marksOf(trial)).toBe("kill at 20.2 s, ready at 21.4 s");
  const [fault] = trial.timeline.faults;
  if (fault === undefined) throw new Error("the fixture has no fault");
  const faults = [12.4, 18, 22.1].map((atS) => ({ ...fault, atS }));
  expect(marksOf({ ...trial, timeline: { ...trial.timeline, faults } })).toBe("3 × kill from 12.4 to 22.1 s");
});

test.each([
  [1, [1]],
  [3, [1, 2]],
  [60, [1, 2, 4, 8, 15, 30]],
  [4_000, [1, 4, 16, 63, 252, 1_004]],
])("colours of a heat map whose fullest cell holds %i turns begin at %j", (most, steps) => {
  expect(heatSteps(most)).toEqual(steps);
});
