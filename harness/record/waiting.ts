/** Waiting for conditions that other processes bring about. Every wait has a limit and ends at once when the campaign is stopped. */
import type { Clock } from "../clock.ts";

/** Thrown out of every wait when the person at the keyboard asked to stop. */
export class Stopped extends Error {
  constructor() {
    super("stopped by the user");
    this.name = "Stopped";
  }
}

interface Waiter {
  readonly holds: () => boolean;
  readonly resolve: (held: boolean) => void;
  readonly reject: (error: Error) => void;
}

/** Conditions over shared state: whoever changes the state calls `changed`. */
export class Conditions {
  readonly #waiters = new Set<Waiter>();
  #failure: Error | null = null;

  /** Looks at every condition that is waited for. */
  changed(): void {
    for (const waiter of this.#waiters) if (waiter.holds()) waiter.resolve(true);
  }

  /** Ends all waits, now and later, with this error. The first failure stays. */
  fail(error: Error): void {
    this.#failure ??= error;
    for (const waiter of this.#waiters) waiter.reject(this.#failure);
  }

  /** True as soon as the condition holds, false after `limitMs`. @throws what `fail` was given */
  async until(holds: () => boolean, limitMs: number): Promise<boolean> {
    if (this.#failure !== null) throw this.#failure;
    if (holds()) return true;
    let timer: NodeJS.Timeout | undefined;
    let waiter: Waiter | undefined;
    try {
      return await new Promise<boolean>((resolve, reject) => {
        waiter = { holds, resolve, reject };
        this.#waiters.add(waiter);
        timer = setTimeout(() => resolve(false), limitMs);
      });
    } finally {
      clearTimeout(timer);
      if (waiter !== undefined) this.#waiters.delete(waiter);
    }
  }

  /** Waits until the clock reads `atMs`. @throws what `fail` was given */
  async at(atMs: number, clock: Clock): Promise<void> {
    await this.until(() => false, Math.max(0, atMs - clock()));
  }
}
