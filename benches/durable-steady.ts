/**
 * What committing every step costs an everyday turn: `steady` on the durable runner and on one that keeps everything in memory, paired
 * block by block, and beside it what a commit takes.
 *
 * The difference of the overheads at p50 is given in commit times. One such time is the p50 of single rows that a plain client commits
 * one at a time on a server that shares the runtime's core: *beside the load*, on the runner's own server in the calm of its
 * trials; and *alone*, before and after the trials, as fast as it goes and 20 ms apart.
 */
import { join } from "node:path";
import { type BenchWatcher, runBench } from "../harness/bench.ts";
import { pairedFigures } from "../harness/compare/figure-pairs.ts";
import { pairsOf } from "../harness/compare/pairs.ts";
import { assert, TrialError, UsageError } from "../harness/errors.ts";
import { preparePostgres } from "../harness/postgres/postgres.ts";
import { allowedCores, type CorePlan, pinProcess, planCores } from "../harness/processes/cores.ts";
import { hasProc } from "../harness/processes/process-table.ts";
import { Watchdog } from "../harness/processes/watchdog.ts";
import { resolveRunner } from "../harness/runner-check.ts";
import { round } from "../harness/statistics/round.ts";
import { nearestRank } from "../harness/statistics/tail-quantiles.ts";
import { commitTimes, type PacedCommits, pacedCommits } from "./commits.ts";
import { trialDatabaseUrl } from "./trial-database.ts";

const IN_MEMORY = "async";
const COHORT = "everyone";
/** What the runner is to stay within. */
const COMMIT_TIMES_MOST = 2;
const WARM_UP_COMMITS = 300;
const COMMITS = 500;
const PAUSE_MS = 20;
/** Beside a load, so that it is hardly felt there. */
const BESIDE_PAUSE_MS = 100;

/** Of a commit of one row on a server with nothing else to do, in milliseconds. */
interface CommitTime {
  readonly atOnceP50Ms: number;
  readonly apartP50Ms: number;
}

/** How a campaign is recorded. */
export interface SteadyOptions {
  readonly blocks: number;
  /** Default: those of the scenario. */
  readonly sessions?: number;
}

const medianMs = (tookMs: readonly number[]): number => round(nearestRank(Float64Array.from(tookMs).sort(), 0.5), 3);

/** A server on the runtime's core for as long as `use` takes. */
async function withServer<Result>(cores: CorePlan | null, use: (url: string) => Promise<Result>): Promise<Result> {
  const watchdog = await Watchdog.start();
  const directory = watchdog.createDirectory();
  try {
    const postgres = await preparePostgres("embedded", watchdog);
    const { path } = directory;
    const logFile = join(path, "postgres.log");
    const cluster = await postgres.start({ directory: path, logFile, cores: cores?.runtime ?? null });
    try {
      return await use(cluster.url);
    } finally {
      await cluster.stop();
    }
  } finally {
    watchdog.removeDirectory(directory);
    await watchdog.stop();
  }
}

async function commitAlone(cores: CorePlan | null): Promise<CommitTime> {
  const allowed = allowedCores();
  if (cores !== null) pinProcess(cores.harness);
  try {
    return await withServer(cores, async (url) => {
      await commitTimes(url, WARM_UP_COMMITS, 0);
      const atOnceP50Ms = medianMs(await commitTimes(url, COMMITS, 0));
      return { atOnceP50Ms, apartP50Ms: medianMs(await commitTimes(url, COMMITS, PAUSE_MS)) };
    });
  } finally {
    // Whoever comes next plans its cores by what this process may use.
    if (cores !== null && allowed !== undefined) pinProcess(allowed);
  }
}

/** Commits rows in the calm of every trial of a runner, and otherwise tells what happens. */
function besideCalmOf(runner: string) {
  const say = (sentence: string): void => void process.stderr.write(`${sentence}\n`);
  const tookMs: Promise<readonly number[]>[] = [];
  let current = "";
  let paced: PacedCommits | null = null;
  const end = (): void => {
    if (paced === null) return;
    const told = paced.stop();
    // Told by times().
    told.catch(() => undefined);
    tookMs.push(told);
    paced = null;
  };
  const watch: BenchWatcher = {
    planned: ({ trials }) => say(`${trials.length} trials`),
    trialStarted: ({ id, runner: name }) => {
      current = name;
      say(`${id} …`);
    },
    progress: ({ phase }) => {
      if (current !== runner || phase !== "calm") end();
      else paced ??= pacedCommits(trialDatabaseUrl(), BESIDE_PAUSE_MS);
    },
    trialEnded: ({ id }, status, reason) => {
      end();
      say(`${id} ${status}${reason === undefined ? "" : `: ${reason}`}`);
    },
    note: say,
  };
  return { watch, times: async () => (await Promise.all(tookMs)).flat() };
}

/** Overhead at p50 of both, and the middle of the pairs' differences, and of a commit beside the runner's load; milliseconds. */
async function overheads(runner: string, { blocks, sessions }: SteadyOptions) {
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  const beside = besideCalmOf(runner);
  const { summary, folder, interrupted } = await runBench(
    {
      filters: ["steady", IN_MEMORY, runner],
      profile: "default",
      blocks,
      ...(sessions !== undefined && { sessions }),
      postgres: "embedded",
      price: { input: 3, output: 15 },
      pin: true,
      calibrate: false,
      invocation: "npx agent-derby run",
      out: join("results", "durable-steady"),
      signal: stop.signal,
    },
    beside.watch,
  );
  const commitsMs = await beside.times();
  if (interrupted) throw new UsageError("Stopped.");
  const results = summary.scenarios[0]?.results ?? [];
  const [inMemory, durable] = [IN_MEMORY, runner].map((name) => results.find((result) => result.runner === name));
  assert(inMemory !== undefined && durable !== undefined, "the campaign holds both runners");
  const pairs = pairsOf(inMemory, durable);
  const found = pairedFigures(pairs, [COHORT]).find(
    ({ figure, phase }) => figure === "overhead p50" && phase === "calm",
  );
  if (found?.difference == null || found.a === null || found.b === null)
    throw new TrialError(`No pair of trials is valid; ${join(folder, "report.md")} says why.`);
  if (commitsMs.length === 0) throw new TrialError("No row was committed beside the load.");
  const commit = { commits: commitsMs.length, p50Ms: medianMs(commitsMs) };
  return { pairs: pairs.length, inMemoryMs: found.a, durableMs: found.b, differenceMs: found.difference, commit };
}

/** Records, prints and returns what was measured; the exit code is 1 where the runner is beyond its limit. */
export async function steadyCheck(runner: string, options: SteadyOptions) {
  if (!hasProc) throw new UsageError("The trial's own database is found in /proc, which is missing here.");
  if (!resolveRunner(runner).needs?.includes("postgres"))
    throw new UsageError(`${runner} keeps nothing in Postgres; --runner takes one that does.`);
  const cores = planCores();
  const before = await commitAlone(cores);
  const overhead = await overheads(runner, options);
  const after = await commitAlone(cores);
  const inTimes = {
    beside: overhead.differenceMs / overhead.commit.p50Ms,
    atOnce: (overhead.differenceMs * 2) / (before.atOnceP50Ms + after.atOnceP50Ms),
    apart: (overhead.differenceMs * 2) / (before.apartP50Ms + after.apartP50Ms),
  };
  const alone = (what: "atOnceP50Ms" | "apartP50Ms"): string =>
    `${before[what].toFixed(2)} ms before, ${after[what].toFixed(2)} ms after`;
  const { pairs, inMemoryMs, durableMs, differenceMs, commit } = overhead;
  console.log(
    `overhead p50 in steady, ${pairs} pairs: ${IN_MEMORY} ${inMemoryMs.toFixed(2)} ms, ${runner} ${durableMs.toFixed(2)} ms, difference ${differenceMs.toFixed(2)} ms`,
  );
  console.log(`a commit beside that load, p50: ${commit.p50Ms.toFixed(2)} ms (${commit.commits} commits)`);
  console.log(`a commit alone, p50: at once ${alone("atOnceP50Ms")}; ${PAUSE_MS} ms apart ${alone("apartP50Ms")}`);
  console.log(
    `the difference is ${inTimes.beside.toFixed(1)} commit times beside the load (the limit is ${COMMIT_TIMES_MOST}), ${inTimes.atOnce.toFixed(1)} alone at once, ${inTimes.apart.toFixed(1)} alone apart`,
  );
  if (inTimes.beside > COMMIT_TIMES_MOST) process.exitCode = 1;
  return { overhead, before, after, inTimes };
}
