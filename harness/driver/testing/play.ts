/** A driver on fake time against a scripted backend, for tests that compute the right answer by hand. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DriverEvent } from "../../history.ts";
import { readEvents } from "../../history-file.ts";
import type { ClientPolicy, COHORT_STARTS, Cohort } from "../../scenario.ts";
import type { PlannedSession } from "../../trial.ts";
import type { Attempt, Client } from "../client.ts";
import { createDriver, type Driver } from "../driver.ts";
import { type BackendRequest, CONTRACT_MAPPING } from "../mapping.ts";
import type { DriverSettings, FromDriver } from "../protocol.ts";
import { FakeTime } from "./fake-time.ts";

/** What the scripted backend does with a request: answers, refuses the connection, or breaks it, after a while. */
export type Reply =
  | { readonly afterMs: number; readonly status: number; readonly body?: unknown; readonly retryAfterMs?: number }
  | { readonly afterMs: number; readonly breaks: "refused" | "lost" }
  /** A stream: bytes after so many milliseconds each, the last of them `afterMs`; it may break off there. */
  | { readonly afterMs: number; readonly chunks: readonly (readonly [number, string])[]; readonly breaks?: "lost" };

/** Decides on a request that arrives at `nowMs`. */
export type Backend = (request: BackendRequest, nowMs: number) => Reply;

/** A good answer after `afterMs`. */
export const answer = (afterMs: number): Reply => ({ afterMs, status: 200, body: { output: "fine" } });

/** A cohort with this client; the script is the World's business. */
export function cohortOf(
  client: Partial<ClientPolicy> = {},
  startsIn: (typeof COHORT_STARTS)[number] = "warmup",
): Cohort {
  return {
    sessions: 1,
    turns: 1,
    thinkMs: { dist: "constant", value: 0 },
    script: [],
    client: { retry: "eager", timeoutMs: 5000, deadlineMs: 20_000, ...client },
    startsIn,
  };
}

/** A session with one turn more than think times. */
export function sessionOf(
  id: string,
  cohort: string,
  arriveMs: number,
  thinkMs: readonly number[] = [],
): PlannedSession {
  return { id, cohort, arriveMs, turns: thinkMs.length + 1, thinkMs };
}

/** Settings for a driver under test. */
export function settingsOf(
  cohorts: Readonly<Record<string, Cohort>>,
  sessions: readonly PlannedSession[],
  folder: string,
): DriverSettings {
  return {
    type: "settings",
    seed: 7,
    scenario: { cohorts },
    sessions,
    mapping: CONTRACT_MAPPING,
    baseUrl: "http://127.0.0.1:9",
    zeroMs: 0,
    historyFile: join(folder, "driver.ndjson"),
    histogramFile: join(folder, "driver.hlog"),
    proofsPerSecond: 100,
  };
}

/** A driver under test, its time, and what came of it. */
export interface Play {
  readonly time: FakeTime;
  readonly driver: Driver;
  /** Every request, with the instant at which it arrived and whether it came on a connection of its own. */
  readonly requests: { readonly request: BackendRequest; readonly atMs: number; readonly own: boolean }[];
  readonly posts: FromDriver[];
  /** Stops the driver and gives its history. */
  end(): DriverEvent[];
}

/** Prepares a driver on fake time and begins at 0. */
export function play(
  cohorts: Readonly<Record<string, Cohort>>,
  sessions: readonly PlannedSession[],
  backend: Backend,
  changes: Partial<DriverSettings> = {},
): Play {
  const folder = mkdtempSync(join(tmpdir(), "agent-derby-driver-"));
  const time = new FakeTime();
  const requests: Play["requests"] = [];
  const posts: FromDriver[] = [];
  const client: Client = {
    attempt(request, timeoutMs, own, done, reader) {
      requests.push({ request, atMs: time.clock(), own });
      const reply = backend(request, time.clock());
      for (const [afterMs, text] of "chunks" in reply ? reply.chunks : [])
        time.wake(afterMs, () => reader?.read(Buffer.from(text), time.clock()));
      time.wake(Math.min(reply.afterMs, timeoutMs), () => done(attemptOf(reply, timeoutMs, time.clock())));
    },
    close: () => undefined,
  };
  const settings = { ...settingsOf(cohorts, sessions, folder), ...changes };
  const driver = createDriver(settings, time.clock, (message) => posts.push(message), { wake: time.wake, client });
  driver.obey({ type: "begin", atMs: 0 });
  const end = (): DriverEvent[] => {
    driver.obey({ type: "stop" });
    const events = readEvents<DriverEvent>(settings.historyFile);
    rmSync(folder, { recursive: true });
    return events;
  };
  return { time, driver, requests, posts, end };
}

function attemptOf(reply: Reply, timeoutMs: number, endedMs: number): Attempt {
  if (reply.afterMs > timeoutMs) return { kind: "lost", why: "timeout", endedMs };
  if (!("status" in reply)) {
    if (reply.breaks !== undefined) return { kind: reply.breaks, why: "ECONNRESET", endedMs };
    return { kind: "answered", response: { status: 200, body: "", streamed: true }, firstByteMs: endedMs, endedMs };
  }
  const { status, body, retryAfterMs } = reply;
  const response = {
    status,
    body: JSON.stringify(body ?? {}),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
  return { kind: "answered", response, firstByteMs: endedMs, endedMs };
}

/** What is left of an event when only some fields matter, for comparing whole lists. */
export function lines(events: readonly DriverEvent[], ...kinds: readonly DriverEvent["e"][]): string[] {
  return events
    .filter((event) => kinds.includes(event.e))
    .map((event) => `${event.e} ${event.s}${"n" in event ? ` ${event.n}` : ""} @${event.t}`);
}

/** Latencies of the answered ordinary turns: ok minus enabled, in order of answering. */
export function latenciesMs(events: readonly DriverEvent[]): number[] {
  const enabled = new Map<string, number>();
  const found: number[] = [];
  for (const event of events) {
    if (event.e === "enabled" && event.kind === undefined) enabled.set(`${event.s}/${event.n}`, event.t);
    const since = event.e === "ok" ? enabled.get(`${event.s}/${event.n}`) : undefined;
    if (since !== undefined) found.push(event.t - since);
  }
  return found;
}
