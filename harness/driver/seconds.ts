/**
 * Seconds: what the driver tells a watcher once a second, counted from the events of its own history.
 *
 * Promises: a few additions per event and one message of less than 1 KB per second; floors are drawn before the load begins. Nobody
 * who does not watch pays for it: without a request for it the driver has none of this.
 */
import type { Clock } from "../clock.ts";
import type { DriverEvent } from "../history.ts";
import { BUCKETS_PER_OCTAVE, bucketOf, type DriverSecond, LAST_BUCKET, type LiveOverhead } from "../live.ts";
import type { Cohort } from "../scenario.ts";
import type { PlannedSession } from "../trial.ts";
import { floorMs, resolveTurn } from "../world/script.ts";
import type { ProofCount } from "./proof-round.ts";
import type { Wake } from "./schedule.ts";
import type { Tally } from "./session.ts";

const SECOND_MS = 1000;
/** The median is read from buckets this much finer than those that are told: within 2 %. */
const FINER = 4;

const microseconds = (ms: number): number => Math.round(ms * 1000) / 1000;

/** The floor of every planned turn, drawn in advance: drawing takes longer than counting an answer. */
export class Floors {
  readonly #firstOf = new Map<string, number>();
  readonly #floorsMs: Float32Array;

  /** @param cohortOf habits and script of each session */
  constructor(
    seed: number,
    memoryMb: number,
    sessions: readonly PlannedSession[],
    cohortOf: (plan: PlannedSession) => Cohort,
  ) {
    this.#floorsMs = new Float32Array(sessions.reduce((sum, { turns }) => sum + turns, 0));
    let at = 0;
    for (const plan of sessions) {
      this.#firstOf.set(plan.id, at);
      const cohort = cohortOf(plan);
      for (let turn = 1; turn <= plan.turns; turn++) {
        const kind = turn === 1 && plan.opening ? "proof" : "ordinary";
        this.#floorsMs[at++] = floorMs(resolveTurn({ seed, memoryMb, cohort, session: plan.id, turn, kind }));
      }
    }
  }

  /** Milliseconds. @param turn from 1, within the plan */
  of(session: string, turn: number): number {
    return this.#floorsMs[(this.#firstOf.get(session) ?? 0) + turn - 1] ?? 0;
  }
}

/** Durations of one second, in buckets. */
class Overheads {
  readonly #fine = new Uint32Array(LAST_BUCKET * FINER + 1);
  #n = 0;
  #maxMs = Number.NEGATIVE_INFINITY;

  add(ms: number): void {
    const fine = ms <= 1 ? 0 : Math.floor(Math.log2(ms) * BUCKETS_PER_OCTAVE * FINER) + 1;
    const bucket = Math.min(fine, this.#fine.length - 1);
    this.#fine[bucket] = (this.#fine[bucket] ?? 0) + 1;
    this.#n += 1;
    if (ms > this.#maxMs) this.#maxMs = ms;
  }

  /** What was added since the last call. */
  take(): LiveOverhead {
    if (this.#n === 0) return { p50Ms: null, maxMs: null, buckets: [] };
    const buckets = new Map<number, number>();
    let below = 0;
    let p50Ms: number | null = null;
    this.#fine.forEach((turns, fine) => {
      if (turns === 0) return;
      below += turns;
      const middleMs = fine === 0 ? Math.min(1, this.#maxMs) : 2 ** ((fine - 0.5) / (BUCKETS_PER_OCTAVE * FINER));
      if (p50Ms === null && below * 2 >= this.#n) p50Ms = microseconds(Math.min(middleMs, this.#maxMs));
      const bucket = fine === 0 ? 0 : bucketOf(middleMs);
      buckets.set(bucket, (buckets.get(bucket) ?? 0) + turns);
    });
    const taken = { p50Ms, maxMs: microseconds(this.#maxMs), buckets: [...buckets] };
    this.#fine.fill(0);
    this.#n = 0;
    this.#maxMs = Number.NEGATIVE_INFINITY;
    return taken;
  }
}

const NOTHING_YET = { offered: 0, answered: 0, failed: 0, setbacks: 0, late: 0 };

/** Where the load stands at the end of a second. */
export type Standing = Pick<Tally, "live" | "pending"> & ProofCount;

/** Counts events and posts a second at each full second of the load. */
export class Seconds {
  readonly #clock: Clock;
  readonly #wake: Wake;
  readonly #floors: Floors;
  readonly #standing: () => Standing;
  readonly #post: (second: DriverSecond) => void;
  /** Enabled instants of the turns that run, of which a session has one at a time. */
  readonly #enabledMs = new Map<string, number>();
  readonly #overheads = new Overheads();
  #counts = { ...NOTHING_YET };
  #second = 0;
  #callOff: (() => void) | null = null;

  constructor(
    clock: Clock,
    wake: Wake,
    floors: Floors,
    standing: () => Standing,
    post: (second: DriverSecond) => void,
  ) {
    this.#clock = clock;
    this.#wake = wake;
    this.#floors = floors;
    this.#standing = standing;
    this.#post = post;
  }

  /** @param beginMs trial time at which the load begins */
  start(beginMs: number): void {
    const endMs = beginMs + (this.#second + 1) * SECOND_MS;
    this.#callOff = this.#wake(Math.max(0, endMs - this.#clock()), () => {
      this.#tell();
      this.#second += 1;
      this.start(beginMs);
    });
  }

  /** To be told of everything that goes into the history. */
  saw(event: DriverEvent): void {
    switch (event.e) {
      case "enabled":
        if (event.kind === "proof") return;
        this.#counts.offered += 1;
        this.#enabledMs.set(event.s, event.t);
        break;
      case "ok":
      case "failed":
        if (event.c === undefined) this.#ended(event.e, event.s, event.n, event.t);
        break;
      case "fail":
      case "info":
        if (event.c === undefined && this.#enabledMs.has(event.s)) this.#counts.setbacks += 1;
        break;
      case "late":
        if (this.#enabledMs.has(event.s)) this.#counts.late += 1;
        break;
    }
  }

  #ended(how: "ok" | "failed", session: string, turn: number, endedMs: number): void {
    const enabledMs = this.#enabledMs.get(session);
    if (enabledMs === undefined) return; // a proof turn
    this.#enabledMs.delete(session);
    if (how === "failed") {
      this.#counts.failed += 1;
      return;
    }
    this.#counts.answered += 1;
    this.#overheads.add(endedMs - enabledMs - this.#floors.of(session, turn));
  }

  #tell(): void {
    const { live, pending, proved, toProve } = this.#standing();
    const overhead = this.#overheads.take();
    this.#post({ second: this.#second, ...this.#counts, overhead, live, pending, proved, toProve });
    this.#counts = { ...NOTHING_YET };
  }

  stop(): void {
    this.#callOff?.();
  }
}
