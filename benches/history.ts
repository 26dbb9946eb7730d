/**
 * How dear histories are: appending an event, and judging and summarizing a recording of a million.
 *
 *     node benches/history.ts [--json FILE] [--events 1000000] [--sessions 10000]
 *
 * The recording is synthetic (`synthetic-trial.ts`): a consistent history with kills in it, of as many events as asked for or a few
 * more. It is judged twice on one core, once undisturbed for the figures, once under the profiler for the share of each module.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { parseCores, planCores } from "../harness/processes/cores.ts";
import { entryPoint } from "../harness/processes/entry.ts";
import { wholeNumber } from "./command.ts";
import type { Judging } from "./history-judging.ts";
import { measureRecording, type RecordingCost } from "./history-recording.ts";
import { EVENTS_PER_SESSION, EVENTS_PER_TURN, writeSyntheticCampaign } from "./synthetic-trial.ts";

/** What we hold ourselves to, for a million events on one core. */
const BARS = { appendNs: 100, secondsPerMillion: 10, peakRssMb: 1024 };
const MILLION = 1_000_000;

interface Judged extends Judging {
  readonly events: number;
  readonly operations: number;
  readonly sessions: number;
}

/** A whole number of at least 1 from the command line. */
/** @param core the one core that the child may use; null where processes cannot be pinned */
function judge(folder: string, core: number | null, ...flags: readonly string[]): Judging {
  const node = [process.execPath, entryPoint(import.meta.url, "./history-judging"), folder, ...flags];
  const [file = "", ...args] = core === null ? node : ["taskset", "-c", String(core), ...node];
  return JSON.parse(execFileSync(file, args, { encoding: "utf8" })) as Judging;
}

function measureJudging(events: number, sessions: number): Judged {
  const parent = mkdtempSync(join(tmpdir(), "agent-derby-bench-"));
  try {
    const turns = Math.max(1, Math.ceil((events / sessions - EVENTS_PER_SESSION) / EVENTS_PER_TURN));
    const { folder, ...written } = writeSyntheticCampaign(parent, { sessions, turns });
    const cores = planCores();
    const core = cores === null ? null : (parseCores(cores.runtime)[0] ?? null);
    const { modules } = judge(folder, core, "--modules");
    return { ...judge(folder, core), modules, ...written, sessions };
  } finally {
    rmSync(parent, { recursive: true });
  }
}

const verdict = (value: number, bar: number): string => (value <= bar ? "within" : "OVER");

function print({ appendNs, totalNs, plainNs }: RecordingCost, judged: Judged): void {
  const ns = (value: number): string => `${value.toFixed(0)} ns`;
  console.log(
    `append ${ns(appendNs)} (${verdict(appendNs, BARS.appendNs)} the bar of ${BARS.appendNs} ns); ` +
      `with encoding and writing, off the hot path, ${ns(totalNs)}; stringified at once ${ns(plainNs)}`,
  );
  const { events, operations, sessions, seconds, cpuSeconds, peakRssMb } = judged;
  console.log(`\n${events} events, ${operations} operations, ${sessions} sessions, on one core`);
  for (const [module, took] of judged.modules ?? []) console.log(`  ${took.toFixed(2).padStart(6)} s  ${module}`);
  const bar = (BARS.secondsPerMillion * events) / MILLION;
  console.log(
    `read, judged and summarized in ${seconds.toFixed(2)} s (${verdict(seconds, bar)} the bar of ${bar.toFixed(1)} s; CPU time ${cpuSeconds.toFixed(2)} s), ` +
      `peak RSS ${peakRssMb.toFixed(0)} MB${events < 1.2 * MILLION ? ` (${verdict(peakRssMb, BARS.peakRssMb)} the bar of ${BARS.peakRssMb} MB)` : ""}`,
  );
}

const { values } = parseArgs({
  options: {
    json: { type: "string" },
    events: { type: "string", default: String(MILLION) },
    sessions: { type: "string", default: "10000" },
  },
});
const recording = measureRecording();
const judging = measureJudging(wholeNumber("events", values.events), wholeNumber("sessions", values.sessions));
print(recording, judging);
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ recording, judging }, null, 2)}\n`);
