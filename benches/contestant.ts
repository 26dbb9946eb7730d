/**
 * One runtime alone, for benches of runners: started as in a trial on a core of its own, with its database beside it, while this
 * process keeps to the harness's cores. Everything ends with the bench, however that ends.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { EXIT } from "../cli/exit-codes.ts";
import { type Interrupt, listenForInterrupt } from "../cli/interrupt.ts";
import { CONTRACT_MAPPING, resolveMapping } from "../harness/driver/mapping.ts";
import { TrialError, UsageError } from "../harness/errors.ts";
import { requireInstalled, sortOut } from "../harness/installed.ts";
import { type PostgresSource, preparePostgres } from "../harness/postgres/postgres.ts";
import { parseCores, pinProcess, planCores, writeCores } from "../harness/processes/cores.ts";
import { raise } from "../harness/processes/priority.ts";
import { RuntimeProcesses } from "../harness/processes/runtime.ts";
import { Watchdog } from "../harness/processes/watchdog.ts";
import { Observation } from "../harness/record/observation.ts";
import { Stopped } from "../harness/record/waiting.ts";
import type { Mapping, Runner } from "../harness/runner.ts";
import { contestants, resolveRunner } from "../harness/runner-check.ts";

/** MEMORY_MB of the runtimes where a bench asks for nothing else. */
export const MEMORY_MB = 512;

/** A runtime that takes turns. */
export interface Contestant {
  readonly runner: Runner;
  readonly baseUrl: string;
  readonly mapping: Mapping;
  /** Of its own processes, children left out. */
  readonly appPids: () => number[];
  /** Of its database, children left out; empty where it has none. */
  readonly storePids: () => number[];
  /** Null where it has no database. */
  readonly databaseUrl: string | null;
}

/** Where runtimes are started. */
export interface BenchSite {
  /** The core of the runtime and its database; none where nothing can be pinned. */
  readonly runtimeCore: readonly number[];
  /** Those of this process, likewise. */
  readonly ownCores: readonly number[];
  readonly watchdog: Watchdog;
  readonly signal: AbortSignal;
  readonly settings: StartSettings;
}

/** How runtimes are started. */
export interface StartSettings {
  readonly memoryMb: number;
  /** Looked into from inside and by a heartbeat, as in a trial, which costs it some CPU time. */
  readonly observed: boolean;
}

/** Those that are named, or all contestants that are installed. @throws UsageError for one that is unknown or not installed */
export async function chosenRunners(names: readonly string[]): Promise<Runner[]> {
  if (names.length > 0) {
    const runners = names.map((name) => resolveRunner(name));
    await requireInstalled(runners);
    return runners;
  }
  const { ready, missing } = await sortOut(contestants());
  for (const sentence of missing) process.stderr.write(`${sentence}\n`);
  return ready;
}

/**
 * Measures one runtime after the other. One that cannot be measured is named, the others still are; then the exit code is 1.
 * @param modelPort of a model that speaks Chat Completions below any path
 */
export async function measureEach<Result>(
  runners: readonly Runner[],
  modelPort: number,
  measure: (contestant: Contestant, site: BenchSite) => Promise<Result>,
  settings: StartSettings = { memoryMb: MEMORY_MB, observed: false },
): Promise<Result[]> {
  const cores = planCores();
  if (cores !== null) pinProcess(cores.harness);
  raise(process.pid, -15);
  const interrupt = listenForInterrupt(() => process.stderr.write("Stopping.\n"));
  const watchdog = await Watchdog.start();
  const [runtimeCore, ownCores] = cores === null ? [[], []] : [parseCores(cores.runtime), parseCores(cores.harness)];
  const site = { runtimeCore: runtimeCore.slice(0, 1), ownCores, watchdog, signal: interrupt.signal, settings };
  const results: Result[] = [];
  try {
    const needed = runners.some(({ needs }) => needs?.includes("postgres"));
    const postgres = needed ? await preparePostgres("embedded", watchdog) : null;
    for (const runner of runners) {
      if (interrupt.signal.aborted) break;
      process.stderr.write(`${runner.name} …\n`);
      const result = await withRuntime(runner, modelPort, postgres, site, measure).catch(noted(runner, interrupt));
      if (result !== undefined) results.push(result);
    }
    return results;
  } finally {
    await watchdog.stop();
    interrupt.dispose();
  }
}

/** Says why a runtime could not be measured. @throws what is our own failure */
function noted(runner: Runner, { signal }: Interrupt): (error: unknown) => undefined {
  return (error) => {
    if (signal.aborted) process.exitCode = EXIT.interrupted;
    else if (error instanceof TrialError || error instanceof UsageError) {
      process.stderr.write(`${runner.name} was not measured: ${error.message}\n`);
      process.exitCode = EXIT.broken;
    } else throw error;
  };
}

type Ending = () => Promise<unknown>;

async function withRuntime<Result>(
  runner: Runner,
  modelPort: number,
  postgres: PostgresSource | null,
  site: BenchSite,
  measure: (contestant: Contestant, site: BenchSite) => Promise<Result>,
): Promise<Result> {
  const endings: Ending[] = [];
  const deaths: string[] = [];
  try {
    const directory = site.watchdog.createDirectory();
    endings.push(async () => site.watchdog.removeDirectory(directory));
    const { path } = directory;
    const cores = site.runtimeCore.length === 0 ? null : writeCores(site.runtimeCore);
    const needed = runner.needs?.includes("postgres") === true;
    const cluster = needed
      ? await postgres?.start({ directory: path, logFile: join(path, "postgres.log"), cores })
      : undefined;
    endings.push(async () => cluster?.stop());
    const place = { path, cores, databaseUrl: cluster?.url ?? null };
    const runtime = await startRuntime({ runner, place, modelPort, site }, deaths, endings);
    const contestant = {
      runner,
      baseUrl: runtime.baseUrl,
      mapping: resolveMapping(runner.turn ?? CONTRACT_MAPPING, process.env),
      appPids: () => runtime.pids(),
      storePids: () => (cluster?.pid == null ? [] : [cluster.pid]),
      databaseUrl: place.databaseUrl,
    };
    return await measure(contestant, site);
  } catch (error) {
    if (deaths.length === 0 || site.signal.aborted) throw error;
    throw new TrialError(`${(error as Error).message} ${[...new Set(deaths)].join("; ")}.`);
  } finally {
    for (const ending of endings.toReversed()) await ending();
  }
}

interface RuntimePlace {
  readonly path: string;
  readonly cores: string | null;
  readonly databaseUrl: string | null;
}

/** @param deaths told when a process ends although nobody told it to @param endings get what ends the runtime */
async function startRuntime(
  what: { readonly runner: Runner; readonly place: RuntimePlace; readonly modelPort: number; readonly site: BenchSite },
  deaths: string[],
  endings: Ending[],
): Promise<RuntimeProcesses> {
  const { runner, place, modelPort, site } = what;
  const { watchdog, signal, settings } = site;
  const [dataDir, logFolder] = [join(place.path, "data"), join(place.path, "logs")];
  mkdirSync(dataDir);
  mkdirSync(logFolder);
  const observation = settings.observed ? new Observation(runner.language, place.path) : null;
  observation?.start();
  endings.push(async () => observation?.stop());
  const runtime = await RuntimeProcesses.prepare({
    runner,
    dataDir,
    logFolder,
    databaseUrl: place.databaseUrl,
    worldPort: modelPort,
    memoryMb: settings.memoryMb,
    cores: place.cores,
    watchdog,
    ...(observation !== null && { observing: observation.environmentOf }),
    report: (event) => {
      if (event.e === "exit" && !event.expected) deaths.push(`${event.process} ended (${event.signal ?? event.code})`);
    },
    gaveUp: (reason) => deaths.push(reason),
  });
  const stopped = (): void => void runtime.stop("kill");
  signal.addEventListener("abort", stopped, { once: true });
  endings.push(async () => signal.removeEventListener("abort", stopped));
  endings.push(() => runtime.stop("kill"));
  if (signal.aborted) throw new Stopped();
  await runtime.start();
  return runtime;
}
