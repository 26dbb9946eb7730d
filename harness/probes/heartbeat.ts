/**
 * The heartbeat seen from outside: an observed process writes an instant into a named pipe every 10 ms, from where its sessions are
 * run, and whoever reads the pipe learns how long it kept silent, whatever the reason: stopped, throttled, collecting, computing.
 *
 * Each start of a process has a named pipe `PREFIX.beat`. A beat is 8 bytes: CLOCK_MONOTONIC in milliseconds as a little-endian double.
 * The stamps are the writer's, so a reader that comes late learns the same, and looking a few times a second is enough.
 * The kernel tells who has died: then the pipe has no writer and reads as ended.
 */
import { execFileSync } from "node:child_process";
import { closeSync, constants, openSync, readSync, renameSync } from "node:fs";
import { join } from "node:path";

export const BEAT_EVERY_MS = 10;
/**
 * So much longer than an interval a gap between two beats is a silence. A stall begins up to one interval after the last beat, so
 * a stall of 20 ms makes a gap that is 10 to 20 ms too long: at 12 ms four in five of exactly 20 ms are found, all from 22 ms on, and
 * of stalls spread evenly over 20 to 200 ms 99.9 %. Lower would find more pauses of 10 ms, which are not asked for.
 */
export const SILENT_FROM_MS = 12;

/** From the first beat that did not come when it was due; the stall began up to one interval earlier. */
export interface Silence {
  readonly fromMs: number;
  readonly ms: number;
}

/** What one look at a process brought: its new beats, "none" from one that lives, or "ended". */
export type Heard = readonly number[] | "none" | "ended";

/** Follows one process by its beats. */
export class HeartbeatWatch {
  readonly #found: (silence: Silence) => void;
  #beatMs: number | null = null;
  /** When it was last known to live. */
  #aliveMs = 0;

  constructor(found: (silence: Silence) => void) {
    this.#found = found;
  }

  /** Whether it ever beat. */
  get begun(): boolean {
    return this.#beatMs !== null;
  }

  /**
   * Takes what a look brought. Stamps that are no instants, or lie before the one before, are none of ours and left out.
   * @param lookedMs when the look began
   */
  take(heard: Heard, lookedMs: number): void {
    if (heard === "ended") {
      this.end();
      return;
    }
    this.#aliveMs = lookedMs;
    if (heard === "none") return;
    for (const atMs of heard) {
      if (!Number.isFinite(atMs) || atMs < (this.#beatMs ?? 0)) continue;
      this.#close(atMs);
      this.#beatMs = atMs;
    }
  }

  /** No beat will come any more: a silence that is open lasted at least until it was last known to live. */
  end(): void {
    this.#close(this.#aliveMs);
    this.#beatMs = null;
  }

  #close(atMs: number): void {
    if (this.#beatMs === null) return;
    const fromMs = this.#beatMs + BEAT_EVERY_MS;
    if (atMs - fromMs >= SILENT_FROM_MS) this.#found({ fromMs, ms: atMs - fromMs });
  }
}

/** Ten a look come from a process that beats; more wait only for a reader that was held up. */
const buffer = Buffer.alloc(8 * 1024);

/** The reading end of one process's pipe. It is open before the process starts, so that writers need not wait. */
export class BeatPipe {
  readonly #file: number;

  constructor(path: string) {
    this.#file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  }

  /** All beats since the last look. "ended" also before anybody has begun to write. */
  look(): Heard {
    const beats: number[] = [];
    for (;;) {
      const bytes = this.#read();
      if (bytes === null) return beats.length > 0 ? beats : "none";
      if (bytes === 0) return beats.length > 0 ? beats : "ended";
      for (let at = 0; at + 8 <= bytes; at += 8) beats.push(buffer.readDoubleLE(at));
      if (bytes < buffer.length) return beats;
    }
  }

  /** Null when nothing is there, 0 when nobody writes. */
  #read(): number | null {
    try {
      return readSync(this.#file, buffer, 0, buffer.length, null);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EAGAIN") return null;
      throw error;
    }
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** Pipes are made so many at a time, since making them takes a command of the system and a restart must not wait for it. */
const STOCK = 20;

/** Named pipes for the starts of a trial; none where the system cannot make them. */
export class PipeStock {
  readonly #folder: string;
  #left = 0;
  #broken = false;

  /** @param folder exists; pipes in stock are `stock-…` there */
  constructor(folder: string) {
    this.#folder = folder;
    this.#make();
  }

  #make(): void {
    const names = Array.from({ length: STOCK }, (_, index) => join(this.#folder, `stock-${index}`));
    try {
      execFileSync("mkfifo", names, { timeout: 5000, stdio: "ignore" });
      this.#left = STOCK;
    } catch {
      // Without pipes nobody can beat; the summary says that nothing was watched.
      this.#broken = true;
    }
  }

  /** Puts a pipe in place and opens it for reading; null where there are none. */
  place(path: string): BeatPipe | null {
    if (this.#left === 0 && !this.#broken) this.#make();
    if (this.#broken) return null;
    this.#left -= 1;
    renameSync(join(this.#folder, `stock-${this.#left}`), path);
    return new BeatPipe(path);
  }
}
