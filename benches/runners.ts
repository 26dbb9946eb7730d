/**
 * Whether a runner is its own bottleneck: what a turn costs by its HTTP and JSON layers alone, and how many turns a second it takes
 * until its core is full.
 *
 *     node benches/runners.ts [RUNNER…] [--seconds 4] [--json FILE]
 *
 * A turn is one completion of 20 tokens that come at once, and no tool; a session has eight turns and makes way for a new one. The
 * runtime and its database have one core, client and model the other. First 50 turns a second on an even schedule, then a closed
 * loop of 8, 32 and 128 sessions that ask again at once.
 *
 * What held the rate down stands beside it; the verdicts are those of stretch.ts.
 */
import { writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { FlagProblems, integerFlag } from "../cli/flags.ts";
import { textTable } from "../cli/table.ts";
import { runBenchCommand } from "./command.ts";
import { type BenchSite, type Contestant, chosenRunners, MEMORY_MB, measureEach } from "./contestant.ts";
import { completionEvents, startModelAtOnce } from "./model-at-once.ts";
import { type Stretch, Stretches, stretchOf } from "./stretch.ts";
import { closedLoop, evenSchedule, type Load, TOKENS, TURNS_OF_A_SESSION } from "./turn-load.ts";

const LIGHT_TURNS_PER_SECOND = 50;
const LOOPS = [8, 32, 128] as const;
/** Code that is compiled as it runs is compiled by then. */
const WARM_UP = { sessions: 32, lengthMs: 3000 } as const;
const IDLE_LENGTH_MS = 1500;

interface Measured {
  readonly contestant: string;
  readonly idle: Stretch;
  readonly light: Stretch;
  readonly loops: readonly Stretch[];
}

async function measureRunner(contestant: Contestant, site: BenchSite, lengthMs: number): Promise<Measured> {
  const stretches = new Stretches(contestant, site);
  const take = (name: string, load: Load, ms: number, rest?: Stretch): Promise<Stretch> =>
    stretchOf(load, site, ms, {
      begin: () => stretches.read(),
      end: (from, tookMs) => stretches.since(from, name, tookMs, rest),
    });
  await take("warm-up", closedLoop(contestant, WARM_UP.sessions), WARM_UP.lengthMs);
  await delay(IDLE_LENGTH_MS, undefined, { signal: site.signal });
  const from = stretches.read();
  await delay(IDLE_LENGTH_MS, undefined, { signal: site.signal });
  const idle = stretches.since(from, "nothing", []);
  const even = evenSchedule(contestant, LIGHT_TURNS_PER_SECOND);
  const light = await take(`${LIGHT_TURNS_PER_SECOND} turns/s`, even, lengthMs, idle);
  const loops: Stretch[] = [];
  for (const count of LOOPS) loops.push(await take(`${count} sessions`, closedLoop(contestant, count), lengthMs));
  return { contestant: contestant.runner.name, idle, light, loops };
}

/** A number with as many digits as asked for; "-" where there is none. */
const shown = (value: number, digits: number): string => (Number.isFinite(value) ? value.toFixed(digits) : "-");

function stretchLine(contestant: string, of: Stretch, verdict: string): string[] {
  const { load, turnsPerSecond, p50Ms, p99Ms, appPercent, storePercent, othersPercent, loadPercent } = of;
  const shares = [appPercent, storePercent, othersPercent, loadPercent].map((share) => shown(share, 0));
  const perTurn = [of.appMsPerTurn, of.storeMsPerTurn].map((ms) => shown(ms, 2));
  return [contestant, load, shown(turnsPerSecond, 0), shown(p50Ms, 1), shown(p99Ms, 1), ...shares, ...perTurn, verdict];
}

/** The stretch with most turns per second. */
const best = ({ loops }: Measured): Stretch => loops.reduce((a, b) => (b.turnsPerSecond > a.turnsPerSecond ? b : a));

function summaryLine(of: Measured): string[] {
  const { load, turnsPerSecond, appMsPerTurn, storeMsPerTurn, verdict } = best(of);
  return [
    of.contestant,
    shown(of.light.appMsPerTurn, 2),
    shown(of.light.storeMsPerTurn, 2),
    shown(turnsPerSecond, 0),
    load,
    verdict,
    shown(1000 / (appMsPerTurn + storeMsPerTurn), 0),
  ];
}

function print(results: readonly Measured[]): void {
  const headings = "contestant,load,turns/s,p50 ms,p99 ms,runtime %,database %,others %,load side %".split(",");
  const rows = results.flatMap((of) => [
    stretchLine(of.contestant, of.idle, ""),
    stretchLine(of.contestant, of.light, ""),
    ...of.loops.map((loop) => stretchLine(of.contestant, loop, loop.verdict)),
  ]);
  console.log(textTable([...headings, "CPU ms/turn", "database ms/turn", ""], rows));
  const summary = `contestant,CPU ms/turn at ${LIGHT_TURNS_PER_SECOND}/s,database ms/turn,most turns/s,with,,a whole core would do`;
  console.log(`\n${textTable(summary.split(","), results.map(summaryLine))}`);
  console.log(
    "\nPercent of a core; runtime, database and others share one. A whole core would do: by the CPU of a turn at its most turns/s.",
  );
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { json: { type: "string" }, seconds: { type: "string", default: "4" } },
  });
  const problems = new FlagProblems();
  const seconds = integerFlag(problems, "--seconds", values.seconds, 1, 600) ?? 0;
  problems.finish();
  const runners = await chosenRunners(positionals);
  const events = completionEvents(TOKENS);
  const model = await startModelAtOnce(() => events);
  try {
    const results = await measureEach(runners, model.port, (contestant, site) =>
      measureRunner(contestant, site, seconds * 1000),
    );
    if (results.length > 0) print(results);
    const settings = { tokens: TOKENS.length, turnsOfASession: TURNS_OF_A_SESSION, seconds, memoryMb: MEMORY_MB };
    if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ settings, results }, null, 2)}\n`);
  } finally {
    await model.close();
  }
}

await runBenchCommand(main);
