/**
 * One trial under a profiler: every start of a process that runs agents is wrapped, and what it left is drawn when the trial is over.
 * A start that is killed leaves nothing; it is counted, so that nobody takes the others for all.
 */
import { mkdirSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { UsageError } from "../errors.ts";
import type { ChildCommand } from "../processes/child.ts";
import type { Runner, RunnerProcess } from "../runner.ts";
import type { Profiled } from "../trial.ts";
import { type Profiler, profiledProcesses } from "./profiler.ts";

/** Where one trial's profiles go. */
export interface ProfiledTrialSite {
  /** The campaign's; links in reports start there. */
  readonly folder: string;
  readonly trial: string;
  readonly runner: Runner;
  /** Told why something could not be drawn. */
  readonly note: (sentence: string) => void;
}

interface ProfiledStart {
  readonly name: string;
  readonly title: string;
}

export class ProfiledTrial {
  /** Between SIGTERM and SIGKILL at the end of the trial: profilers write when the runtime has ended, some at length. */
  readonly graceMs = 120_000;
  readonly #profiler: Profiler;
  readonly #site: ProfiledTrialSite;
  readonly #starts: ProfiledStart[] = [];

  constructor(profiler: Profiler, site: ProfiledTrialSite) {
    this.#profiler = profiler;
    this.#site = site;
  }

  /** The start of a process as it is to be; that of an engine or a store is left as it is. */
  readonly wrap = (process: RunnerProcess, incarnation: number, start: ChildCommand): ChildCommand => {
    const { runner, trial } = this.#site;
    if (!profiledProcesses(runner).some(({ name }) => name === process.name)) return start;
    const name = `${process.name}-${incarnation}`;
    this.#starts.push({ name, title: `${trial}, ${name}, by ${this.#profiler.name}: profiled, never ranked` });
    const into = this.#into(name);
    mkdirSync(into, { recursive: true });
    return this.#profiler.wrap(start, into, runner);
  };

  #into(name: string): string {
    return resolve(this.#site.folder, ...this.#place(name));
  }

  #place(name: string): string[] {
    return ["trials", this.#site.trial, "profile", name];
  }

  /** Draws what was left and removes all but that. Call it once, when every process has ended. */
  async finish(): Promise<Profiled> {
    const files: string[] = [];
    let left = 0;
    for (const { name, title } of this.#starts) {
      const kept = await this.#draw(name, title);
      if (kept.length > 0) left++;
      files.push(...kept.map((file) => [...this.#place(name), file].join("/")));
    }
    return { by: this.#profiler.name, starts: this.#starts.length, left, files };
  }

  async #draw(name: string, title: string): Promise<readonly string[]> {
    const into = this.#into(name);
    try {
      const kept = await this.#profiler.draw(into, title);
      for (const file of readdirSync(into))
        if (!kept.includes(file)) rmSync(join(into, file), { recursive: true, force: true });
      if (kept.length === 0) rmdirSync(into);
      return kept;
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      // What was collected stays where it is, for whoever wants to know.
      this.#site.note(`The profile of ${name} could not be drawn. ${error.message}`);
      return [];
    }
  }
}
