/**
 * What one of our own processes says of its health: waits for its event loop, garbage collections, CPU time. Driver, World and the
 * process that records the trial all carry one; it costs a timer and one callback per batch of collections.
 */
import { constants, PerformanceObserver } from "node:perf_hooks";
import { monotonicMs } from "../clock.ts";
import { ownScheduling } from "../processes/priority.ts";
import { round } from "../statistics/round.ts";
import type { GcHealth, ProcessHealth } from "../trial.ts";
import { LoopDelay } from "./loop-delay.ts";

const KINDS: Readonly<Record<number, keyof GcHealth["counts"]>> = {
  [constants.NODE_PERFORMANCE_GC_MAJOR]: "major",
  [constants.NODE_PERFORMANCE_GC_MINOR]: "minor",
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL]: "incremental",
  [constants.NODE_PERFORMANCE_GC_WEAKCB]: "weak",
};

/** Watches the process it is made in, from then until it is stopped. */
export class OwnHealth {
  readonly #delay = new LoopDelay();
  readonly #counts = { major: 0, minor: 0, incremental: 0, weak: 0 };
  readonly #bornMs = monotonicMs();
  readonly #cpuAtBirth = process.cpuUsage();
  readonly #observer = new PerformanceObserver((list) => this.#note(list.getEntries()));
  #totalMs = 0;
  #longestMs = 0;

  constructor() {
    this.#observer.observe({ entryTypes: ["gc"] });
  }

  #note(collections: readonly { readonly duration: number; readonly detail?: unknown }[]): void {
    for (const { duration, detail } of collections) {
      const kind = KINDS[(detail as { readonly kind: number }).kind];
      if (kind !== undefined) this.#counts[kind] += 1;
      this.#totalMs += duration;
      this.#longestMs = Math.max(this.#longestMs, duration);
    }
  }

  /** How it has been so far. */
  read(): ProcessHealth {
    this.#note(this.#observer.takeRecords());
    const { user, system } = process.cpuUsage(this.#cpuAtBirth);
    const scheduling = ownScheduling();
    return {
      loopDelayMs: this.#delay.quantiles(),
      gc: { counts: { ...this.#counts }, totalMs: round(this.#totalMs, 3), longestMs: round(this.#longestMs, 3) },
      cpuShare: round((user + system) / 1000 / Math.max(1, monotonicMs() - this.#bornMs), 4),
      ...(scheduling !== null && { scheduling }),
    };
  }

  stop(): ProcessHealth {
    this.#delay.stop();
    const health = this.read();
    this.#observer.disconnect();
    return health;
  }
}

/** The longest wait of a process whose loop was looked at; 0 where it never was. */
export function longestDelayMs({ loopDelayMs }: ProcessHealth): number {
  return loopDelayMs?.max ?? 0;
}
