/**
 * The outside echo: a small process of ours asks an observed process for an answer a hundred times a second and notes how long it
 * kept silent, whatever the reason: stopped, throttled, collecting, computing.
 *
 * Each start of a process has two named pipes, `PREFIX.ping` and `PREFIX.pong`. A ping is 8 bytes, CLOCK_MONOTONIC in milliseconds as
 * a little-endian double, and is answered by 8 such bytes: the instant of answering. Both ends of a silence are thus
 * stamps of the one who acted: a prober that is late itself asks less often and never takes its own lateness for a
 * silence. The kernel tells who listens (a pipe without a reader cannot be opened for writing) and who has died (end of file).
 */
import { execFileSync } from "node:child_process";
import { closeSync, constants, openSync, readSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";

export const PING_EVERY_MS = 10;
/**
 * A ping that stays unanswered this long is a silence. A stall begins on average half an interval before the first ping that it
 * swallows and at most a whole one, so a stall of 20 ms leaves a ping unanswered for 10 to 20 ms: at 12 ms four in five of
 * exactly 20 ms are found, all from 22 ms on, and of stalls spread evenly over 20 to 200 ms 99.9 %. Lower would find more
 * pauses of 10 ms, which are not asked for.
 */
export const SILENT_FROM_MS = 12;
/** Between two asks that are further apart than this nothing was seen. */
export const BLIND_FROM_MS = 30;

/** A silence as the prober saw it: from the first ping that was not answered; the stall began up to one interval earlier. */
export interface Silence {
  readonly fromMs: number;
  readonly ms: number;
}

/** What an exchange with one process brought. */
export type Answer = { readonly at: number } | "none" | "ended";

/** The two directions to one process; a fake one in tests. */
export interface EchoLine {
  /** Sends one ping. False when nobody listens any more. */
  ask(nowMs: number): boolean;
  /** The newest answer, if one came since the last call. */
  heard(): Answer;
}

/** Watches one process: at most one ping is under way, since the answer to the first unanswered one ends a silence. */
export class EchoWatch {
  readonly #line: EchoLine;
  readonly #clock: () => number;
  readonly #found: (silence: Silence) => void;
  #askedMs: number | null = null;

  constructor(line: EchoLine, clock: () => number, found: (silence: Silence) => void) {
    this.#line = line;
    this.#clock = clock;
    this.#found = found;
  }

  /** One step; to be called every {@link PING_EVERY_MS}. False when the process has ended. */
  step(): boolean {
    const answer = this.#line.heard();
    if (answer === "ended") {
      this.#close(this.#clock());
      return false;
    }
    if (answer !== "none") this.#close(answer.at);
    if (this.#askedMs !== null) return true;
    if (!this.#line.ask(this.#clock())) return false;
    // Stamped after the write: a prober that was put to sleep in between makes a silence shorter, never longer.
    this.#askedMs = this.#clock();
    return true;
  }

  #close(atMs: number): void {
    if (this.#askedMs === null) return;
    const ms = atMs - this.#askedMs;
    if (ms >= SILENT_FROM_MS) this.#found({ fromMs: this.#askedMs, ms });
    this.#askedMs = null;
  }
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

/** The pipes of one process, opened without waiting. */
export class PipeLine implements EchoLine {
  readonly #ping: number;
  readonly #pong: number;
  readonly #out = Buffer.alloc(8);
  readonly #in = Buffer.alloc(64);

  private constructor(ping: number, pong: number) {
    this.#ping = ping;
    this.#pong = pong;
  }

  /** Null while nobody listens. */
  static open(prefix: string): PipeLine | null {
    let ping: number;
    try {
      ping = openSync(`${prefix}.ping`, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch (error) {
      if (codeOf(error) === "ENXIO") return null;
      throw error;
    }
    return new PipeLine(ping, openSync(`${prefix}.pong`, constants.O_RDONLY | constants.O_NONBLOCK));
  }

  ask(nowMs: number): boolean {
    this.#out.writeDoubleLE(nowMs);
    try {
      writeSync(this.#ping, this.#out);
      return true;
    } catch (error) {
      if (codeOf(error) === "EPIPE") return false;
      throw error;
    }
  }

  heard(): Answer {
    try {
      const bytes = readSync(this.#pong, this.#in, 0, 64, null);
      return bytes < 8 ? "ended" : { at: this.#in.readDoubleLE(bytes - 8) };
    } catch (error) {
      if (codeOf(error) === "EAGAIN") return "none";
      throw error;
    }
  }

  close(): void {
    closeSync(this.#ping);
    closeSync(this.#pong);
  }
}

/** Pipes are made so many pairs at a time, since making them takes a command of the system and a restart must not wait for it. */
const PAIRS = 20;

/** Named pipes for the starts of a trial; null where the system cannot make them. */
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
    const names = Array.from({ length: PAIRS * 2 }, (_, index) => join(this.#folder, `stock-${index}`));
    try {
      execFileSync("mkfifo", names, { timeout: 5000, stdio: "ignore" });
      this.#left = PAIRS;
    } catch {
      // Without pipes there is no echo; the summary says that nothing was watched.
      this.#broken = true;
    }
  }

  /** Puts a pair of pipes in place for one start. */
  place(prefix: string): void {
    if (this.#left === 0 && !this.#broken) this.#make();
    if (this.#broken) return;
    this.#left -= 1;
    renameSync(join(this.#folder, `stock-${this.#left * 2}`), `${prefix}.pong`);
    renameSync(join(this.#folder, `stock-${this.#left * 2 + 1}`), `${prefix}.ping`);
  }
}
