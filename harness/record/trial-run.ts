/**
 * One trial for real: World, driver, database and runtime are started, walked through the phases, and ended on every way out.
 *
 * Promises: what was seen is on disk in the trial's folder; nothing that was started is left; a failure of ours is told apart
 * (void) from a runtime that does not start (refused). Judging is for others.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Clock, monotonicMs, trialClock } from "../clock.ts";
import { mappingsOf } from "../driver/mapping.ts";
import { TrialError, UsageError } from "../errors.ts";
import { HISTORY_FILES, type Phase, type TrialEvent } from "../history.ts";
import { HistoryWriter } from "../history-writer.ts";
import type { FaultTarget } from "../nemeses/nemesis.ts";
import type { PostgresCluster } from "../postgres/postgres.ts";
import { OwnHealth } from "../probes/process-health.ts";
import { Leftovers } from "../processes/leftovers.ts";
import { RuntimeProcesses } from "../processes/runtime.ts";
import type { TrialOutcome, WitnessHealth } from "../trial.ts";
import { startDatabase } from "./database.ts";
import { Endings } from "./endings.ts";
import { runFaultPhase } from "./fault-schedule.ts";
import { faultTarget, injectFault, TrialPaths } from "./fault-target.ts";
import { untilHealed } from "./healing.ts";
import { holdingWorld } from "./holders.ts";
import { Observation } from "./observation.ts";
import { appPids, Probing } from "./probing.ts";
import { type HoldingProxy, StepStage } from "./step-stage.ts";
import type { TrialJob } from "./trial-job.ts";
import { Conditions, Stopped } from "./waiting.ts";
import {
  type DriverProgress,
  healthOf,
  type RunningDriver,
  type RunningWorld,
  startDriverProcess,
  startWorldProcess,
  UNMEASURED,
  WITNESS_LIMIT_MS,
} from "./witnesses.ts";

/** The idle runtime is watched for this long before the load, for its resting memory. */
const IDLE_MS = 1_000;

/** The runtime as faults and clients find it. */
interface RuntimeInPlace {
  readonly target: FaultTarget;
  readonly clientUrl: string;
  readonly proxy: HoldingProxy | null;
}

/** Everything that runs during a trial; `endings` undo it, last first. */
class TrialRun {
  readonly #job: TrialJob;
  readonly #zeroMs = monotonicMs();
  readonly #clock: Clock;
  readonly #conditions = new Conditions();
  readonly #history: HistoryWriter<TrialEvent>;
  readonly #leftovers = Leftovers.begin();
  readonly #endings = new Endings();
  #phase: Phase | "start" = "start";
  #load: DriverProgress = { type: "progress", acknowledged: 0, offered: 0, live: 0, pending: 0, proved: 0, toProve: 0 };
  #calmPending = 0;
  #cluster: PostgresCluster | null = null;
  /** Pids of our own processes. */
  readonly #witnesses: { driver?: number; world?: number } = {};
  readonly #ownHealth = new OwnHealth();
  #health: WitnessHealth = UNMEASURED;

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
      health: this.#health,
      certificate,
    };
  }

  async #end(): Promise<void> {
    this.#job.signal.removeEventListener("abort", this.#stopped);
    this.#ownHealth.stop();
    try {
      await this.#endings.run();
    } finally {
      const left = await this.#leftovers?.settled();
      if (left !== undefined) this.#write({ e: "clean", t: this.#clock(), ...left });
      this.#history.close();
    }
  }

  #write(event: TrialEvent): void {
    this.#history.append(event);
    this.#job.live?.saw(event);
  }

  #enter(phase: Phase): void {
    this.#phase = phase;
    this.#write({ e: "phase", t: this.#clock(), phase });
    this.#tell();
  }

  async #whole(): Promise<void> {
    const world = await this.#startWorld();
    const { target, clientUrl, proxy } = await this.#startRuntime(world.port);
    const driver = await this.#startDriver(clientUrl);
    await this.#conditions.at(this.#clock() + IDLE_MS, this.#clock);
    const summon = (cohort: string): void => driver.process.send({ type: "summon", cohort, atMs: this.#clock() });
    const stage = new StepStage({ world: holdingWorld(world.process, this.#conditions), proxy, summon });
    await this.#offer(driver, target, stage);
    await this.#prove(driver);
    this.#enter("end");
    driver.process.send({ type: "stop" });
    const driven = await driver.process.next("stopped", WITNESS_LIMIT_MS);
    world.process.send({ type: "stop" });
    const played = await world.process.next("stopped", WITNESS_LIMIT_MS);
    this.#health = healthOf(driven, played, this.#ownHealth.read());
  }

  /** Warm-up, calm, fault and heal. */
  async #offer(driver: RunningDriver, target: FaultTarget, stage: StepStage): Promise<void> {
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
      stage,
      clock: this.#clock,
      write: (event) => this.#write(event),
      inject: (fault) => injectFault(target, fault),
      whyMissed: (error) => (error instanceof TrialError ? error.message : undefined),
    });
    this.#enter("heal");
    driver.process.send({ type: "hold" });
    await untilHealed(() => this.#load, this.#conditions, this.#clock);
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
    const { plan, folder, cores, isolation } = this.#job;
    const where = { cores: cores?.harness ?? null, zeroMs: this.#zeroMs, world: isolation.attached?.world };
    const world = await startWorldProcess({ plan, folder, ...where }, this.#conditions);
    this.#witnesses.world = world.process.pid;
    this.#endings.push(() => world.end());
    return world;
  }

  async #startRuntime(worldPort: number): Promise<RuntimeInPlace> {
    const { plan, runner, folder, cores, watchdog, isolation, profiling } = this.#job;
    const directory = watchdog.createDirectory();
    this.#leftovers?.expect(directory.path);
    this.#endings.push(async () => watchdog.removeDirectory(directory));
    const cluster = await startDatabase(this.#job, directory.path);
    this.#cluster = cluster;
    this.#endings.push(async () => cluster?.stop());
    const reached = { plan, folder, cores, worldPort, databaseUrl: cluster?.url ?? null };
    const paths = await TrialPaths.start(reached, this.#conditions);
    this.#endings.push(() => paths.end());
    const dataDir = join(directory.path, "data");
    mkdirSync(dataDir);
    const logFolder = join(folder, "logs");
    const observation = new Observation(runner.language, directory.path);
    observation.start();
    this.#endings.push(async () => observation.stop());
    const runtime = await RuntimeProcesses.prepare({
      runner,
      dataDir,
      logFolder,
      databaseUrl: paths.databaseUrl,
      worldPort,
      ...paths.worldPorts,
      memoryMb: plan.memoryMb,
      cores: cores?.runtime ?? null,
      habitat: await isolation.habitat(runner, { folders: [directory.path], memoryMb: plan.memoryMb }),
      watchdog,
      report: (event) => this.#write({ ...event, t: this.#clock() } as TrialEvent),
      gaveUp: (reason) => this.#write({ e: "gave-up", t: this.#clock(), reason }),
      observing: observation.environmentOf,
      runsAt: isolation.attached?.url,
      ...(profiling !== undefined && { profiling: profiling.wrap }),
    });
    this.#endings.push(async () => {
      // First: that a process which is being ended beats no more is our doing.
      observation.stop();
      // What is killed leaves no profile.
      if (profiling !== undefined) await runtime.stop("order", profiling.graceMs);
      await runtime.stop("kill");
      for (const event of observation.events(this.#zeroMs)) this.#write(event);
    });
    await runtime.start();
    this.#probe(runtime);
    const { memoryMb } = plan;
    return {
      target: faultTarget({ runtime, paths, database: cluster?.database ?? null, cores, memoryMb, watchdog }),
      clientUrl: await paths.toRuntime(runtime.baseUrl),
      proxy: paths.holder(this.#zeroMs, this.#conditions),
    };
  }

  /** From now on runtime, machine and our own processes are looked at; the first look is taken at once. */
  #probe(runtime: RuntimeProcesses): void {
    const { cores, isolation } = this.#job;
    const app = appPids(runtime, isolation.attached);
    if (app === null) return;
    const store = (): readonly number[] => (this.#cluster?.pid == null ? [] : [this.#cluster.pid]);
    const probed = { cores, app, store, witnesses: () => this.#witnesses };
    const probing = Probing.begin(probed, this.#clock, (event) => this.#write(event));
    this.#endings.push(async () => probing.stop());
  }

  async #startDriver(baseUrl: string): Promise<RunningDriver> {
    const { plan, folder, cores, runner, live } = this.#job;
    const site = { plan, folder, cores: cores?.harness ?? null, zeroMs: this.#zeroMs };
    const driver = await startDriverProcess(site, this.#conditions, {
      baseUrl,
      ...mappingsOf(runner),
      ...(live !== null && { onSecond: (second) => live.second(second) }),
      onProgress: (load) => {
        this.#load = load;
        if (this.#phase === "calm") this.#calmPending = Math.max(this.#calmPending, load.pending);
        this.#conditions.changed();
        this.#tell();
      },
    });
    this.#witnesses.driver = driver.process.pid;
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
