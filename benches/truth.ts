/**
 * Whether what we measure is true: the full calibration table, and beside it what a widespread load generator makes of the same
 * servers at the same rate. It is why the driver is our own.
 *
 *     node benches/truth.ts [--json FILE]
 *
 * autocannon runs in rate mode at its defaults, and once more with its correction for coordinated omission off. Driver and
 * autocannon are offered the same load: as many turns a second, evenly spaced, for as long. The truth is that of this load.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import autocannon from "autocannon";
import { renderCalibration } from "../cli/calibrate.ts";
import { textTable } from "../cli/table.ts";
import { calibrate } from "../harness/calibrate/calibrate.ts";
import { type KnownServer, truthOf } from "../harness/calibrate/known-server.ts";
import { type CalibrationSite, measureParts, partsOf, startScriptedServers } from "../harness/calibrate/measure.ts";
import { measuredOf } from "../harness/calibrate/observed.ts";
import { constant } from "../harness/calibrate/servers/constant.ts";
import { freeze } from "../harness/calibrate/servers/freeze.ts";
import { warmUp } from "../harness/calibrate/servers/warm-up.ts";
import { monotonicMs } from "../harness/clock.ts";
import { pinProcess, planCores } from "../harness/processes/cores.ts";
import { Watchdog } from "../harness/processes/watchdog.ts";
import { Conditions } from "../harness/record/waiting.ts";
import { round } from "../harness/statistics/round.ts";
import { nearestRank } from "../harness/statistics/tail-quantiles.ts";

/** A load for both tools. */
interface SameLoad {
  readonly server: KnownServer;
  readonly perSecond: number;
  readonly seconds: number;
}

/** The first is the load of the known report of this error; the second meets one whole freeze and has some turns before and after it. */
const LOADS: readonly SameLoad[] = [
  { server: constant, perSecond: 20, seconds: 6 },
  { server: freeze, perSecond: 50, seconds: 3 },
];

interface Figures {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

interface Reported extends Figures {
  readonly server: string;
  readonly tool: string;
  readonly answers: number;
  /** Values that the figures are made of. */
  readonly values: number;
  readonly trueMs: Figures;
}

function figuresOf(values: Iterable<number>): Figures {
  const ascending = Float64Array.from(values).sort();
  const at = (rank: number): number => round(nearestRank(ascending, rank), 1);
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}

/** The server with evenly spaced arrivals in place of its own. */
function evenly({ server, perSecond, seconds }: SameLoad): KnownServer {
  const sessions = Array.from({ length: perSecond * seconds }, (_, index) => ({
    id: `${server.name}${index}`,
    cohort: server.name,
    arriveMs: (index * 1000) / perSecond,
    turns: 1,
    thinkMs: [],
  }));
  return { ...server, sessions: () => sessions };
}

async function byDriver(load: SameLoad, site: CalibrationSite): Promise<Reported> {
  const server = evenly(load);
  const { parts, observation } = await measureParts(partsOf([warmUp, server], 1), site);
  const own = parts.filter((part) => part.server === server).flatMap((part) => part.sessions);
  const truth = truthOf(server, own).turns;
  const measured = measuredOf(observation.driver).turns;
  const latencies = [...truth.keys()].flatMap((key) => measured.get(key) ?? []);
  const { says } = server;
  const answers = latencies.length;
  const trueMs = figuresOf(truth.values());
  return { server: says, tool: "agent-derby", answers, values: answers, trueMs, ...figuresOf(latencies) };
}

async function byAutocannon(load: SameLoad, corrects: boolean, site: CalibrationSite): Promise<Reported> {
  const { server, perSecond, seconds } = load;
  const directory = site.watchdog.createDirectory();
  mkdirSync(`${directory.path}/logs`);
  const zeroMs = monotonicMs();
  const where = { folder: directory.path, cores: site.cores?.runtime ?? null, zeroMs };
  try {
    const servers = await startScriptedServers(where, new Conditions());
    try {
      servers.begin({ [server.name]: monotonicMs() - zeroMs });
      const result = await autocannon({
        url: `${servers.target.baseUrl}/sessions/${server.name}0/turns/1`,
        method: "PUT",
        overallRate: perSecond,
        duration: seconds,
        ...(corrects ? {} : { ignoreCoordinatedOmission: true }),
      });
      const { p50, p99, max, totalCount: values } = result.latency;
      const tool = corrects ? "autocannon" : "autocannon, uncorrected";
      const trueMs = figuresOf(truthOf(server, evenly(load).sessions(1)).turns.values());
      return { server: server.says, tool, answers: result["2xx"], values, p50, p99, max, trueMs };
    } finally {
      await servers.end();
    }
  } finally {
    site.watchdog.removeDirectory(directory);
  }
}

function compareLine({ server, tool, answers, values, trueMs, ...measured }: Reported): string[] {
  const cell = (figure: keyof Figures): string => {
    const off = (measured[figure] / trueMs[figure] - 1) * 100;
    return `${trueMs[figure].toFixed(1)} → ${measured[figure].toFixed(1)} ${off > 0 ? "+" : ""}${off.toFixed(1)} %`;
  };
  return [server, tool, String(answers), String(values), cell("p50"), cell("p99"), cell("max")];
}

async function main(): Promise<void> {
  const { values: flags } = parseArgs({ options: { json: { type: "string" } } });
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  const cores = planCores();
  if (cores !== null) pinProcess(cores.harness);
  const watchdog = await Watchdog.start();
  try {
    const site = { cores, watchdog, signal: stop.signal };
    const run = await calibrate(site, { full: true, beforeTrial: null });
    console.log(`${renderCalibration(run)}\n`);
    const compared: Reported[] = [];
    for (const load of LOADS) {
      compared.push(await byDriver(load, site));
      for (const corrects of [true, false]) compared.push(await byAutocannon(load, corrects, site));
    }
    const headings = ["server", "tool", "answers", "values", "p50", "p99", "max"];
    console.log(textTable(headings, compared.map(compareLine)));
    console.log("\nMilliseconds, true → reported. Both tools were to send at the same even rate.");
    if (flags.json !== undefined) writeFileSync(flags.json, `${JSON.stringify({ run, compared }, null, 2)}\n`);
  } finally {
    await watchdog.stop();
  }
}

await main();
