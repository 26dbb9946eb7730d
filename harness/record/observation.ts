/**
 * Observing the runtime of one trial from inside and by its heartbeat: the folder its processes write to, and what was found there,
 * which goes into the history when the runtime has ended.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { ObservedEvent } from "../observation.ts";
import { Heartbeats } from "../probes/heartbeats.ts";
import { observing, readObservations } from "../probes/observe.ts";

/** Often enough that a pipe never fills and a death is known to a tenth of a second; how long a silence lasted does not hang on it. */
const LOOK_EVERY_MS = 100;

export class Observation {
  readonly #folder: string;
  readonly #heartbeats: Heartbeats;
  #timer: NodeJS.Timeout | undefined;
  /** Environment of each start; fits `RuntimeSettings.observing`. */
  readonly environmentOf: ReturnType<typeof observing>;

  /**
   * @param language of the runner
   * @param directory the trial's own, which is removed with it
   */
  constructor(language: string, directory: string) {
    this.#folder = join(directory, "observed");
    mkdirSync(this.#folder);
    this.#heartbeats = new Heartbeats(this.#folder);
    this.environmentOf = observing(language, this.#folder, this.#heartbeats);
  }

  start(): void {
    this.#timer ??= setInterval(() => this.look(), LOOK_EVERY_MS);
  }

  look(): void {
    this.#heartbeats.look();
  }

  /** Call it before the runtime is ended, whose last silence is our doing. */
  stop(): void {
    clearInterval(this.#timer);
    this.#heartbeats.stop();
  }

  /** Everything that was found, in order of time. @param zeroMs CLOCK_MONOTONIC milliseconds of trial time 0 */
  events(zeroMs: number): ObservedEvent[] {
    const outside = this.#heartbeats
      .events()
      .map((event) => ({ ...event, t: Math.round((event.t - zeroMs) * 1000) / 1000 }));
    return [...readObservations(this.#folder, zeroMs), ...outside].sort((a, b) => a.t - b.t);
  }
}
