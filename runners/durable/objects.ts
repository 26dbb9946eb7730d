/**
 * Which sessions are live in this process: loaded at the first touch, let go when idle, loaded again when a turn was interrupted.
 *
 * Promises at most one live object per session here; across processes the epoch in the database sees to it. Interrupted turns
 * go on without being asked for: those that an earlier start of this process left, and those that an error ended later. None is
 * taken from a process that has owned the session since: it goes on there.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type Agent, Refused } from "../kit/typescript/front.ts";
import type { FinishedTurn, Listener, TurnResult } from "../kit/typescript/messages.ts";
import { LiveSession } from "./live-session.ts";
import { type SessionStore, Superseded } from "./store.ts";
import { openTurn, resultOf } from "./turn.ts";

/** How many interrupted sessions are loaded at the same time; their turns then run at once. */
const PARALLEL_LOADS = 32;
/** Pause between two rounds of loading what was interrupted, and between two tries to reach the database. */
const ROUND_PAUSE_MS = 1000;
const FIRST_CONNECT_PAUSE_MS = 100;
const SWEEPS_PER_IDLE_TIME = 6;

export interface ObjectsSettings {
  /** A session without events for this long leaves memory, unless it holds memory of its own. */
  readonly idleMs: number;
  readonly mostResumptions: number;
  readonly askAhead: boolean;
}

export class Objects implements Agent {
  readonly #store: SessionStore;
  readonly #settings: ObjectsSettings;
  readonly #live = new Map<string, LiveSession>();
  /** Sessions with a turn that nobody works on. */
  readonly #interrupted = new Set<string>();
  readonly #closed = new AbortController();
  readonly #sweep: NodeJS.Timeout;
  #ready = false;

  constructor(store: SessionStore, settings: ObjectsSettings) {
    this.#store = store;
    this.#settings = settings;
    this.#sweep = setInterval(() => this.#letGoIdle(), settings.idleMs / SWEEPS_PER_IDLE_TIME).unref();
  }

  /** Works from the moment the tables exist until closed; resolves when closed. Turns are accepted while old ones resume. */
  async run(): Promise<void> {
    await this.#untilDone(() => this.#store.setUp(), FIRST_CONNECT_PAUSE_MS);
    this.#ready = true;
    await this.#untilDone(async () => {
      for (const session of await this.#store.inherit()) this.#interrupted.add(session);
    }, ROUND_PAUSE_MS);
    console.log(`sessions with an interrupted turn: ${this.#interrupted.size}`);
    while (!this.#closed.signal.aborted) {
      if (this.#interrupted.size > 0) await this.#untilDone(() => this.#resumeAll(), ROUND_PAUSE_MS);
      await this.#pause(ROUND_PAUSE_MS);
    }
  }

  ready(): boolean {
    return this.#ready;
  }

  async runTurn(session: string, turn: string, input: string, listener?: Listener): Promise<TurnResult> {
    if (session.includes("\0") || turn.includes("\0")) throw new Refused(409, "ids with U+0000 cannot be stored");
    const live = await this.#ask(session);
    return live.runTurn(turn, input, listener);
  }

  /** Reads in the database, not in the live object: a superseded owner must not tell an old story. */
  async readSession(session: string): Promise<readonly FinishedTurn[] | undefined> {
    const turns = await this.#store.load(session).catch((error: unknown) => {
      throw new Refused(503, `the database does not answer: ${String(error)}`);
    });
    if (turns.length === 0) return undefined;
    const finished = turns.filter(({ state }) => state !== "running");
    return finished.map((stored) => {
      const turn = openTurn(stored.turn, stored.entries);
      return { turn: turn.turn, input: turn.input, ...resultOf(turn, stored) };
    });
  }

  async close(): Promise<void> {
    clearInterval(this.#sweep);
    this.#closed.abort();
    await this.#store.close();
  }

  async #ask(session: string): Promise<LiveSession> {
    try {
      return await this.#touch(session, true);
    } catch (error) {
      if (!(error instanceof Superseded)) throw error;
      // We met an attempt to load it unasked, which found another owner. Asked, we may take it.
      return this.#touch(session, true);
    }
  }

  async #touch(session: string, asked: boolean): Promise<LiveSession> {
    let live = this.#live.get(session);
    if (live === undefined) {
      live = new LiveSession(session, {
        store: this.#store,
        asked,
        mostResumptions: this.#settings.mostResumptions,
        askAhead: this.#settings.askAhead,
        onLost: (lost, error) => this.#lose(lost, error),
      });
      this.#live.set(session, live);
    }
    await live.loaded;
    this.#interrupted.delete(session);
    return live;
  }

  /**
   * An object that ended by an error may have left a turn unfinished. Whether another process has owned the session since, an error
   * does not tell: that is found out when it is taken back.
   */
  #lose(lost: LiveSession, error: unknown): void {
    // It may have left memory before, and another object may live in its place.
    if (this.#live.get(lost.id) === lost) this.#live.delete(lost.id);
    if (error instanceof Superseded) this.#interrupted.delete(lost.id);
    else this.#interrupted.add(lost.id);
    console.error(`session ${lost.id} left memory: ${String(error)}`);
  }

  #letGoIdle(): void {
    const nowMs = performance.now();
    for (const [session, live] of this.#live) {
      if (live.idleMs(nowMs) >= this.#settings.idleMs) this.#live.delete(session);
    }
  }

  /** One try for each interrupted session; those that fail wait for the next round. */
  async #resumeAll(): Promise<void> {
    await this.#store.ping();
    const sessions = [...this.#interrupted].values();
    const lane = async (): Promise<void> => {
      for (const session of sessions) await Promise.allSettled([this.#touch(session, false)]);
    };
    await Promise.all(Array.from({ length: PARALLEL_LOADS }, lane));
  }

  /** Tries until it works or we are closed, with pauses that double up to a second. */
  async #untilDone(work: () => Promise<void>, firstPauseMs: number): Promise<void> {
    for (let pauseMs = firstPauseMs; !this.#closed.signal.aborted; pauseMs = Math.min(pauseMs * 2, ROUND_PAUSE_MS)) {
      try {
        return await work();
      } catch (error) {
        console.error(`the database does not answer: ${String(error)}`);
        await this.#pause(pauseMs);
      }
    }
  }

  async #pause(ms: number): Promise<void> {
    await Promise.allSettled([sleep(ms, undefined, { signal: this.#closed.signal })]);
  }
}
