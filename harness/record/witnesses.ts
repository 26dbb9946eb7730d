/** The two witnesses of a trial as processes: World and driver, each started, told its settings, and guarded. */
import { join } from "node:path";
import type { ListenAddress } from "../attached.ts";
import type { DriverSettings, FromDriver, ToDriver } from "../driver/protocol.ts";
import { TrialError } from "../errors.ts";
import { HISTORY_FILES } from "../history.ts";
import type { DriverSecond } from "../live.ts";
import { longestDelayMs } from "../probes/process-health.ts";
import { entryPoint } from "../processes/entry.ts";
import { ForkedProcess } from "../processes/fork.ts";
import { favour } from "../processes/priority.ts";
import type { Scenario } from "../scenario.ts";
import type { ProcessHealth, TrialPlan, WitnessHealth } from "../trial.ts";
import type { FromWorld, ToWorld } from "../world/protocol.ts";
import type { Conditions } from "./waiting.ts";

/** A witness that does not answer within this has failed. */
export const WITNESS_LIMIT_MS = 20_000;

/** What witnesses need to know of a plan. */
export type WitnessPlan = Pick<TrialPlan, "seed" | "sessions" | "memoryMb" | "proofsPerSecond"> & {
  readonly definition: Pick<Scenario, "cohorts" | "rebuy">;
};

/** Health of witnesses that never came to say how they were. */
export const UNMEASURED: WitnessHealth = {
  startLagMs: null,
  frameLatenessMs: null,
  driverLoopDelayMaxMs: 0,
  worldLoopDelayMaxMs: 0,
};

/** What witnesses said of themselves as they stopped. @param supervisor health of the process that records */
export function healthOf(
  driver: Extract<FromDriver, { type: "stopped" }>,
  world: Extract<FromWorld, { type: "stopped" }>,
  supervisor: ProcessHealth,
): WitnessHealth {
  return {
    startLagMs: driver.startLagMs,
    frameLatenessMs: world.frameLatenessMs,
    driverLoopDelayMaxMs: longestDelayMs(driver.health),
    worldLoopDelayMaxMs: longestDelayMs(world.health),
    processes: { driver: driver.health, world: world.health, supervisor },
  };
}

/** What both witnesses are given. */
export interface WitnessSite {
  readonly plan: WitnessPlan;
  readonly folder: string;
  readonly cores: string | null;
  /** CLOCK_MONOTONIC milliseconds of trial time 0. */
  readonly zeroMs: number;
  /** Where the World listens. Default: any loopback port. */
  readonly world?: ListenAddress | undefined;
}

export interface RunningWorld {
  readonly process: ForkedProcess<ToWorld, FromWorld>;
  readonly port: number;
  end(): Promise<void>;
}

export interface RunningDriver {
  readonly process: ForkedProcess<ToDriver, FromDriver>;
  end(): Promise<void>;
}

export type DriverProgress = Extract<FromDriver, { type: "progress" }>;

/** A failed or ended witness makes the trial void at once, wherever it stands. Returns what ends the witness without that. */
export function guard<Out extends { type: string }, In extends { type: string; reason?: string }>(
  name: string,
  witness: ForkedProcess<Out, In>,
  conditions: Conditions,
): () => Promise<void> {
  let ending = false;
  witness.onMessage((message) => {
    if (message.type === "failed") conditions.fail(new TrialError(`The ${name} failed: ${message.reason ?? ""}`));
  });
  void witness.exited.then(() => {
    if (!ending) conditions.fail(new TrialError(`The ${name} process ended in mid-trial.`));
  });
  return async () => {
    ending = true;
    await witness.stop();
  };
}

function fork<Out extends { type: string }, In extends { type: string }>(
  name: "driver" | "world",
  module: string,
  { folder, cores }: WitnessSite,
): ForkedProcess<Out, In> {
  const witness = ForkedProcess.start<Out, In>({ name, module, logFile: join(folder, "logs", `${name}.log`), cores });
  favour(witness.pid, name, cores);
  return witness;
}

/** What `start` gives, or nothing left behind. */
export async function orEnd<T>(end: () => Promise<void>, start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    await end();
    throw error;
  }
}

/** Starts the World of a trial; resolves when it listens. @throws TrialError */
export async function startWorldProcess(site: WitnessSite, conditions: Conditions): Promise<RunningWorld> {
  const { plan, folder, zeroMs, world = { port: 0 } } = site;
  const process = fork<ToWorld, FromWorld>("world", entryPoint(import.meta.url, "../world/main"), site);
  const end = guard("World", process, conditions);
  process.send({
    type: "settings",
    seed: plan.seed,
    scenario: plan.definition,
    sessions: Object.fromEntries(plan.sessions.map(({ id, cohort }) => [id, cohort])),
    defaultCohort: Object.keys(plan.definition.cohorts)[0] ?? "",
    memoryMb: plan.memoryMb,
    zeroMs,
    historyFile: join(folder, HISTORY_FILES.world),
    histogramFile: join(folder, "world.hlog"),
    ...world,
  });
  return await orEnd(end, async () => ({
    process,
    end,
    port: (await process.next("listening", WITNESS_LIMIT_MS)).port,
  }));
}

/** Starts the driver of a trial; resolves when it has prepared its load. @throws TrialError */
export async function startDriverProcess(
  site: WitnessSite,
  conditions: Conditions,
  target: Pick<DriverSettings, "baseUrl" | "mapping" | "streamMapping"> & {
    readonly onProgress: (load: DriverProgress) => void;
    /** Asks the driver for each second of the load. */
    readonly onSecond?: (second: DriverSecond) => void;
  },
): Promise<RunningDriver> {
  const { plan, folder, zeroMs } = site;
  const process = fork<ToDriver, FromDriver>("driver", entryPoint(import.meta.url, "../driver/main"), site);
  const end = guard("driver", process, conditions);
  process.onMessage((message) => {
    if (message.type === "progress") target.onProgress(message);
    else if (message.type === "second") target.onSecond?.(message);
  });
  process.send({
    type: "settings",
    seed: plan.seed,
    scenario: plan.definition,
    sessions: plan.sessions,
    mapping: target.mapping,
    ...(target.streamMapping && { streamMapping: target.streamMapping }),
    baseUrl: target.baseUrl,
    zeroMs,
    historyFile: join(folder, HISTORY_FILES.driver),
    histogramFile: join(folder, "driver.hlog"),
    proofsPerSecond: plan.proofsPerSecond,
    ...(target.onSecond && { live: { memoryMb: plan.memoryMb } }),
  });
  return await orEnd(end, async () => {
    await process.next("prepared", WITNESS_LIMIT_MS);
    return { process, end };
  });
}
