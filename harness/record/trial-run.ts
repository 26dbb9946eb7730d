/**
 * One trial for real: World, driver, database and runtime are started, walked through the phases, and ended on every way out.
 *
 * Promises: what was seen is on disk in the trial's folder; nothing that was started is left; a failure of ours is told apart
 * (void) from a runtime that does not start (refused). Judging is for others.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { BenchProgress } from "../bench.ts";
import { type Clock, monotonicMs, trialClock } from "../clock.ts";
import { CONTRACT_MAPPING } from "../driver/mapping.ts";
import { TrialError, UsageError } from "../errors.ts";
import { HISTORY_FILES, type Phase, type TrialEvent } from "../history.ts";
import { HistoryWriter } from "../history-file.ts";
import { nemesisOf } from "../nemeses/nemesis.ts";
import type { PostgresCluster, PostgresSource } from "../postgres/postgres.ts";
import { observing, readGcEvents } from "../probes/observe.ts";
import { ProcSampler } from "../probes/proc-sampler.ts";
import { type CorePlan, verifyCores } from "../processes/cores.ts";
import { RuntimeProcesses } from "../processes/runtime.ts";
import type { Watchdog } from "../processes/watchdog.ts";
import type { Runner } from "../runner.ts";
import type { TrialOutcome, TrialPlan } from "../trial.ts";
import { runFaultPhase } from "./fault-schedule.ts";
import { Conditions, Stopped } from "./waiting.ts";
import {
  type DriverProgress,
  type RunningDriver,
  type RunningWorld,
  startDriverProcess,
  startWorldProcess,
  WITNESS_LIMIT_MS,
} from "./witnesses.ts";

const SAMPLE_EVERY_MS = 500;
/** The idle runtime is watched for this long before the load, for its resting memory. */
const IDLE_MS = 1_000;
/** Heal ends when nothing is pending, or nothing has been acknowledged for this long, at the latest after the limit. */
const HEAL_STILL_MS = 5_000;
const HEAL_LIMIT_MS = 30_000;

/** What one trial needs from the campaign. */
export interface TrialJob {
  readonly plan: TrialPlan;
  readonly runner: Runner;
  readonly folder: string;
  readonly cores: CorePlan | null;
  /** Null when the runner needs no database. */
  readonly postgres: PostgresSource | null;
  readonly watchdog: Watchdog;
  readonly certificate: TrialOutcome["certificate"];
  readonly signal: AbortSignal;
  readonly onProgress: (progress: BenchProgress) => void;
}

type Ending = () => Promise<void>;

/** Everything that runs during a trial; `endings` undo it, last first. */
class TrialRun {
  readonly #job: TrialJob;
  readonly #zeroMs = monotonicMs();
  readonly #clock: Clock;
  readonly #conditions = new Conditions();
  readonly #history: HistoryWriter<TrialEvent>;
  readonly #endings: Ending[] = [];
  #phase: Phase | "start" = "start";
  #load: DriverProgress = { type: "progress", acknowledged: 0, offered: 0, live: 0, pending: 0, proved: 0, toProve: 0 };
  #calmPending = 0;
  #cluster: PostgresCluster | null = null;
  #startLagMs: TrialOutcome["health"]["startLagMs"] = null;
  #frameLatenessMs: TrialOutcome["health"]["frameLatenessMs"] = null;
  #loopDelays = { driver: 0, world: 0 };

  constructor(job: TrialJob) {
    this.#job = job;
    this.#clock = trialClock(this.#zeroMs);
    mkdirSync(join(job.folder, "logs"), { recursive: true });
    this.#history = new HistoryWriter(join(job.folder, HISTORY_FILES.trial), (error) =>
      this.#conditions.fail(new TrialError(`The trial's history could not be written: ${error.message}`)),
    );
    job.signal.addEventListener("abort", this.#stopped, { once: true });
    if (job.signal.aborted) this.#stopped();
  }

  readonly #stopped = (): void => this.#conditions.fail(new Stopped());

  /** Runs the trial. @throws Stopped when the user stopped it; TrialError and UsageError are turned into outcomes */
  async run(): Promise<TrialOutcome> {
    try {
      await this.#whole();
      return this.#outcome("recorded");
    } catch (error) {
      if (error instanceof UsageError) return this.#outcome("refused", error.message);
      if (error instanceof TrialError) return this.#outcome("void", error.message);
      throw error;
    } finally {
      await this.#end();
    }
  }

  #outcome(status: TrialOutcome["status"], reason?: string): TrialOutcome {
    const { cores, certificate } = this.#job;
    return {
      status,
      ...(reason !== undefined && { reason }),
      ...(this.#cluster !== null && { postgres: this.#cluster.settings }),
      cores,
      health: {
        startLagMs: this.#startLagMs,
        frameLatenessMs: this.#frameLatenessMs,
        driverLoopDelayMaxMs: this.#loopDelays.driver,
        worldLoopDelayMaxMs: this.#loopDelays.world,
      },
      certificate,
    };
  }

  async #end(): Promise<void> {
    this.#job.signal.removeEventListener("abort", this.#stopped);
    for (const ending of this.#endings.toReversed()) await ending();
    this.#history.close();
  }

  #write(event: TrialEvent): void {
    this.#history.append(event);
  }

  #enter(phase: Phase): void {
    this.#phase = phase;
    this.#write({ e: "phase", t: this.#clock(), phase });
    this.#tell();
  }

  async #whole(): Promise<void> {
    const world = await this.#startWorld();
    const runtime = await this.#startRuntime(world.port);
    const driver = await this.#startDriver(runtime.baseUrl);
    await this.#conditions.at(this.#clock() + IDLE_MS, this.#clock);
    if (this.#job.cores !== null) verifyCores("runtime", runtime.pids(), this.#job.cores.runtime);
    await this.#offer(driver, runtime);
    await this.#prove(driver);
    this.#enter("end");
    driver.process.send({ type: "stop" });
    const stoppedDriver = await driver.process.next("stopped", WITNESS_LIMIT_MS);
    this.#startLagMs = stoppedDriver.startLagMs;
    world.process.send({ type: "stop" });
    const stoppedWorld = await world.process.next("stopped", WITNESS_LIMIT_MS);
    this.#frameLatenessMs = stoppedWorld.frameLatenessMs;
    this.#loopDelays = { driver: stoppedDriver.loopDelayMaxMs, world: stoppedWorld.loopDelayMaxMs };
  }

  /** Warm-up, calm, fault and heal. */
  async #offer(driver: RunningDriver, runtime: RuntimeProcesses): Promise<void> {
    const { phases, faults } = this.#job.plan;
    const beginMs = this.#clock() + 50;
    driver.process.send({ type: "begin", atMs: beginMs });
    await this.#conditions.at(beginMs, this.#clock);
    this.#enter("warmup");
    await this.#conditions.at(beginMs + phases.warmupMs, this.#clock);
    this.#enter("calm");
    await this.#conditions.at(beginMs + phases.warmupMs + phases.calmMs, this.#clock);
    this.#enter("fault");
    driver.process.send({ type: "faultPhase", atMs: this.#clock() });
    await runFaultPhase({
      faults,
      faultMs: phases.faultMs,
      acknowledged: () => this.#load.acknowledged,
      pending: () => this.#load.pending,
      calmPending: this.#calmPending,
      conditions: this.#conditions,
      clock: this.#clock,
      write: (event) => this.#write(event),
      inject: (fault) => nemesisOf(fault.kind).inject(runtime, fault),
      whyMissed: (error) => (error instanceof TrialError ? error.message : undefined),
    });
    this.#enter("heal");
    driver.process.send({ type: "hold" });
    await this.#heal();
  }

  async #heal(): Promise<void> {
    const lastMs = this.#clock() + HEAL_LIMIT_MS;
    let acknowledged = -1;
    while (this.#load.pending > 0 && this.#clock() < lastMs && acknowledged !== this.#load.acknowledged) {
      acknowledged = this.#load.acknowledged;
      await this.#conditions.until(() => this.#load.pending === 0, HEAL_STILL_MS);
    }
  }

  async #prove(driver: RunningDriver): Promise<void> {
    const { phases, sessions, proofsPerSecond } = this.#job.plan;
    this.#enter("quiet");
    await this.#conditions.at(this.#clock() + phases.quietMs, this.#clock);
    this.#enter("proof");
    driver.process.send({ type: "prove" });
    // The driver bounds the round itself; this limit only catches a driver that does not.
    const limitMs = (sessions.length * 1000) / proofsPerSecond + 60_000;
    const proved = driver.process.next("proved", limitMs);
    await Promise.race([proved, this.#conditions.until(() => false, limitMs)]);
    await proved;
  }

  async #startWorld(): Promise<RunningWorld> {
    const { plan, folder, cores } = this.#job;
    const site = { plan, folder, cores: cores?.harness ?? null, zeroMs: this.#zeroMs };
    const world = await startWorldProcess(site, this.#conditions);
    this.#endings.push(() => world.end());
    return world;
  }

  async #startRuntime(worldPort: number): Promise<RuntimeProcesses> {
    const { plan, runner, folder, cores, postgres, watchdog } = this.#job;
    const directory = watchdog.createDirectory();
    this.#endings.push(async () => watchdog.removeDirectory(directory));
    if (postgres !== null) {
      const cluster = await postgres.start({
        directory: directory.path,
        logFile: join(folder, "logs", "postgres.log"),
        cores: cores?.runtime ?? null,
      });
      this.#cluster = cluster;
      this.#endings.push(() => cluster.stop());
    }
    const dataDir = join(directory.path, "data");
    mkdirSync(dataDir);
    const observed = join(directory.path, "observed");
    mkdirSync(observed);
    const runtime = await RuntimeProcesses.prepare({
      runner,
      dataDir,
      logFolder: join(folder, "logs"),
      databaseUrl: this.#cluster?.url ?? null,
      worldPort,
      memoryMb: plan.memoryMb,
      cores: cores?.runtime ?? null,
      watchdog,
      report: (event) => this.#write({ ...event, t: this.#clock() } as TrialEvent),
      gaveUp: (reason) => this.#write({ e: "gave-up", t: this.#clock(), reason }),
      observing: observing(runner.language, observed),
    });
    this.#endings.push(async () => {
      await runtime.stop("kill");
      for (const event of readGcEvents(observed, this.#zeroMs)) this.#write(event);
    });
    await runtime.start();
    this.#sample(runtime);
    return runtime;
  }

  #sample(runtime: RuntimeProcesses): void {
    const store = (): readonly number[] => (this.#cluster?.pid == null ? [] : [this.#cluster.pid]);
    const sampler = ProcSampler.create({ app: () => runtime.pids(), store });
    if (sampler === null) return;
    const timer = setInterval(
      () => this.#write({ e: "sample", t: this.#clock(), ...sampler.sample() }),
      SAMPLE_EVERY_MS,
    );
    this.#endings.push(async () => clearInterval(timer));
  }

  async #startDriver(baseUrl: string): Promise<RunningDriver> {
    const { plan, folder, cores, runner } = this.#job;
    const site = { plan, folder, cores: cores?.harness ?? null, zeroMs: this.#zeroMs };
    const driver = await startDriverProcess(site, this.#conditions, {
      baseUrl,
      mapping: runner.turn ?? CONTRACT_MAPPING,
      onProgress: (load) => {
        this.#load = load;
        if (this.#phase === "calm") this.#calmPending = Math.max(this.#calmPending, load.pending);
        this.#conditions.changed();
        this.#tell();
      },
    });
    this.#endings.push(() => driver.end());
    return driver;
  }

  #tell(): void {
    const { acknowledged, live, pending, proved } = this.#load;
    const elapsedMs = this.#clock();
    this.#job.onProgress({
      phase: this.#phase,
      live,
      pending,
      acknowledged: acknowledged + proved,
      turnsPerSecond: elapsedMs > 0 ? ((acknowledged + proved) * 1000) / elapsedMs : 0,
      elapsedMs,
    });
  }
}

/** Records one trial. @throws Stopped when the user stopped it: then it has no outcome and is recorded anew on resuming */
export function recordTrial(job: TrialJob): Promise<TrialOutcome> {
  return new TrialRun(job).run();
}
