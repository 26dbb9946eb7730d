/**
 * From what driver and servers recorded to what is compared. Pure.
 *
 * Latency is what it is everywhere: the driver's `ok` − `enabled`. The lateness of a server is when it ended a request minus when it
 * would have, had it noticed the request in time; the rest of an error (start lag, writing, transport, reading) is the driver's.
 */
import type { CalibrationTable } from "../calibration.ts";
import type { DriverEvent } from "../history.ts";
import type { PlannedSession } from "../trial.ts";
import { type KnownServer, truthOf, turnKey } from "./known-server.ts";
import type { Served, Stall } from "./process/protocol.ts";
import { tableOf } from "./table.ts";

/** What was recorded of one load. All stamps are trial time in milliseconds. */
export interface Observation {
  readonly driver: readonly DriverEvent[];
  readonly served: readonly Served[];
  readonly stalls: readonly Stall[];
}

/** One server's part of a load. */
export interface Part {
  readonly server: KnownServer;
  /** When it starts: reactions count from there. */
  readonly startMs: number;
  /** As the server plans them: arrivals from the start of the part. */
  readonly sessions: readonly PlannedSession[];
}

/** Latencies as the driver's history has them. */
export function measuredOf(events: readonly DriverEvent[]): {
  readonly turns: ReadonlyMap<string, number>;
  readonly sessions: ReadonlyMap<string, number>;
} {
  const enabled = new Map<string, number>();
  const arrived = new Map<string, number>();
  const turns = new Map<string, number>();
  const sessions = new Map<string, number>();
  for (const event of events) {
    if (event.e === "arrive") arrived.set(event.s, event.t);
    else if (event.e === "leave") sessions.set(event.s, event.t - (arrived.get(event.s) ?? Number.NaN));
    else if (event.e === "enabled") enabled.set(turnKey(event.s, event.n), event.t);
    else if (event.e === "ok") {
      const key = turnKey(event.s, event.n);
      turns.set(key, event.t - (enabled.get(key) ?? Number.NaN));
    }
  }
  return { turns, sessions };
}

const overlapMs = (fromMs: number, toMs: number, stalls: readonly Stall[]): number =>
  stalls.reduce((sum, stall) => sum + Math.max(0, Math.min(toMs, stall.toMs) - Math.max(fromMs, stall.fromMs)), 0);

/** How late the server was with each turn of its part, over all attempts; a request cannot be noticed before it was sent. */
export function serverLateness(part: Part, { driver, served, stalls }: Observation): Map<string, number> {
  const sent = new Map<string, number>();
  for (const event of driver) if (event.e === "invoke") sent.set(`${turnKey(event.s, event.n)}/${event.a}`, event.t);
  const own = new Set(part.sessions.map(({ id }) => id));
  const late = new Map<string, number>();
  for (const { session, turn, attempt, arrivedMs, endedMs } of served) {
    if (!own.has(session)) continue;
    const key = turnKey(session, turn);
    const stalledMs = overlapMs(sent.get(`${key}/${attempt}`) ?? arrivedMs, arrivedMs, stalls);
    const inTimeMs = arrivedMs - stalledMs - part.startMs;
    const { atMs } = part.server.react({ session, turn, attempt, arrivedMs: inTimeMs });
    late.set(key, (late.get(key) ?? 0) + endedMs - part.startMs - atMs);
  }
  return late;
}

/** The tables of one server's part: its turns, and its whole sessions where they are compared. */
export function tablesOf(part: Part, observation: Observation, attempt: number): CalibrationTable[] {
  const { server, sessions } = part;
  const truth = truthOf(server, sessions);
  const measured = measuredOf(observation.driver);
  const late = serverLateness(part, observation);
  const turns = tableOf({
    server: server.says,
    attempt,
    trueMs: truth.turns,
    measuredMs: measured.turns,
    serverLateMs: late,
  });
  if (server.wholeSessions === undefined) return [turns];
  const sessionLate = new Map<string, number>();
  for (const { id, turns: count } of sessions) {
    const each = Array.from({ length: count }, (_, index) => late.get(turnKey(id, index + 1)) ?? 0);
    sessionLate.set(
      id,
      each.reduce((sum, one) => sum + one, 0),
    );
  }
  const whole = tableOf({
    server: server.wholeSessions,
    attempt,
    trueMs: truth.sessions,
    measuredMs: measured.sessions,
    serverLateMs: sessionLate,
  });
  return [turns, whole];
}
