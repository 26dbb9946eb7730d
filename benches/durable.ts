/**
 * How near a runner that commits every step to Postgres comes to what its Postgres can do, by the number of batches in flight and
 * their size.
 *
 *     node benches/durable.ts [--pool 1,2,4,8] [--batch 1,16,64,256] [--seconds 3] [--json FILE]
 *     node benches/durable.ts --steady [--runner durable] [--blocks 3] [--sessions N] [--json FILE]
 *
 * For each pool and batch size a runtime and a cluster of their own: 50 turns a second on an even schedule, then a closed loop of
 * 128 sessions. A pool of n is n batches in flight, with four connections more for all else (taking over, loading, reading). A turn
 * is one completion that comes at once, so two commits. Transactions and rows of the journal are counted in the database. The
 * ceiling of each line is a plain loop of inserts on as many connections and of as many rows, against the same server, with the
 * runtime idle. Runtime and database have one core, client, model and the plain loop the other.
 *
 * `--steady` holds the runner against one that keeps everything in memory; see `durable-steady.ts`.
 */
import { writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { FlagProblems, integerFlag } from "../cli/flags.ts";
import { textTable } from "../cli/table.ts";
import { assert, TrialError } from "../harness/errors.ts";
import type { Runner } from "../harness/runner.ts";
import { resolveRunner } from "../harness/runner-check.ts";
import { round } from "../harness/statistics/round.ts";
import { runBenchCommand } from "./command.ts";
import { commitLoop, writtenSoFar } from "./commits.ts";
import { type BenchSite, type Contestant, measureEach } from "./contestant.ts";
import { steadyCheck } from "./durable-steady.ts";
import { completionEvents, startModelAtOnce } from "./model-at-once.ts";
import { type Stretch, Stretches, stretchOf } from "./stretch.ts";
import { closedLoop, evenSchedule, type Load, TOKENS } from "./turn-load.ts";

const RUNNER = "durable";
const LIGHT_TURNS_PER_SECOND = 50;
const SESSIONS = 128;
const WARM_UP = { sessions: 32, lengthMs: 2500 } as const;
/** Connections that are not for batches of commits. */
const OTHER_CONNECTIONS = 4;
/** As in the runner's README. */
const DEFAULT = { pool: 2, batch: 64 } as const;

/** One line of the table. */
interface Setting {
  readonly pool: number;
  readonly batch: number;
}

interface Measured extends Setting {
  readonly light: Stretch;
  readonly full: Stretch;
  /** At saturation, counted in the database. */
  readonly commitsPerSecond: number;
  readonly rowsPerSecond: number;
  /** Of the plain loop. */
  readonly bareCommitsPerSecond: number;
  readonly bareRowsPerSecond: number;
}

const variantOf = (runner: Runner, { pool, batch }: Setting): Runner => ({
  ...runner,
  name: `${runner.name}, pool ${pool}, batch ${batch}`,
  variantEnv: {
    ...runner.variantEnv,
    POSTGRES_CONNECTIONS: String(pool + OTHER_CONNECTIONS),
    BATCHES_IN_FLIGHT: String(pool),
    MOST_PER_BATCH: String(batch),
  },
});

/** Commits per second of the plain loop. */
async function bareRate(url: string, { pool, batch }: Setting, site: BenchSite, lengthMs: number): Promise<number> {
  const loop = commitLoop(url, pool, batch);
  const pause = (ms: number): Promise<unknown> =>
    Promise.race([delay(ms, undefined, { signal: site.signal }), loop.done]);
  try {
    await pause(500);
    const [from, fromMs] = [loop.commits(), performance.now()];
    await pause(lengthMs);
    return ((loop.commits() - from) * 1000) / (performance.now() - fromMs);
  } finally {
    loop.stop();
    await loop.done;
  }
}

async function measure(contestant: Contestant, site: BenchSite, setting: Setting, lengthMs: number): Promise<Measured> {
  const url = contestant.databaseUrl;
  assert(url !== null, "the runner has a database");
  const stretches = new Stretches(contestant, site);
  const take = (name: string, load: Load, ms: number): Promise<Stretch> =>
    stretchOf(load, site, ms, {
      begin: () => stretches.read(),
      end: (from, tookMs) => stretches.since(from, name, tookMs),
    });
  await take("warm-up", closedLoop(contestant, WARM_UP.sessions), WARM_UP.lengthMs);
  const light = await take(`${LIGHT_TURNS_PER_SECOND}/s`, evenSchedule(contestant, LIGHT_TURNS_PER_SECOND), lengthMs);
  const load = closedLoop(contestant, SESSIONS);
  const [before, fromMs] = [await writtenSoFar(url, "journal"), performance.now()];
  const full = await take(`${SESSIONS} sessions`, load, lengthMs);
  const [after, lastedMs] = [await writtenSoFar(url, "journal"), performance.now() - fromMs];
  if (after.rows === before.rows) throw new TrialError("No row of the journal was written.");
  const bare = await bareRate(url, setting, site, lengthMs);
  return {
    ...setting,
    light,
    full,
    commitsPerSecond: round(((after.transactions - before.transactions) * 1000) / lastedMs, 0),
    rowsPerSecond: round(((after.rows - before.rows) * 1000) / lastedMs, 0),
    bareCommitsPerSecond: round(bare, 0),
    bareRowsPerSecond: round(bare * setting.batch, 0),
  };
}

const isDefault = ({ pool, batch }: Setting): boolean => pool === DEFAULT.pool && batch === DEFAULT.batch;

function lineOf(of: Measured): string[] {
  const { light, full } = of;
  const digits = (digit: number, ...values: readonly number[]): string[] => values.map((value) => value.toFixed(digit));
  return [
    String(of.pool),
    String(of.batch),
    ...digits(0, full.turnsPerSecond),
    ...digits(1, light.p50Ms, light.p99Ms, full.p50Ms, full.p99Ms),
    ...digits(0, of.commitsPerSecond, of.rowsPerSecond, full.appPercent, full.storePercent),
    ...digits(0, 1000 / (full.appMsPerTurn + full.storeMsPerTurn), of.bareCommitsPerSecond, of.bareRowsPerSecond),
    full.verdict,
    isDefault(of) ? "default" : "",
  ];
}

function print(results: readonly Measured[]): void {
  const headings = [
    "pool",
    "batch",
    "turns/s",
    "p50 ms light",
    "p99 light",
    "p50 full",
    "p99 full",
    "commits/s",
    "rows/s",
    "runtime %",
    "database %",
    "a whole core",
    "bare commits/s",
    "bare rows/s",
    "",
    "",
  ];
  console.log(textTable(headings, results.map(lineOf)));
  console.log(
    `\nLight: ${LIGHT_TURNS_PER_SECOND} turns/s; full: ${SESSIONS} sessions that ask again at once. Percent of a core, which both share. A whole core: turns/s by the CPU of a turn.`,
  );
}

/** "1,2,4" as numbers. */
function listFlag(problems: FlagProblems, flag: string, given: string): number[] {
  return given.split(",").flatMap((one) => integerFlag(problems, flag, one, 1, 1000) ?? []);
}

async function measureAll(settings: readonly Setting[], lengthMs: number): Promise<Measured[]> {
  const runner = resolveRunner(RUNNER);
  const settingOf = new Map(settings.map((setting) => [variantOf(runner, setting), setting]));
  const events = completionEvents(TOKENS);
  const model = await startModelAtOnce(() => events);
  try {
    return await measureEach([...settingOf.keys()], model.port, (contestant, site) => {
      const setting = settingOf.get(contestant.runner);
      assert(setting !== undefined, "every variant has its setting");
      return measure(contestant, site, setting, lengthMs);
    });
  } finally {
    await model.close();
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      pool: { type: "string", default: "1,2,4,8" },
      batch: { type: "string", default: "1,16,64,256" },
      seconds: { type: "string", default: "3" },
      steady: { type: "boolean", default: false },
      blocks: { type: "string", default: "3" },
      sessions: { type: "string" },
      runner: { type: "string", default: RUNNER },
      json: { type: "string" },
    },
  });
  const problems = new FlagProblems();
  const [pools, batches] = [listFlag(problems, "--pool", values.pool), listFlag(problems, "--batch", values.batch)];
  const seconds = integerFlag(problems, "--seconds", values.seconds, 1, 600) ?? 0;
  const blocks = integerFlag(problems, "--blocks", values.blocks, 1, 100) ?? 0;
  const sessions = integerFlag(problems, "--sessions", values.sessions, 10, 100_000);
  problems.finish();
  const settings = pools.flatMap((pool) => batches.map((batch) => ({ pool, batch })));
  const keep = (result: unknown): void => {
    if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(result, null, 2)}\n`);
  };
  if (values.steady)
    return keep(await steadyCheck(values.runner, { blocks, ...(sessions !== undefined && { sessions }) }));
  const results = await measureAll(settings, seconds * 1000);
  if (results.length > 0) print(results);
  keep(results);
}

await runBenchCommand(main);
