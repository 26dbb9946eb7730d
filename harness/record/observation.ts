/**
 * Observing the runtime of one trial from inside and by the echo: the folder its processes write to, the prober, and what both
 * found, which goes into the history when the runtime has ended.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { ObservedEvent } from "../observation.ts";
import { observesInside, observing, readObservations } from "../probes/observe.ts";
import { type Child, childEnvironment, endChild, startChild } from "../processes/child.ts";
import { entryPoint } from "../processes/entry.ts";
import type { Watchdog } from "../processes/watchdog.ts";
import { favour } from "./witnesses.ts";

/** Behind the witnesses, whose stamps cannot wait; before the supervisor, whose work comes in long pieces. */
const NICENESS = -5;
const GRACE_MS = 1000;

/** What is observed, and where. */
export interface ObservationSite {
  /** Of the runner. */
  readonly language: string;
  /** The trial's own directory, which is removed with it. */
  readonly directory: string;
  readonly logFolder: string;
  /** Cores of the harness, or null where nothing is pinned. */
  readonly cores: string | null;
  readonly watchdog: Pick<Watchdog, "watchGroup" | "forgetGroup">;
}

export class Observation {
  readonly #folder: string;
  readonly #prober: Child | null;
  readonly #watchdog: ObservationSite["watchdog"];
  /** Environment of each start; fits `RuntimeSettings.observing`. */
  readonly environmentOf: ReturnType<typeof observing>;

  private constructor(site: ObservationSite, folder: string, prober: Child | null) {
    this.#folder = folder;
    this.#prober = prober;
    this.#watchdog = site.watchdog;
    this.environmentOf = observing(site.language, folder);
  }

  /** Prepares the folder and starts the prober, where the language lets us look inside. */
  static async start(site: ObservationSite): Promise<Observation> {
    const folder = join(site.directory, "observed");
    mkdirSync(folder);
    const prober = observesInside(site.language) ? await startProber(site, folder) : null;
    return new Observation(site, folder, prober);
  }

  /** Ends the prober. Call it before the runtime is ended, whose last silence is our doing. */
  async stop(): Promise<void> {
    if (this.#prober === null) return;
    await endChild(this.#prober, GRACE_MS);
    this.#watchdog.forgetGroup(this.#prober.pid);
  }

  /** Everything that was found, in order of time. @param zeroMs CLOCK_MONOTONIC milliseconds of trial time 0 */
  events(zeroMs: number): ObservedEvent[] {
    return readObservations(this.#folder, zeroMs);
  }
}

/** Starts the prober of a folder of observation; it ends by a signal, or with this process. */
async function startProber(site: ObservationSite, folder: string): Promise<Child> {
  const prober = await startChild({
    command: [process.execPath, entryPoint(import.meta.url, "../probes/echo-main"), folder],
    cwd: folder,
    env: childEnvironment(),
    logFile: join(site.logFolder, "echo.log"),
    cores: site.cores,
  });
  site.watchdog.watchGroup(prober.pid);
  favour(prober.pid, NICENESS);
  return prober;
}
