/**
 * Our own processes (World, driver) as seen by the trial: started with an IPC channel, spoken to in typed messages, ended for sure.
 * Each ends by itself when the channel closes, so a killed harness leaves none behind.
 */
import { type ChildProcess, fork } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { TrialError } from "../errors.ts";
import { type Exit, lastLines } from "./child.ts";
import { sendSignal } from "./process-table.ts";

interface Message {
  readonly type: string;
}

/** What both of our processes can say when they cannot go on. */
interface Failure extends Message {
  readonly type: "failed";
  readonly reason: string;
}

/** What to fork. */
export interface ForkSettings {
  /** For sentences: "World", "driver". */
  readonly name: string;
  /** From `entryPoint`. */
  readonly module: string;
  readonly logFile: string;
  readonly cores?: string | null;
}

interface Waiter<In> {
  readonly type: string;
  readonly found: (message: In) => void;
  readonly failed: (error: TrialError) => void;
}

/**
 * A collection that waits for helper threads waits for a core: ours has one, which others use, and a main thread that goes before its
 * own helpers (`priority.ts`) would wait for them until the kernel throttles it (collections of 0.7 to 1 s were seen).
 */
const NODE_FLAGS = ["--single-threaded-gc"];

/** A forked process that takes messages `Out` and sends messages `In`. */
export class ForkedProcess<Out extends Message, In extends Message> {
  readonly #settings: ForkSettings;
  readonly #child: ChildProcess;
  readonly #unclaimed = new Map<string, In>();
  readonly #listeners: ((message: In) => void)[] = [];
  #waiters: Waiter<In>[] = [];
  #end: TrialError | null = null;
  readonly exited: Promise<Exit>;

  private constructor(settings: ForkSettings, child: ChildProcess) {
    this.#settings = settings;
    this.#child = child;
    child.on("message", (message) => this.#receive(message as In));
    this.exited = new Promise((done) => {
      child.once("exit", (code, signal) => {
        this.#fail(`ended (${signal ?? `exit code ${code}`})`);
        done({ code, signal });
      });
      child.once("error", (error) => this.#fail(`failed: ${error.message}`));
    });
  }

  /** Starts the module under the Node that runs us. */
  static start<Out extends Message, In extends Message>(settings: ForkSettings): ForkedProcess<Out, In> {
    const log = openSync(settings.logFile, "a");
    const pinned =
      settings.cores == null
        ? { execArgv: NODE_FLAGS }
        : { execPath: "taskset", execArgv: ["-c", settings.cores, process.execPath, ...NODE_FLAGS] };
    try {
      const child = fork(settings.module, [], {
        // A group of its own: Ctrl-C in the terminal is for the harness, which then stops this process in order.
        detached: true,
        stdio: ["ignore", log, log, "ipc"],
        ...pinned,
      });
      return new ForkedProcess<Out, In>(settings, child);
    } finally {
      closeSync(log);
    }
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Sends a message. To a process that has ended nothing is sent: whoever waits for its answer is told. */
  send(message: Out): void {
    if (this.#child.connected)
      this.#child.send(message, (error) => error !== null && this.#fail(`could not be told: ${error.message}`));
  }

  /** Calls `listener` for every message from now on. */
  onMessage(listener: (message: In) => void): void {
    this.#listeners.push(listener);
  }

  /**
   * The next message of a type; the newest one counts that came before anybody asked for it.
   * @throws TrialError when it does not come within `limitMs`, or the process fails or ends before
   */
  next<Type extends In["type"]>(type: Type, limitMs: number): Promise<Extract<In, { type: Type }>> {
    const waiting = this.#unclaimed.get(type);
    this.#unclaimed.delete(type);
    if (waiting !== undefined) return Promise.resolve(waiting as Extract<In, { type: Type }>);
    if (this.#end !== null) return Promise.reject(this.#end);
    return new Promise((resolve, reject) => {
      const waiter: Waiter<In> = {
        type,
        found: (message) => {
          clearTimeout(timer);
          resolve(message as Extract<In, { type: Type }>);
        },
        failed: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      };
      const timer = setTimeout(() => {
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
        reject(new TrialError(`The ${this.#settings.name} process had not said "${type}" after ${limitMs / 1000} s.`));
      }, limitMs);
      this.#waiters.push(waiter);
    });
  }

  /** Closes the channel, upon which the process ends by itself; kills it when it has not within `graceMs`. */
  async stop(graceMs = 2000): Promise<Exit> {
    if (this.#child.connected) this.#child.disconnect();
    const timer = setTimeout(() => sendSignal(-this.pid, "SIGKILL"), graceMs);
    const exit = await this.exited;
    clearTimeout(timer);
    return exit;
  }

  #receive(message: In): void {
    if (message.type === "failed") this.#fail(`failed: ${(message as unknown as Failure).reason}`);
    const waiter = this.#waiters.find((candidate) => candidate.type === message.type);
    if (waiter === undefined) this.#unclaimed.set(message.type, message);
    else {
      this.#waiters = this.#waiters.filter((other) => other !== waiter);
      waiter.found(message);
    }
    for (const listener of this.#listeners) listener(message);
  }

  /** The first failure is the reason; whatever follows from it is not. */
  #fail(what: string): void {
    const log = lastLines(this.#settings.logFile, 5);
    this.#end ??= new TrialError(`The ${this.#settings.name} process ${what}.${log === "" ? "" : `\n${log}`}`);
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) waiter.failed(this.#end);
  }
}
