import { afterEach, describe, expect, it, vi } from "vitest";
import { listenForInterrupt } from "./interrupt.ts";

/** Counts what a listener does; `press` is Ctrl-C, `performance.now` a clock that the test moves. */
function listening() {
  let nowMs = 0;
  vi.spyOn(performance, "now").mockImplementation(() => nowMs);
  const calls = { first: 0, endNow: 0 };
  const interrupt = listenForInterrupt(
    () => calls.first++,
    () => calls.endNow++,
  );
  return {
    calls,
    interrupt,
    press: () => process.emit("SIGINT"),
    later: (ms: number) => {
      nowMs += ms;
    },
  };
}

afterEach(() => vi.restoreAllMocks());

describe("Ctrl-C", () => {
  it("asks for a clean stop once, however many copies of the signal arrive", () => {
    const { calls, interrupt, press, later } = listening();
    for (let copy = 0; copy < 3; copy++) {
      press();
      later(50);
    }
    expect(interrupt.signal.aborted).toBe(true);
    expect(calls).toEqual({ first: 1, endNow: 0 });
    interrupt.dispose();
  });

  it("a second one ends at once", () => {
    const { calls, interrupt, press, later } = listening();
    press();
    later(1_500);
    press();
    expect(calls).toEqual({ first: 1, endNow: 1 });
    interrupt.dispose();
  });

  it("SIGTERM asks for the same", () => {
    const { calls, interrupt } = listening();
    process.emit("SIGTERM");
    expect(calls.first).toBe(1);
    interrupt.dispose();
  });

  it("is left to Node again after the command", () => {
    const before = process.listenerCount("SIGINT");
    const { interrupt } = listening();
    expect(process.listenerCount("SIGINT")).toBe(before + 1);
    interrupt.dispose();
    expect(process.listenerCount("SIGINT")).toBe(before);
  });
});
