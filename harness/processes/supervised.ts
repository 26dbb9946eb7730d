/**
 * One process of a runtime under supervision: started, waited for, reported, started again when it dies. Which fault killed it is
 * not known here: whoever is about to, holds the restarts first.
 */
import { TrialError, UsageError } from "../errors.ts";
import type { TrialEvent } from "../history.ts";
import type { Role } from "../scenario.ts";
import { type Child, type ChildCommand, type Exit, endChild, lastLines } from "./child.ts";
import type { Habitat } from "./habitat.ts";
import { isAlive } from "./process-table.ts";
import { untilReady } from "./readiness.ts";
import type { Watchdog } from "./watchdog.ts";

/** A trial event about a process, before the trial has stamped it. */
export type ProcessEvent =
  Extract<TrialEvent, { e: "start" | "ready" | "exit" }> extends infer Event
    ? Event extends unknown
      ? Omit<Event, "t">
      : never
    : never;

/** More unexpected deaths than this within the window end the supervision: the runtime cannot stay up. */
const MOST_DEATHS = 20;
const DEATH_WINDOW_MS = 10_000;

/** What is supervised. */
export interface SupervisedSettings {
  readonly name: string;
  readonly role: Role;
  /** Which copy of the process this is, for the history. */
  readonly replica: number;
  /** Where readiness is asked for; null: ready when started. */
  readonly readyUrl: string | null;
  readonly readyWithinMs: number;
  readonly command: (incarnation: number) => ChildCommand;
  /** Numbers starts, uniquely in the trial. */
  readonly nextIncarnation: () => number;
  /** Where it lives. */
  readonly habitat: Habitat;
  readonly watchdog: Watchdog;
  readonly report: (event: ProcessEvent) => void;
  /** Called once, with the reason, when the process is not started any more. */
  readonly gaveUp: (reason: string) => void;
}

export class SupervisedProcess {
  readonly #settings: SupervisedSettings;
  readonly #stop = new AbortController();
  #child: Child | null = null;
  #logFile = "";
  #held = false;
  #deaths: number[] = [];

  constructor(settings: SupervisedSettings) {
    this.#settings = settings;
  }

  get role(): Role {
    return this.#settings.role;
  }

  /** The running process; null while it is down. */
  get child(): Child | null {
    return this.#child;
  }

  /** pid of the running process, or undefined while it is down. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /**
   * The first start. Resolves when ready.
   * @throws UsageError when it cannot be started, dies before it is ready, or is not ready in time: the runtime is refused
   */
  async start(): Promise<void> {
    // A runtime that dies during its first start is refused, not restarted.
    this.#held = true;
    const ready = await this.#launch();
    if (this.#stop.signal.aborted) throw new TrialError(`The start of "${this.#settings.name}" was broken off.`);
    if (this.#child === null) throw new UsageError(this.#lament("ended before it was ready"));
    if (!ready)
      throw new UsageError(
        this.#lament(
          `did not ${this.#settings.readyUrl?.startsWith("tcp:") === true ? "take connections" : "answer 200"} at ${this.#settings.readyUrl} within ${this.#settings.readyWithinMs / 1000} s`,
        ),
      );
    this.#held = false;
  }

  /** From now on a death is the harness's doing, and the process stays down until `release`. */
  hold(): void {
    this.#held = true;
  }

  /** Starts the process again if it is down. Resolves when it is ready, has died once more, or the limit for readiness has passed. */
  async release(): Promise<void> {
    // Dead, but its end not noticed yet: noticed after the next line it would count as unexpected.
    if (this.#child !== null && !isAlive(this.#child)) await this.#child.exited;
    this.#held = false;
    if (this.#child === null) await this.#relaunch();
  }

  /** Ends the process for good. @param graceMs 0 kills at once */
  async stop(graceMs: number): Promise<void> {
    this.#stop.abort();
    if (this.#child !== null) await endChild(this.#child, graceMs);
  }

  #lament(what: string): string {
    const log = lastLines(this.#logFile);
    return `Process "${this.#settings.name}" ${what}.${log === "" ? " It logged nothing." : ` Its last words:\n${log}`}`;
  }

  /** Starts once; true when ready. */
  async #launch(): Promise<boolean> {
    const { name, replica, report, readyUrl, watchdog } = this.#settings;
    const i = this.#settings.nextIncarnation();
    const command = this.#settings.command(i);
    this.#logFile = command.logFile;
    const child = await this.#settings.habitat.start(command);
    watchdog.watchGroup(child.pid);
    this.#child = child;
    report({ e: "start", process: name, replica, i, pid: child.pid });
    const died = new AbortController();
    child.exited.then((exit) => {
      died.abort();
      watchdog.forgetGroup(child.pid);
      this.#buried(exit, i);
    });
    if (this.#stop.signal.aborted) child.kill("SIGKILL");
    const giveUp = AbortSignal.any([died.signal, this.#stop.signal]);
    const ready = readyUrl === null || (await untilReady(readyUrl, this.#settings.readyWithinMs, giveUp));
    if (ready && this.#child === child) report({ e: "ready", process: name, replica, i });
    return ready;
  }

  #buried(exit: Exit, i: number): void {
    const expected = this.#held || this.#stop.signal.aborted;
    this.#child = null;
    const { name, replica, report } = this.#settings;
    report({ e: "exit", process: name, replica, i, ...exit, expected });
    if (expected) return;
    const now = performance.now();
    this.#deaths = [...this.#deaths, now].filter((at) => at > now - DEATH_WINDOW_MS);
    if (this.#deaths.length <= MOST_DEATHS) void this.#relaunch();
    else
      this.#settings.gaveUp(
        this.#lament(`died ${this.#deaths.length} times within ${DEATH_WINDOW_MS / 1000} s and is not started again`),
      );
  }

  async #relaunch(): Promise<void> {
    if (this.#stop.signal.aborted) return;
    try {
      await this.#launch();
    } catch (error) {
      this.#settings.gaveUp(`Process "${this.#settings.name}" could not be started again: ${(error as Error).message}`);
    }
  }
}
