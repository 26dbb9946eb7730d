/**
 * Everything of a trial dies with the harness: the harness's side of the watchdog. Start it before anything else, tell it of each
 * process group and temporary directory; if the harness is killed, they are gone within two seconds.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { TrialError } from "../errors.ts";
import { entryPoint } from "./entry.ts";
import {
  createMarkedDirectory,
  type MarkedDirectory,
  noteInOwnerFile,
  removeMarkedDirectory,
} from "./marked-directory.ts";
import { readProcess } from "./process-table.ts";
import type { RemainsLine } from "./remains.ts";

const STOP_WITHIN_MS = 5000;

export class Watchdog {
  readonly #process: ChildProcess;
  readonly #directories = new Map<string, MarkedDirectory>();

  private constructor(child: ChildProcess) {
    this.#process = child;
  }

  /** Starts the watchdog process. */
  static async start(): Promise<Watchdog> {
    const child = spawn(process.execPath, [entryPoint(import.meta.url, "./watchdog-main")], {
      detached: true,
      stdio: ["pipe", "ignore", "inherit"],
      // Options meant for the harness (an inspector, a loader) have no place in a process that must outlive it.
      env: { PATH: process.env.PATH ?? "" },
    });
    await once(child, "spawn");
    // A watchdog that died breaks the pipe; the next line written would otherwise end the harness.
    child.stdin?.on("error", () => child.stdin?.destroy());
    child.unref();
    return new Watchdog(child);
  }

  /** pid of the watchdog process. */
  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** Watches a process group by the pid of its leader. A leader that is dead already has nothing to watch. */
  watchGroup(leader: number): void {
    const startTime = readProcess(leader)?.startTime;
    if (startTime !== undefined) this.#tell({ group: leader, startTime }, true);
  }

  /** The group has ended. */
  forgetGroup(leader: number): void {
    this.#tell({ forget: leader }, true);
  }

  /** Makes a temporary directory that is removed at the latest when the harness ends. @param parent default: the system's */
  createDirectory(parent?: string): MarkedDirectory {
    const directory = createMarkedDirectory(parent);
    this.#directories.set(directory.path, directory);
    this.#tell({ directory: directory.path, token: directory.token }, false);
    return directory;
  }

  /** Removes a directory made by `createDirectory`. */
  removeDirectory(directory: MarkedDirectory): void {
    removeMarkedDirectory(directory);
    this.#directories.delete(directory.path);
    this.#tell({ forgetDirectory: directory.path }, false);
  }

  /** Closes the pipe: whatever is still noted is ended and removed now. Resolves when the watchdog is gone. */
  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    this.#directories.clear();
    this.#process.ref();
    const ended = once(this.#process, "exit", { signal: AbortSignal.timeout(STOP_WITHIN_MS) });
    this.#process.stdin?.end();
    await ended.catch(() => {
      this.#process.kill("SIGKILL");
      throw new TrialError(`The watchdog had not cleaned up after ${STOP_WITHIN_MS / 1000} s.`);
    });
  }

  #tell(line: RemainsLine, inOwnerFiles: boolean): void {
    const text = JSON.stringify(line);
    if (this.#process.stdin?.writable === true) this.#process.stdin.write(`${text}\n`);
    if (inOwnerFiles) for (const directory of this.#directories.values()) this.#noteFor(directory, text);
  }

  /** For the sweep at the next start, should harness and watchdog both be killed. */
  #noteFor(directory: MarkedDirectory, text: string): void {
    try {
      noteInOwnerFile(directory, text);
    } catch (error) {
      // A full disk is no reason to end a trial here: the pipe has the line, and only the sweep would miss it.
      process.emitWarning(`Could not note a process group in ${directory.path}: ${(error as Error).message}`);
      this.#directories.delete(directory.path);
    }
  }
}
