import { expect, test } from "vitest";
import { monotonicMs, trialClock } from "./clock.ts";

const hrtimeMs = (): number => Number(process.hrtime.bigint()) / 1e6;

test("the clock is CLOCK_MONOTONIC itself, so that stamps of two processes can be compared", () => {
  // Read between two readings of the same clock, as often as it takes to be undisturbed once.
  const errors = Array.from({ length: 50 }, () => {
    const [before, read, after] = [hrtimeMs(), monotonicMs(), hrtimeMs()];
    return { early: before - read, late: read - after };
  });
  // An origin that is too early shows at every reading, as one that is too late does.
  expect(Math.min(...errors.map(({ early }) => early))).toBeLessThan(0.05);
  expect(Math.max(...errors.map(({ late }) => late))).toBeLessThan(0.05);
});

test("trial time begins at its zero and counts microseconds", () => {
  const zeroMs = monotonicMs();
  const read = trialClock(zeroMs)();
  expect(read).toBeGreaterThanOrEqual(0);
  expect(Math.round(read * 1000) / 1000).toBe(read);
});
