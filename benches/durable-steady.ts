/**
 * What committing every step costs an everyday turn: `steady` on the durable runner and on one that keeps everything in memory, paired
 * block by block, and beside it a commit alone on the same machine.
 *
 * The difference of the overheads at p50 is given in commit times. One such time is the p50 of single rows that a plain loop commits
 * one at a time, before and after the trials, on a server alone on the runtime's core: once as fast as it goes, once 20 ms apart, as
 * in a runtime that has turns to wait for. A turn of `steady` has four commits in a row: input, answer, the tool's result, answer.
 */
import { join } from "node:path";
import { runBench } from "../harness/bench.ts";
import { pairedFigures } from "../harness/compare/figure-pairs.ts";
import { pairsOf } from "../harness/compare/pairs.ts";
import { assert, TrialError, UsageError } from "../harness/errors.ts";
import { preparePostgres } from "../harness/postgres/postgres.ts";
import { allowedCores, type CorePlan, pinProcess, planCores } from "../harness/processes/cores.ts";
import { Watchdog } from "../harness/processes/watchdog.ts";
import { round } from "../harness/statistics/round.ts";
import { nearestRank } from "../harness/statistics/tail-quantiles.ts";
import { commitTimes } from "./commits.ts";

const IN_MEMORY = "async";
const COHORT = "everyone";
/** What the runner is to stay within. */
const COMMIT_TIMES_MOST = 2;
const WARM_UP_COMMITS = 300;
const COMMITS = 500;
const PAUSE_MS = 20;

/** Of a commit of one row, in milliseconds. */
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

async function commitAlone(cores: CorePlan | null): Promise<CommitTime> {
  const allowed = allowedCores();
  if (cores !== null) pinProcess(cores.harness);
  const watchdog = await Watchdog.start();
  const directory = watchdog.createDirectory();
  try {
    const postgres = await preparePostgres("embedded", watchdog);
    const { path } = directory;
    const cluster = await postgres.start({
      directory: path,
      logFile: join(path, "postgres.log"),
      cores: cores?.runtime ?? null,
    });
    try {
      await commitTimes(cluster.url, WARM_UP_COMMITS, 0);
      const median = async (pauseMs: number): Promise<number> =>
        nearestRank(Float64Array.from(await commitTimes(cluster.url, COMMITS, pauseMs)).sort(), 0.5);
      return { atOnceP50Ms: round(await median(0), 3), apartP50Ms: round(await median(PAUSE_MS), 3) };
    } finally {
      await cluster.stop();
    }
  } finally {
    watchdog.removeDirectory(directory);
    await watchdog.stop();
    // Whoever comes next plans its cores by what this process may use.
    if (cores !== null && allowed !== undefined) pinProcess(allowed);
  }
}

/** Overhead at p50 of both, and the middle of the pairs' differences; milliseconds. */
async function overheads(runner: string, { blocks, sessions }: SteadyOptions) {
  const say = (sentence: string): void => void process.stderr.write(`${sentence}\n`);
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
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
    {
      planned: ({ trials }) => say(`${trials.length} trials`),
      trialStarted: ({ id }) => say(`${id} …`),
      progress: () => undefined,
      trialEnded: ({ id }, status, reason) => say(`${id} ${status}${reason === undefined ? "" : `: ${reason}`}`),
      note: say,
    },
  );
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
  return { pairs: pairs.length, inMemoryMs: found.a, durableMs: found.b, differenceMs: found.difference };
}

/** Records, prints and returns what was measured; the exit code is 1 where the runner is beyond its limit. */
export async function steadyCheck(runner: string, options: SteadyOptions) {
  const cores = planCores();
  const before = await commitAlone(cores);
  const overhead = await overheads(runner, options);
  const after = await commitAlone(cores);
  const atOnceMs = (before.atOnceP50Ms + after.atOnceP50Ms) / 2;
  const apartMs = (before.apartP50Ms + after.apartP50Ms) / 2;
  const [inTimesAtOnce, inTimesApart] = [overhead.differenceMs / atOnceMs, overhead.differenceMs / apartMs];
  console.log(
    `overhead p50 in steady, ${overhead.pairs} pairs: ${IN_MEMORY} ${overhead.inMemoryMs.toFixed(2)} ms, ${runner} ${overhead.durableMs.toFixed(2)} ms, difference ${overhead.differenceMs.toFixed(2)} ms`,
  );
  const beside = (what: "atOnceP50Ms" | "apartP50Ms"): string =>
    `${before[what].toFixed(2)} ms before, ${after[what].toFixed(2)} ms after`;
  console.log(`a commit alone, p50: at once ${beside("atOnceP50Ms")}; ${PAUSE_MS} ms apart ${beside("apartP50Ms")}`);
  console.log(
    `the difference is ${inTimesAtOnce.toFixed(1)} commit times at once, ${inTimesApart.toFixed(1)} apart; the limit is ${COMMIT_TIMES_MOST} of the latter`,
  );
  if (inTimesApart > COMMIT_TIMES_MOST) process.exitCode = 1;
  return { overhead, before, after, inTimesAtOnce, inTimesApart };
}
