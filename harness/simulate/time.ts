/**
 * Time that passes only where something happens: the queue of everything that is due in a simulated trial.
 *
 * Promises: the same calls give the same order, whatever the machine does; all instants are whole microseconds, as the stamps of
 * real witnesses are.
 */
import type { Clock } from "../clock.ts";
import { Schedule, type Ticket } from "../driver/schedule.ts";

/** Milliseconds, rounded to microseconds. */
export const wholeMicroseconds = (ms: number): number => Math.round(ms * 1000) / 1000;

/** A clock in milliseconds that begins at 0, and what is due on it. */
export class SimulatedTime {
  #nowMs = 0;
  #wakeUp: { readonly dueMs: number; readonly run: () => void } | null = null;
  readonly #schedule: Schedule;
  readonly clock: Clock = () => this.#nowMs;

  constructor() {
    // The driver's own queue does the work; all that it needs of an outside is one timer.
    const wake = (delayMs: number, run: () => void): (() => void) => {
      const wakeUp = { dueMs: wholeMicroseconds(this.#nowMs + delayMs), run };
      this.#wakeUp = wakeUp;
      return () => {
        if (this.#wakeUp === wakeUp) this.#wakeUp = null;
      };
    };
    this.#schedule = new Schedule(this.clock, wake, () => undefined);
  }

  /** Runs something at an instant, at once if that has passed, but never within this call. */
  at(dueMs: number, run: () => void): Ticket {
    return this.#schedule.at(Math.max(this.#nowMs, wholeMicroseconds(dueMs)), run);
  }

  after(delayMs: number, run: () => void): Ticket {
    return this.at(this.#nowMs + delayMs, run);
  }

  /** Lets time pass until `over`, or until nothing is due any more. @throws Error when trial time passes `limitMs` */
  run(over: () => boolean, limitMs: number): void {
    while (!over()) {
      const wakeUp = this.#wakeUp;
      if (wakeUp === null) return;
      if (wakeUp.dueMs > limitMs) throw new Error(`The simulated trial was not over after ${limitMs} ms.`);
      this.#wakeUp = null;
      this.#nowMs = wakeUp.dueMs;
      wakeUp.run();
    }
  }
}
