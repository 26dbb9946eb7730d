/**
 * Line: one connection with one request on it, as TCP on one machine behaves. What was written arrives, in order and a little
 * later, even if its writer died meanwhile; the end of the line comes behind it.
 */
import type { SimulatedTime } from "./time.ts";

/** The slowest and the quickest way from one process to another, in milliseconds. */
const LATENCY_MS = { low: 0.05, high: 0.6 };

interface Direction {
  /** When the last thing sent arrives. */
  arrivesMs: number;
  readonly whenClosed: (() => void)[];
}

/** The side that a message goes to: who asked, or who was asked. */
export type Side = "client" | "server";

export class Line {
  readonly #time: SimulatedTime;
  readonly #random: () => number;
  readonly #to: Readonly<Record<Side, Direction>> = {
    client: { arrivesMs: 0, whenClosed: [] },
    server: { arrivesMs: 0, whenClosed: [] },
  };
  #open = true;

  constructor(time: SimulatedTime, random: () => number) {
    this.#time = time;
    this.#random = random;
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /** Writes to one side; lost if the line is closed. */
  send(side: Side, read: () => void): void {
    if (this.#open) this.#deliver(side, read);
  }

  /** `run` is called once when the end of the line has arrived at this side; at once if it is closed. */
  onClosed(side: Side, run: () => void): void {
    if (this.#open) this.#to[side].whenClosed.push(run);
    else this.#deliver(side, run);
  }

  /** Ends the line; whoever did it, both sides hear of it. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    for (const side of ["client", "server"] as const)
      for (const run of this.#to[side].whenClosed) this.#deliver(side, run);
  }

  #deliver(side: Side, run: () => void): void {
    const to = this.#to[side];
    const { low, high } = LATENCY_MS;
    to.arrivesMs = Math.max(to.arrivesMs, this.#time.clock() + low + (high - low) * this.#random());
    this.#time.at(to.arrivesMs, run);
  }
}
