/**
 * Progress: tells the trial how far the load is, so that faults fire by acknowledged turns and not by the clock.
 *
 * Promises: a message every 100 ms, and within 5 ms of every newly acknowledged turn; never two within 5 ms for that reason.
 */
import type { Clock } from "../clock.ts";
import type { ProofCount } from "./proof-round.ts";
import type { FromDriver } from "./protocol.ts";
import type { Wake } from "./schedule.ts";
import type { Tally } from "./session.ts";

const EVERY_MS = 100;
const AT_MOST_EVERY_MS = 5;

/** Posts progress messages until it is stopped. */
export class Progress {
  readonly #clock: Clock;
  readonly #wake: Wake;
  readonly #post: (message: FromDriver) => void;
  readonly #load: () => Tally;
  readonly #proofs: ProofCount;
  #postedMs = Number.NEGATIVE_INFINITY;
  #postedAcknowledged = 0;
  #callOffRegular: (() => void) | null = null;
  #callOffSoon: (() => void) | null = null;

  constructor(clock: Clock, wake: Wake, post: (message: FromDriver) => void, load: () => Tally, proofs: ProofCount) {
    this.#clock = clock;
    this.#wake = wake;
    this.#post = post;
    this.#load = load;
    this.#proofs = proofs;
  }

  start(): void {
    this.#callOffRegular = this.#wake(EVERY_MS, () => {
      this.postNow();
      this.start();
    });
  }

  /** To be told after each acknowledged turn. */
  acknowledged(): void {
    if (this.#callOffSoon !== null) return;
    const waitMs = this.#postedMs + AT_MOST_EVERY_MS - this.#clock();
    if (waitMs <= 0) {
      this.postNow();
      return;
    }
    this.#callOffSoon = this.#wake(Math.ceil(waitMs), () => {
      this.#callOffSoon = null;
      if (this.#load().acknowledged > this.#postedAcknowledged) this.postNow();
    });
  }

  postNow(): void {
    const load = this.#load();
    this.#postedMs = this.#clock();
    this.#postedAcknowledged = load.acknowledged;
    this.#post({ type: "progress", ...load, ...this.#proofs });
  }

  stop(): void {
    this.#callOffRegular?.();
    this.#callOffSoon?.();
  }
}
