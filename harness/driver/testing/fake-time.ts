/** Time for tests: it stands still until it is told to go on, and then every timer runs at its exact instant. */
import type { Clock } from "../../clock.ts";
import type { Wake } from "../schedule.ts";

interface Timer {
  readonly dueMs: number;
  readonly run: () => void;
}

/** A clock in milliseconds that begins at 0, and timers on it. */
export class FakeTime {
  #nowMs = 0;
  #timers: Timer[] = [];

  readonly clock: Clock = () => this.#nowMs;

  readonly wake: Wake = (delayMs, run) => {
    const timer = { dueMs: this.#nowMs + delayMs, run };
    // Behind everything that is due no later, so that equal instants keep their order.
    const at = this.#timers.findLastIndex((other) => other.dueMs <= timer.dueMs);
    this.#timers.splice(at + 1, 0, timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  };

  /** Lets time pass until `untilMs`, running on the way what is due. */
  advanceTo(untilMs: number): void {
    for (let next = this.#timers[0]; next !== undefined && next.dueMs <= untilMs; next = this.#timers[0]) {
      this.#timers.shift();
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      next.run();
    }
    this.#nowMs = untilMs;
  }

  /** Lets time pass without running anything, as a blocked event loop does. */
  stallTo(untilMs: number): void {
    this.#nowMs = untilMs;
  }
}
