/**
 * Pump: one direction of one connection. Undisturbed it writes what it reads and slows down with whoever reads on the other side;
 * disturbed, every piece waits for its own instant, in order.
 */
import type { Socket } from "node:net";
import type { Disturbance } from "../nemeses/nemesis.ts";
import type { Link } from "./link.ts";

/** A pump that holds this much stops reading, so that the sender feels the delay in its own buffers, as on a long wire. */
const HIGH_WATER_BYTES = 256 * 1024;
/** A slow link lets pieces of this length through, hence bytes drip instead of coming in one lump at the end. */
const PIECE_MS = 50;
const PIECE_BYTES_LEAST = 64;

interface Piece {
  readonly dueMs: number;
  readonly what: Buffer | "end";
}

/** What a pump stands between. */
export interface PumpEnds {
  readonly from: Socket;
  readonly to: Socket;
  readonly link: Link;
  readonly disturbance: () => Disturbance;
  readonly count: (bytes: number) => void;
  /** Whether this piece, and what comes behind it, is to be kept until `pass` is called. */
  readonly keeps?: (what: Buffer | "end", pass: () => void) => boolean;
}

const lengthOf = (what: Buffer | "end"): number => (what === "end" ? 0 : what.length);

export class Pump {
  readonly #ends: PumpEnds;
  #queue: Piece[] = [];
  #queuedBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  /** The reader on the other side is behind. */
  #choked = false;
  #held = false;
  #kept = false;

  constructor(ends: PumpEnds) {
    this.#ends = ends;
    ends.from.on("data", (chunk: Buffer) => this.#take(chunk));
    ends.from.on("end", () => this.#take("end"));
    ends.to.on("drain", () => {
      this.#choked = false;
      this.#release();
    });
  }

  /** Nothing is read or written any more; what was read stays here. */
  hold(): void {
    this.#held = true;
    clearTimeout(this.#timer);
    this.#ends.from.pause();
  }

  /** Goes on under the disturbance that holds now: what waits gets new instants. */
  go(): void {
    this.#held = false;
    clearTimeout(this.#timer);
    const waiting = this.#queue;
    this.#queue = [];
    this.#queuedBytes = 0;
    for (const { what } of waiting) this.#enqueue(what);
    this.#release();
  }

  /** What was kept goes on. */
  readonly #pass = (): void => {
    this.#kept = false;
    this.#release();
  };

  /** Forgets everything. */
  drop(): void {
    clearTimeout(this.#timer);
    this.#queue = [];
  }

  #take(what: Buffer | "end"): void {
    const { bytesPerSecond, latencyMs, closeDelayMs } = this.#ends.disturbance();
    this.#ends.count(lengthOf(what));
    if (this.#ends.keeps?.(what, this.#pass) === true) this.#kept = true;
    const delayed = bytesPerSecond !== undefined || latencyMs !== undefined || closeDelayMs !== undefined;
    if (!delayed && !this.#held && !this.#kept && !this.#choked && this.#queue.length === 0) {
      this.#write(what);
      if (this.#choked) this.#ends.from.pause();
      return;
    }
    if (what === "end" || bytesPerSecond === undefined) this.#enqueue(what);
    else {
      const size = Math.max(PIECE_BYTES_LEAST, Math.floor((bytesPerSecond * PIECE_MS) / 1000));
      for (let at = 0; at < what.length; at += size) this.#enqueue(what.subarray(at, at + size));
    }
    this.#release();
  }

  #enqueue(what: Buffer | "end"): void {
    this.#queue.push({ what, dueMs: Math.max(this.#dueMs(what), this.#queue.at(-1)?.dueMs ?? 0) });
    this.#queuedBytes += lengthOf(what);
  }

  #dueMs(what: Buffer | "end"): number {
    const { bytesPerSecond, latencyMs = 0, closeDelayMs = 0 } = this.#ends.disturbance();
    const nowMs = performance.now();
    if (what === "end") return nowMs + latencyMs + closeDelayMs;
    const throughMs =
      bytesPerSecond === undefined ? nowMs : this.#ends.link.reserve(what.length, bytesPerSecond, nowMs);
    return throughMs + latencyMs;
  }

  /** Writes what is due, and sees to it that the rest will be. */
  #release(): void {
    clearTimeout(this.#timer);
    let next = this.#queue[0];
    while (next !== undefined && !this.#held && !this.#kept && !this.#choked && next.dueMs <= performance.now()) {
      this.#queue.shift();
      this.#queuedBytes -= lengthOf(next.what);
      this.#write(next.what);
      next = this.#queue[0];
    }
    if (this.#held) return;
    if (next !== undefined && !this.#kept && !this.#choked)
      this.#timer = setTimeout(() => this.#release(), Math.ceil(next.dueMs - performance.now()));
    if (this.#choked || this.#queuedBytes >= HIGH_WATER_BYTES) this.#ends.from.pause();
    else this.#ends.from.resume();
  }

  #write(what: Buffer | "end"): void {
    const { to } = this.#ends;
    if (to.destroyed || to.writableEnded) return;
    if (what === "end") to.end();
    else if (!to.write(what)) this.#choked = true;
  }
}
