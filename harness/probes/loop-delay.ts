/**
 * Loop delay: how long whatever reaches this process waits until its event loop takes it up. Where that is long, the stamps of this
 * process are late by as much, and checkers must not order events more finely.
 *
 * Promises: quantiles weighted by time, as an event that arrives at any instant meets them. A timer that is due every 20 ms notes how
 * late it comes; the due instants that fell into a standstill count as well, each with what was left of it (the correction for
 * coordinated omission of HdrHistogram's recordValueWithExpectedInterval, Tene 2013). Without them a process that stood still for a
 * fifth of the time would have a p99 of 1 ms, as `monitorEventLoopDelay` has it. Node's timers count whole milliseconds, so up to one
 * of them is in every value.
 */
import { monotonicMs } from "../clock.ts";
import { IntervalRecorder } from "../statistics/interval-recorder.ts";
import type { Quantiles } from "../trial.ts";

const EVERY_MS = 20;

/** What arrivals every `everyMs` waited, when the last one before them was taken up `lateMs` after it was due. */
export function waitsOf(lateMs: number, everyMs: number): number[] {
  const waits = [Math.max(0, lateMs)];
  for (let waitMs = lateMs - everyMs; waitMs > 0; waitMs -= everyMs) waits.push(waitMs);
  return waits;
}

/** Watches this process's event loop until stopped. One cheap timer, fifty times a second, that keeps nothing alive. */
export class LoopDelay {
  readonly #waits = new IntervalRecorder(null, "loop-delay", monotonicMs);
  readonly #timer = setInterval(() => this.#look(), EVERY_MS).unref();
  #dueMs = monotonicMs() + EVERY_MS;

  #look(): void {
    const nowMs = monotonicMs();
    for (const waitMs of waitsOf(nowMs - this.#dueMs, EVERY_MS)) this.#waits.record(waitMs, nowMs);
    this.#dueMs = nowMs + EVERY_MS;
  }

  /** The waits so far in milliseconds, with what the loop is late by now; null if it was never looked at. */
  quantiles(): Quantiles | null {
    if (monotonicMs() > this.#dueMs) this.#look();
    return this.#waits.quantiles();
  }

  stop(): Quantiles | null {
    clearInterval(this.#timer);
    return this.quantiles();
  }
}
