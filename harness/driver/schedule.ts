/**
 * Schedule: runs what is due at absolute instants, with one timer at a time, and says how late it was.
 *
 * Promises: nothing runs early; what is due at the same instant runs in the order in which it was entered; the lag between
 * due time and start is handed to `lag` for everything that runs. A binary heap keeps ten thousand waiting sessions cheap.
 */
import type { Clock } from "../clock.ts";

/** Calls `run` after about `delayMs`; returns how to call it off. Tests pass a fake one. */
export type Wake = (delayMs: number, run: () => void) => () => void;

/** Wakes by Node's timers; a delay below 1 ms, which they cannot count, is waited out by turning the event loop. */
export const nodeWake: Wake = (delayMs, run) => {
  if (delayMs < 1) {
    const turn = setImmediate(run);
    return () => clearImmediate(turn);
  }
  // Timers round up: waking up to one millisecond early and turning the loop for the rest is closer than coming late.
  const timer = setTimeout(run, Math.floor(delayMs));
  return () => clearTimeout(timer);
};

/** Something that is due later. */
export interface Ticket {
  /** It will not run. Without effect after it ran. */
  cancel(): void;
}

class Entry implements Ticket {
  readonly dueMs: number;
  readonly order: number;
  run: (() => void) | null;

  constructor(dueMs: number, order: number, run: () => void) {
    this.dueMs = dueMs;
    this.order = order;
    this.run = run;
  }

  // A cancelled entry stays in the heap until it is due; it no longer holds anything.
  cancel(): void {
    this.run = null;
  }

  isBefore(other: Entry): boolean {
    return this.dueMs < other.dueMs || (this.dueMs === other.dueMs && this.order < other.order);
  }
}

/** A queue of tickets by due time. */
export class Schedule {
  readonly #clock: Clock;
  readonly #wake: Wake;
  readonly #lag: (lagMs: number) => void;
  readonly #heap: Entry[] = [];
  #entered = 0;
  #callOff: (() => void) | null = null;
  #wakesAtMs = Number.POSITIVE_INFINITY;
  #running = false;

  /** @param lag told for every ticket that runs how many milliseconds after its due time it started. */
  constructor(clock: Clock, wake: Wake, lag: (lagMs: number) => void) {
    this.#clock = clock;
    this.#wake = wake;
    this.#lag = lag;
  }

  /** Runs `run` as soon as the clock has reached `dueMs`; never within this call. */
  at(dueMs: number, run: () => void): Ticket {
    const entry = new Entry(dueMs, this.#entered++, run);
    this.#push(entry);
    if (!this.#running) this.#arm();
    return entry;
  }

  /** Forgets everything that waits. */
  close(): void {
    this.#heap.length = 0;
    this.#callOff?.();
    this.#callOff = null;
    this.#wakesAtMs = Number.POSITIVE_INFINITY;
  }

  #arm(): void {
    const dueMs = this.#heap[0]?.dueMs;
    if (dueMs === undefined || dueMs >= this.#wakesAtMs) return;
    this.#callOff?.();
    this.#wakesAtMs = dueMs;
    const delayMs = Math.max(0, dueMs - this.#clock());
    this.#callOff = this.#wake(delayMs, () => this.#runDue());
  }

  #runDue(): void {
    this.#callOff = null;
    this.#wakesAtMs = Number.POSITIVE_INFINITY;
    this.#running = true;
    try {
      for (let top = this.#heap[0]; top !== undefined; top = this.#heap[0]) {
        const lagMs = this.#clock() - top.dueMs;
        if (lagMs < 0) break;
        this.#pop();
        if (top.run === null) continue;
        this.#lag(lagMs);
        top.run();
      }
    } finally {
      this.#running = false;
      this.#arm();
    }
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.length;
    while (at > 0) {
      const parentAt = (at - 1) >> 1;
      const parent = heap[parentAt] as Entry;
      if (!entry.isBefore(parent)) break;
      heap[at] = parent;
      at = parentAt;
    }
    heap[at] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let childAt = 2 * at + 1;
      if (childAt >= heap.length) break;
      const right = heap[childAt + 1];
      if (right?.isBefore(heap[childAt] as Entry)) childAt += 1;
      const child = heap[childAt] as Entry;
      if (!child.isBefore(last)) break;
      heap[at] = child;
      at = childAt;
    }
    heap[at] = last;
  }
}
