/**
 * How often something may be restarted before its supervisor gives up, as in OTP: at most `restarts` within any `withinMs`.
 * The counting is all that is here; what giving up means is the supervisor's.
 */

export interface IntensityLimit {
  readonly restarts: number;
  readonly withinMs: number;
}

/** At most 5 restarts in 10 s. OTP's own default, 1 in 5 s, is meant for trees in which a level above tries again. */
export const DEFAULT_INTENSITY: IntensityLimit = { restarts: 5, withinMs: 10_000 };

export class RestartIntensity {
  readonly #limit: IntensityLimit;
  #restartedAtMs: number[] = [];

  constructor(limit: IntensityLimit = DEFAULT_INTENSITY) {
    this.#limit = limit;
  }

  /** Counts a restart at this time; false if it is one too many. @param nowMs milliseconds of a monotonic clock */
  allows(nowMs: number): boolean {
    this.#restartedAtMs = this.#restartedAtMs.filter((atMs) => nowMs - atMs < this.#limit.withinMs);
    this.#restartedAtMs.push(nowMs);
    return this.#restartedAtMs.length <= this.#limit.restarts;
  }
}
