import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Wheel } from "./wheel.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A wheel on a clock that the test moves, with its timer under the test's control too. */
function wheelAt(startMs: number) {
  let nowMs = startMs;
  const wheel = new Wheel(() => nowMs);
  return {
    wheel,
    now: () => nowMs,
    pass: (ms: number) => {
      nowMs += ms;
      vi.advanceTimersByTime(ms);
    },
  };
}

describe("Wheel", () => {
  it("fires nothing early and everything at the first tick at which it is due", () => {
    const due = fc.array(fc.double({ min: 0, max: 9000, noNaN: true }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(due, fc.integer({ min: 1, max: 3000 }), (delays, stepMs) => {
        const { wheel, now, pass } = wheelAt(1234.5);
        const late: number[] = [];
        for (const delay of delays) {
          const dueMs = now() + delay;
          wheel.after(delay, () => late.push(now() - dueMs));
        }
        while (late.length < delays.length) pass(stepMs);
        expect(Math.min(...late)).toBeGreaterThanOrEqual(-1e-9);
        expect(Math.max(...late)).toBeLessThanOrEqual(stepMs + 1);
      }),
      { numRuns: 60 },
    );
  });

  it("fires an entry that is put back while it fires once for each time", () => {
    const { wheel, now, pass } = wheelAt(0);
    const fired: number[] = [];
    const entry = {
      dueMs: 10,
      nextInSlot: null,
      fire: () => {
        fired.push(now());
        entry.dueMs += 10;
        if (fired.length < 4) wheel.add(entry);
      },
    };
    wheel.add(entry);
    for (let ms = 0; ms < 100; ms++) pass(1);
    expect(fired).toEqual([10, 20, 30, 40]);
  });

  it("catches up after it stood still for longer than a revolution", () => {
    const { wheel, pass } = wheelAt(0);
    let fired = 0;
    for (let delay = 1; delay <= 5000; delay += 7) wheel.after(delay, () => fired++);
    pass(60_000);
    pass(1);
    expect(fired).toBe(Math.ceil(5000 / 7));
  });

  it("stands still while it is empty, and works again afterwards", () => {
    const { wheel, pass } = wheelAt(0);
    let fired = 0;
    wheel.after(3, () => fired++);
    pass(5);
    expect(vi.getTimerCount()).toBe(0);
    pass(10_000);
    wheel.after(3, () => fired++);
    pass(5);
    expect(fired).toBe(2);
  });
});
