/**
 * One load of a calibration for real: the servers in their process where a runtime would be, the driver in its own as in a trial.
 * Everything that was started ends on every way out.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Clock, monotonicMs, trialClock } from "../clock.ts";
import { CONTRACT_MAPPING } from "../driver/mapping.ts";
import type { DriverSettings } from "../driver/protocol.ts";
import type { DriverEvent, WorldEvent } from "../history.ts";
import { HISTORY_FILES } from "../history.ts";
import { readEvents } from "../history-file.ts";
import type { CorePlan } from "../processes/cores.ts";
import { entryPoint } from "../processes/entry.ts";
import { ForkedProcess } from "../processes/fork.ts";
import { favour } from "../processes/priority.ts";
import type { Watchdog } from "../processes/watchdog.ts";
import { Conditions, Stopped } from "../record/waiting.ts";
import {
  guard,
  orEnd,
  startDriverProcess,
  startWorldProcess,
  WITNESS_LIMIT_MS,
  type WitnessPlan,
  type WitnessSite,
} from "../record/witnesses.ts";
import { CALIBRATION_CLIENT, CALIBRATION_SEED, type KnownServer, truthOf } from "./known-server.ts";
import type { Observation, Part } from "./observed.ts";
import type { FromServers, Served, ToServers } from "./process/protocol.ts";
import { WORLD_MAPPING, WORLD_MEMORY_MB } from "./servers/world.ts";

/** What a calibration finds around it. */
export interface CalibrationSite {
  readonly cores: CorePlan | null;
  readonly watchdog: Watchdog;
  readonly signal: AbortSignal;
}

/** Turns that are not answered this long after the last one was due are not waited for. */
const PATIENCE_MS = 3_000;
/** From the order to begin to the first instant that may be due. */
const HEAD_START_MS = 50;

/** What plays the servers. */
interface Backend {
  readonly target: Pick<DriverSettings, "baseUrl" | "mapping">;
  begin(startsMs: Readonly<Record<string, number>>): void;
  /** Ends it in order and gives what it saw. */
  stop(): Promise<Pick<Observation, "served" | "stalls">>;
  end(): Promise<void>;
}

/** The parts of some servers one after the other: the next begins when the last session of the one before has arrived. */
export function partsOf(servers: readonly KnownServer[], scale: number): Part[] {
  const parts: Part[] = [];
  let startMs = 0;
  for (const server of servers) {
    const sessions = server.sessions(scale);
    parts.push({ server, startMs, sessions });
    startMs += Math.max(0, ...sessions.map(({ arriveMs }) => arriveMs));
  }
  return parts;
}

/** When an ideal client would have had its last answer, from the beginning of the load. */
function idealEndMs(parts: readonly Part[]): number {
  const ends = parts.flatMap(({ server, startMs, sessions }) => {
    const lengths = truthOf(server, sessions).sessions;
    return sessions.map(({ id, arriveMs }) => startMs + arriveMs + (lengths.get(id) ?? 0));
  });
  return Math.max(0, ...ends);
}

function planOf(parts: readonly Part[]): WitnessPlan {
  const cohorts = Object.fromEntries(
    parts.map(({ server, sessions }) => [
      server.name,
      {
        sessions: sessions.length,
        turns: sessions[0]?.turns ?? 1,
        thinkMs: { dist: "constant", value: 0 } as const,
        script: server.script ?? [],
        client: CALIBRATION_CLIENT,
      },
    ]),
  );
  return {
    seed: CALIBRATION_SEED,
    definition: { cohorts },
    sessions: parts.flatMap(({ startMs, sessions }) =>
      sessions.map((session) => ({ ...session, arriveMs: session.arriveMs + startMs })),
    ),
    memoryMb: WORLD_MEMORY_MB,
    proofsPerSecond: 1,
  };
}

/** Starts the process of the scripted servers, on the cores of the runtime. */
export async function startScriptedServers(
  site: Pick<WitnessSite, "folder" | "cores" | "zeroMs">,
  conditions: Conditions,
): Promise<Backend & { readonly pid: number }> {
  const servers = ForkedProcess.start<ToServers, FromServers>({
    name: "scripted servers",
    module: entryPoint(import.meta.url, "./process/main"),
    logFile: join(site.folder, "logs", "servers.log"),
    cores: site.cores,
  });
  favour(servers.pid, "world", site.cores);
  const end = guard("scripted servers", servers, conditions);
  servers.send({ type: "settings", zeroMs: site.zeroMs });
  return await orEnd(end, async () => {
    const { port } = await servers.next("listening", WITNESS_LIMIT_MS);
    return {
      pid: servers.pid,
      target: { baseUrl: `http://127.0.0.1:${port}`, mapping: CONTRACT_MAPPING },
      begin: (startsMs) => servers.send({ type: "begin", startsMs }),
      stop: async () => {
        servers.send({ type: "stop" });
        return await servers.next("stopped", WITNESS_LIMIT_MS);
      },
      end,
    };
  });
}

/** Completions as the World saw them: from the whole request to the end of the stream. */
function servedByWorld(events: readonly WorldEvent[]): Served[] {
  const asked = new Map<string, number>();
  return events.flatMap((event) => {
    if (event.e === "ask") asked.set(`${event.s}/${event.n}/${event.p}`, event.t);
    if (event.e !== "said") return [];
    const arrivedMs = asked.get(`${event.s}/${event.n}/${event.p}`) ?? Number.NaN;
    return { session: event.s, turn: event.n, attempt: event.p, arrivedMs, endedMs: event.t };
  });
}

async function startWorld(site: WitnessSite, conditions: Conditions): Promise<Backend> {
  const world = await startWorldProcess(site, conditions);
  return {
    target: { baseUrl: `http://127.0.0.1:${world.port}`, mapping: WORLD_MAPPING },
    begin: () => undefined,
    stop: async () => {
      world.process.send({ type: "stop" });
      await world.process.next("stopped", WITNESS_LIMIT_MS);
      return { served: servedByWorld(readEvents<WorldEvent>(join(site.folder, HISTORY_FILES.world))), stalls: [] };
    },
    end: () => world.end(),
  };
}

/** What a load shares. */
interface Load {
  readonly parts: readonly Part[];
  readonly folder: string;
  readonly zeroMs: number;
  readonly clock: Clock;
  readonly conditions: Conditions;
  readonly cores: CorePlan | null;
}

/** The load itself, driver and servers already in place or started here. Gives the parts with their real starts. */
async function drive(load: Load, backend: Backend): Promise<{ parts: Part[]; observation: Observation }> {
  const { parts, folder, zeroMs, clock, conditions, cores } = load;
  const plan = planOf(parts);
  const turns = plan.sessions.reduce((sum, session) => sum + session.turns, 0);
  let acknowledged = 0;
  const site = { plan, folder, zeroMs, cores: cores?.harness ?? null };
  const driver = await startDriverProcess(site, conditions, {
    ...backend.target,
    onProgress: (progress) => {
      acknowledged = progress.acknowledged;
      conditions.changed();
    },
  });
  try {
    const beginMs = clock() + HEAD_START_MS;
    const started = parts.map((part) => ({ ...part, startMs: part.startMs + beginMs }));
    backend.begin(Object.fromEntries(started.map(({ server, startMs }) => [server.name, startMs])));
    driver.process.send({ type: "begin", atMs: beginMs });
    await conditions.until(() => acknowledged >= turns, HEAD_START_MS + idealEndMs(parts) + PATIENCE_MS);
    driver.process.send({ type: "stop" });
    await driver.process.next("stopped", WITNESS_LIMIT_MS);
    const seen = await backend.stop();
    const events = readEvents<DriverEvent>(join(folder, HISTORY_FILES.driver));
    return { parts: started, observation: { driver: events, ...seen } };
  } finally {
    await driver.end();
  }
}

/**
 * Measures the parts of one load: all of scripted servers, or the World's alone.
 * @returns the parts with their starts in trial time, and what was recorded
 * @throws TrialError when driver or servers failed; Stopped when the signal said so
 */
export async function measureParts(
  parts: readonly Part[],
  { cores, watchdog, signal }: CalibrationSite,
): Promise<{ readonly parts: readonly Part[]; readonly observation: Observation }> {
  const conditions = new Conditions();
  const stopped = (): void => conditions.fail(new Stopped());
  signal.addEventListener("abort", stopped, { once: true });
  if (signal.aborted) stopped();
  const directory = watchdog.createDirectory();
  try {
    const folder = directory.path;
    mkdirSync(join(folder, "logs"));
    const zeroMs = monotonicMs();
    const isWorld = parts.some(({ server }) => server.script !== undefined);
    const site = { plan: planOf(parts), folder, zeroMs };
    const backend = isWorld
      ? await startWorld({ ...site, cores: cores?.harness ?? null }, conditions)
      : await startScriptedServers({ ...site, cores: cores?.runtime ?? null }, conditions);
    try {
      return await drive({ parts, folder, zeroMs, clock: trialClock(zeroMs), conditions, cores }, backend);
    } finally {
      await backend.end();
    }
  } finally {
    signal.removeEventListener("abort", stopped);
    watchdog.removeDirectory(directory);
  }
}
