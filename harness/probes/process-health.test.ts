import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test, vi } from "vitest";
import { monotonicMs } from "../clock.ts";
import { longestDelayMs, OwnHealth } from "./process-health.ts";

test("a process that computes and collects says so", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const health = new OwnHealth();
  const untilMs = monotonicMs() + 100;
  while (monotonicMs() < untilMs);
  collect();
  collect();
  // Node tells its observers of collections in a later turn of the loop.
  await vi.waitFor(() => expect(health.read().gc.counts.major).toBeGreaterThanOrEqual(2));
  const { loopDelayMs, gc, cpuShare } = health.stop();
  expect(loopDelayMs?.max).toBeGreaterThan(50);
  expect(gc.longestMs).toBeGreaterThan(0);
  expect(gc.totalMs).toBeGreaterThanOrEqual(gc.longestMs);
  expect(cpuShare).toBeGreaterThan(0);
});

test("a process that was never looked at has no delay to show", () => {
  expect(longestDelayMs(new OwnHealth().stop())).toBe(0);
});
