/** The heartbeats of all starts of a trial: a pipe for each, read whenever somebody looks, and what was found in them. */
import { monotonicMs } from "../clock.ts";
import type { ObservedEvent } from "../observation.ts";
import { type BeatPipe, HeartbeatWatch, PipeStock } from "./heartbeat.ts";

/** Events stamped by CLOCK_MONOTONIC instead of trial time. */
export type HeartbeatEvent = Extract<ObservedEvent, { readonly e: "watched" | "silence" }>;

interface Watched {
  readonly pipe: BeatPipe;
  readonly watch: HeartbeatWatch;
  readonly named: { readonly process: string; readonly i: number };
}

const round = (ms: number): number => Math.round(ms * 1000) / 1000;

export class Heartbeats {
  readonly #stock: PipeStock;
  readonly #watched = new Set<Watched>();
  readonly #events: HeartbeatEvent[] = [];

  /** @param folder exists; for pipes in stock */
  constructor(folder: string) {
    this.#stock = new PipeStock(folder);
  }

  /** Puts the pipe of one start in place. @param path where the process looks for it */
  place(path: string, process: string, i: number): void {
    const pipe = this.#stock.place(path);
    if (pipe === null) return;
    const named = { process, i };
    const watch = new HeartbeatWatch(({ fromMs, ms }) =>
      this.#events.push({ e: "silence", t: round(fromMs), ms: round(ms), ...named }),
    );
    this.#watched.add({ pipe, watch, named });
  }

  /** Reads all pipes. */
  look(): void {
    const nowMs = monotonicMs();
    for (const one of this.#watched) {
      const { pipe, watch, named } = one;
      const heard = pipe.look();
      const hadBegun = watch.begun;
      // Nobody writes before the process has begun.
      if (heard === "ended" && !hadBegun) continue;
      watch.take(heard, nowMs);
      if (!hadBegun && watch.begun) this.#events.push({ e: "watched", t: round(nowMs), ...named });
      if (heard !== "ended") continue;
      pipe.close();
      this.#watched.delete(one);
    }
  }

  /** A last look; then the pipes are closed. */
  stop(): void {
    this.look();
    for (const { pipe, watch } of this.#watched) {
      watch.end();
      pipe.close();
    }
    this.#watched.clear();
  }

  /** Everything found so far. */
  events(): readonly HeartbeatEvent[] {
    return this.#events;
  }
}
