/**
 * How good the checkers are: planted bugs found, false alarms in clean histories and clean runs, and the time that judging takes.
 *
 *     node benches/checkers.ts [--clean 10000] [--real 10] [--events 1000000] [--sessions 10000] [--no-real-bugs] [--json FILE]
 *
 * Exit code 1 if a bug was missed, a checker fired that must not, or a bar was passed. Real bugs take about seven minutes, each clean
 * run a quarter of one. An operation is whatever a witness noted: an attempt or its end, a request, a completion, an effect, an answer.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { UsageError } from "../harness/errors.ts";
import { parseCores, planCores } from "../harness/processes/cores.ts";
import { entryPoint } from "../harness/processes/entry.ts";
import type { JudgedOnce } from "./checkers-judging.ts";
import { type Clean, cleanHistories, cleanRuns, realBugs, simulatedBugs, type Tried } from "./checkers-planted.ts";
import { EVENTS_PER_SESSION, EVENTS_PER_TURN, writeSyntheticCampaign } from "./synthetic-trial.ts";

/** What we hold ourselves to, for a million operations on one core. */
const BARS = { secondsPerMillion: 10, peakRssMb: 1024 };
const MILLION = 1_000_000;
const TRIALS_PER_BUG = 10;

/** Judging of a large history; `operations` were in it. */
interface Judged extends JudgedOnce {
  readonly operations: number;
}

function countOf(name: string, given: string, least: number): number {
  const count = Number(given);
  if (!Number.isInteger(count) || count < least)
    throw new UsageError(`--${name} takes a whole number from ${least}, not "${given}".`);
  return count;
}

function measureJudging(events: number, sessions: number): Judged {
  const parent = mkdtempSync(join(tmpdir(), "agent-derby-bench-"));
  try {
    const turns = Math.max(1, Math.ceil((events / sessions - EVENTS_PER_SESSION) / EVENTS_PER_TURN));
    const { folder, events: operations } = writeSyntheticCampaign(parent, { sessions, turns });
    const cores = planCores();
    const core = cores === null ? null : (parseCores(cores.runtime)[0] ?? null);
    const node = [process.execPath, entryPoint(import.meta.url, "./checkers-judging"), folder];
    const [file = "", ...args] = core === null ? node : ["taskset", "-c", String(core), ...node];
    return { ...(JSON.parse(execFileSync(file, args, { encoding: "utf8" })) as JudgedOnce), operations };
  } finally {
    rmSync(parent, { recursive: true });
  }
}

const say = (sentence: string): void => console.log(sentence);
const complain = (wrong: readonly string[]): void => {
  for (const sentence of wrong) say(`  ! ${sentence}`);
};

function printTried(what: string, tried: readonly Tried[]): void {
  const good = tried.filter(({ wrong }) => wrong.length === 0).length;
  say(`${what}: ${good} of ${tried.length}`);
  complain(tried.flatMap(({ name, wrong }) => wrong.map((one) => `${name}: ${one}`)));
}

function printClean({ histories, sessions, events, seconds, alarms, decided }: Clean): void {
  const each = Object.entries(decided).map(([checker, times]) => `${checker} ${times}`);
  say(
    `clean histories: ${alarms.length} false alarms in ${histories} (${sessions} sessions, ${events} events; CPU time ${seconds.toFixed(0)} s)`,
  );
  say(`  said "true" where they had enough to look at: ${each.join(", ")}`);
  complain(alarms);
}

/** Seconds count against the bar by the CPU: what others took of the core is not ours. */
const isFast = ({ operations, cpuSeconds, peakRssMb }: Judged): boolean =>
  cpuSeconds <= (BARS.secondsPerMillion * operations) / MILLION &&
  (operations > 1.2 * MILLION || peakRssMb <= BARS.peakRssMb);

function printJudged(judged: Judged): void {
  const { operations, sessions, readSeconds, judgeSeconds, cpuSeconds, peakRssMb, parts } = judged;
  const bar = (BARS.secondsPerMillion * operations) / MILLION;
  say(
    `${operations} operations over ${sessions} sessions on one core: read in ${readSeconds.toFixed(1)} s, judged in ${judgeSeconds.toFixed(1)} s ` +
      `(CPU time of both ${cpuSeconds.toFixed(1)} s, the bar is ${bar.toFixed(1)} s), peak RSS ${peakRssMb.toFixed(0)} MB ` +
      `(the bar is ${BARS.peakRssMb} MB): ${isFast(judged) ? "within" : "OVER"}`,
  );
  say(`  ${parts.map(([part, seconds]) => `${part} ${seconds.toFixed(2)} s`).join(", ")}`);
}

const { values } = parseArgs({
  options: {
    clean: { type: "string", default: "10000" },
    real: { type: "string", default: "10" },
    events: { type: "string", default: String(MILLION) },
    sessions: { type: "string", default: "10000" },
    "no-real-bugs": { type: "boolean", default: false },
    json: { type: "string" },
  },
});
const told = (sentence: string): void => void process.stderr.write(`${sentence}\n`);

const judged = measureJudging(countOf("events", values.events, 1), countOf("sessions", values.sessions, 1));
printJudged(judged);
const simulated = simulatedBugs(TRIALS_PER_BUG);
printTried("planted bugs caught, simulated", simulated);
const clean = cleanHistories(countOf("clean", values.clean, 0));
printClean(clean);
const real = values["no-real-bugs"] ? [] : await realBugs(told);
if (real.length > 0) printTried("planted bugs and mutations judged rightly, real", real);
const runs = await cleanRuns(countOf("real", values.real, 0), told);
printTried("clean runs without a false alarm", runs);
if (values.json !== undefined)
  writeFileSync(values.json, `${JSON.stringify({ judged, simulated, clean, real, runs }, null, 2)}\n`);
const wrong = [...simulated, ...real, ...runs].flatMap((one) => one.wrong);
if (wrong.length > 0 || clean.alarms.length > 0 || !isFast(judged)) process.exitCode = 1;
