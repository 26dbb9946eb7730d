import { expect, test } from "vitest";
import { monotonicMs } from "../clock.ts";
import { LoopDelay, waitsOf } from "./loop-delay.ts";

test.each([
  ["a look in time is one wait of its own length", 0.4, [0.4]],
  ["a look that came early waited for nothing", -0.3, [0]],
  ["a standstill is met by everything that was due in it", 70, [70, 50, 30, 10]],
])("%s", (_sentence, lateMs, waits) => {
  expect(waitsOf(lateMs, 20)).toEqual(waits);
});

test("the longest standstill and the share of time it took are both seen", async () => {
  const delay = new LoopDelay();
  const untilMs = monotonicMs() + 200;
  while (monotonicMs() < untilMs);
  const waits = delay.stop();
  // All of its life was one standstill: an arrival at any instant waited about 100 ms.
  expect(waits?.max).toBeGreaterThanOrEqual(150);
  expect(waits?.n).toBeGreaterThanOrEqual(8);
  expect(waits?.p50).toBeGreaterThan(50);
});

test("one that was never due has nothing to say", () => {
  expect(new LoopDelay().stop()).toBeNull();
});
