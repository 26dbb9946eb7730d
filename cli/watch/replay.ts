/**
 * Replay: what somebody must be told who opens the page late, or again. Promises: the campaign, the running trial from its begin (or the
 * one that ended last), and how every earlier one ended; its size is bounded, and what is oldest is forgotten first.
 */
import type { LiveEvent } from "../../harness/live.ts";

/** Half an hour; the page shows the last minutes. */
const SECONDS_MOST = 1_800;
const MOMENTS_MOST = 1_000;

export class Replay {
  #campaign: LiveEvent | null = null;
  #begin: LiveEvent | null = null;
  /** Phases, faults and processes of the trial that began last. */
  #moments: LiveEvent[] = [];
  #seconds: LiveEvent[] = [];
  #ends: LiveEvent[] = [];
  #note: LiveEvent | null = null;
  #finished: LiveEvent | null = null;

  keep(event: LiveEvent): void {
    switch (event.e) {
      case "campaign":
        this.#campaign = event;
        break;
      case "begin":
        this.#begin = event;
        this.#moments = [];
        this.#seconds = [];
        this.#note = null;
        break;
      case "second":
        this.#seconds.push(event);
        if (this.#seconds.length > SECONDS_MOST) this.#seconds.shift();
        break;
      case "end":
      case "verdict":
        this.#ends.push(event);
        break;
      case "note":
        this.#note = event;
        break;
      case "finished":
        this.#finished = event;
        break;
      default:
        this.#moments.push(event);
        if (this.#moments.length > MOMENTS_MOST) this.#moments.shift();
    }
  }

  events(): LiveEvent[] {
    const one = (event: LiveEvent | null): LiveEvent[] => (event === null ? [] : [event]);
    const running = [...one(this.#begin), ...this.#moments, ...this.#seconds];
    return [...one(this.#campaign), ...running, ...this.#ends, ...one(this.#note), ...one(this.#finished)];
  }
}
