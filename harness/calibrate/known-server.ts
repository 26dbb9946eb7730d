/**
 * Known server: a server whose every answer follows by arithmetic from a seeded plan, and what an ideal client would see of it.
 *
 * Promises: pure; the process that plays the server and the truth that the driver is held against use the same `react`, so the
 * truth is never measured. An ideal client sends at the very instant a turn is enabled, and neither sending nor reading takes time.
 */
import { nextAttemptMs } from "../driver/retry.ts";
import { randomOf } from "../random.ts";
import type { ClientPolicy, TurnScript } from "../scenario.ts";
import type { PlannedSession } from "../trial.ts";

/** The same on every machine, so that the plans are. */
export const CALIBRATION_SEED = 100;

/** Nothing here takes as long as these limits, so neither timeout nor deadline ever plays a part. */
export const CALIBRATION_CLIENT: ClientPolicy = { retry: "eager", timeoutMs: 20_000, deadlineMs: 20_000 };

/** A request as it arrived. */
export interface Asked {
  readonly session: string;
  readonly turn: number;
  /** Which request for this turn, from 1. */
  readonly attempt: number;
  /** Milliseconds from the start of this server's part. */
  readonly arrivedMs: number;
}

/** What the server does with it, and when: milliseconds from the start of its part. */
export interface Reaction {
  readonly does: "answer" | "reset";
  readonly atMs: number;
}

export interface KnownServer {
  /** Letters only: the ids of its sessions begin with it. */
  readonly name: string;
  /** For the table. */
  readonly says: string;
  /** @param scale 1 in the short form; how many times as much load in the full one */
  sessions(scale: number): readonly PlannedSession[];
  react(asked: Asked): Reaction;
  /** Name of a second table, of the lengths of whole sessions: a think time cut short shows only there. */
  readonly wholeSessions?: string;
  /** Where the World plays the server: the script of its turns. */
  readonly script?: TurnScript;
}

/** Sessions of a server that arrive at seeded instants, evenly likely over a time, in order. */
export function arrivals(
  name: string,
  count: number,
  overMs: number,
  thinkMs: readonly number[] = [],
): PlannedSession[] {
  const random = randomOf(CALIBRATION_SEED, "arrivals", name);
  const instants = Array.from({ length: count }, () => Math.round(random() * overMs * 1000) / 1000);
  return instants
    .sort((a, b) => a - b)
    .map((arriveMs, index) => ({
      id: `${name}${index}`,
      cohort: name,
      arriveMs,
      turns: thinkMs.length + 1,
      thinkMs,
    }));
}

/** A key for the latency of one turn. */
export const turnKey = (session: string, turn: number): string => `${session}/${turn}`;

/** What an ideal client sees, in milliseconds. */
export interface Truth {
  /** Answer − enabled, by `turnKey`. */
  readonly turns: ReadonlyMap<string, number>;
  /** Last answer − arrival, by session. */
  readonly sessions: ReadonlyMap<string, number>;
}

/** When a turn that is enabled at an instant is answered, with all its attempts. */
function answeredMs(server: KnownServer, session: string, turn: number, enabledMs: number): number {
  let arrivedMs = enabledMs;
  for (let attempt = 1; ; attempt++) {
    const { does, atMs } = server.react({ session, turn, attempt, arrivedMs });
    if (does === "answer") return atMs;
    const setback = { startedMs: arrivedMs, endedMs: atMs, inARow: attempt, late: false, retryAfterMs: undefined };
    const random = randomOf(CALIBRATION_SEED, "retry", session, turn, attempt);
    arrivedMs = nextAttemptMs(CALIBRATION_CLIENT, setback, random) ?? Number.POSITIVE_INFINITY;
  }
}

/** The truth of a plan: every session asks, thinks after the answer, and asks again. */
export function truthOf(server: KnownServer, sessions: readonly PlannedSession[]): Truth {
  const turns = new Map<string, number>();
  const lengths = new Map<string, number>();
  for (const { id, arriveMs, turns: count, thinkMs } of sessions) {
    let enabledMs = arriveMs;
    for (let turn = 1; turn <= count; turn++) {
      const endMs = answeredMs(server, id, turn, enabledMs);
      turns.set(turnKey(id, turn), endMs - enabledMs);
      lengths.set(id, endMs - arriveMs);
      enabledMs = endMs + (thinkMs[turn - 1] ?? 0);
    }
  }
  return { turns, sessions: lengths };
}
