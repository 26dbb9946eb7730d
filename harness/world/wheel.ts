/**
 * One timer for everything the World owes: a hashed timing wheel (Varghese and Lauck, SOSP 1987) with slots of a millisecond.
 *
 * A timer per token would cost more than the token. Entries fire in the order of their slots, never before they are due; who
 * waits for nothing costs nothing, since the wheel stands still while it is empty.
 */
import type { Clock } from "../clock.ts";

/** Something that is due at an instant. The wheel threads its own list through `nextInSlot`. */
export interface Due {
  /** Absolute, on the wheel's clock. Must not change while the entry is in the wheel. */
  dueMs: number;
  nextInSlot: Due | null;
  /** Called once, at or after `dueMs`. It may put the entry back with a later `dueMs`. */
  fire(): void;
}

const SLOTS = 2048;
const TICK_MS = 1;

export class Wheel {
  readonly #clock: Clock;
  readonly #slots: (Due | null)[] = new Array(SLOTS).fill(null);
  #entries = 0;
  #cursor: number;
  #timer: NodeJS.Timeout | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#cursor = Math.floor(clock());
  }

  /** Puts an entry in. One that is already due fires at the next tick. */
  add(entry: Due): void {
    if (this.#timer === null) {
      this.#cursor = Math.floor(this.#clock());
      this.#timer = setInterval(() => this.tick(), TICK_MS);
    }
    this.#insert(entry);
    this.#entries++;
  }

  /** Calls `fire` once, `delayMs` from now. */
  after(delayMs: number, fire: () => void): void {
    this.add({ dueMs: this.#clock() + delayMs, nextInSlot: null, fire });
  }

  #insert(entry: Due): void {
    const slot = Math.max(this.#cursor, Math.floor(entry.dueMs)) % SLOTS;
    entry.nextInSlot = this.#slots[slot] ?? null;
    this.#slots[slot] = entry;
  }

  /** Fires what is due. The present slot is visited again by the next tick, since its millisecond is not over. */
  tick(): void {
    const nowMs = this.#clock();
    const last = Math.floor(nowMs);
    const first = Math.max(this.#cursor, last - SLOTS + 1);
    this.#cursor = last;
    for (let tick = first; tick <= last; tick++) this.#fireSlot(((tick % SLOTS) + SLOTS) % SLOTS, nowMs);
    if (this.#entries === 0) this.stop();
  }

  #fireSlot(slot: number, nowMs: number): void {
    let entry = this.#slots[slot] ?? null;
    this.#slots[slot] = null;
    while (entry !== null) {
      const next: Due | null = entry.nextInSlot;
      if (entry.dueMs > nowMs) {
        // Later in this millisecond, or a revolution of the wheel away.
        entry.nextInSlot = this.#slots[slot] ?? null;
        this.#slots[slot] = entry;
      } else {
        entry.nextInSlot = null;
        this.#entries--;
        entry.fire();
      }
      entry = next;
    }
  }

  /** Stops the clockwork; entries stay where they are and would fire late if another is added. */
  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }
}
