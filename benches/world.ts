/**
 * How fast the World is: lateness of frames, totals against the nominal length, memory per stream, CPU per frame; beside
 * @copilotkit/aimock under the same load in the same run.
 *
 *     node benches/world.ts [--json FILE] [--streams 2000] [--seconds 8]
 *
 * The server has one core and a raw client process the other. Every stream gets its first token after 300 ms and then 50
 * tokens/s; streams begin spread over two seconds. Rows: a quarter of the streams, then all of them.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { build, type Histogram, HistogramLogReader } from "hdr-histogram-js";
import { monotonicMs } from "../harness/clock.ts";
import { UsageError } from "../harness/errors.ts";
import { type CorePlan, planCores } from "../harness/processes/cores.ts";
import { entryPoint } from "../harness/processes/entry.ts";
import { ForkedProcess } from "../harness/processes/fork.ts";
import { readProcess } from "../harness/processes/process-table.ts";
import { constant } from "../harness/random.ts";
import { quantilesOf } from "../harness/statistics/interval-recorder.ts";
import type { Quantiles } from "../harness/trial.ts";
import type { FromWorld, ToWorld, WorldSettings } from "../harness/world/protocol.ts";
import { runBenchCommand } from "./command.ts";
import type { FromAimock, ToAimock } from "./world-aimock.ts";
import type { FromClient, ToClient } from "./world-client.ts";

const FIRST_TOKEN_MS = 300;
const TOKENS_PER_SECOND = 50;
const GAP_MS = 1000 / TOKENS_PER_SECOND;
const RAMP_MS = 2000;
const LIMIT_MS = 90_000;
const CLOCK_TICK_MS = 10;
const PAGE_BYTES = 4096;

interface Row {
  readonly server: string;
  readonly streams: number;
  readonly framesPerSecond: number;
  /** As written by the server while all streams run; only the World says. */
  readonly writtenLateMs: Quantiles | null;
  /** The same with the beginning and the end of all streams, which come within two seconds and cost more than their frames. */
  readonly writtenLateInAllMs: Quantiles | null;
  /** As read by the client, from the write of the request on. */
  readonly readLateMs: Quantiles;
  readonly firstTokenMs: Quantiles;
  /** Median length of a stream beyond its nominal length, in percent. */
  readonly totalOffPercent: number;
  readonly kbPerStream: number;
  readonly coreSharePercent: number;
  readonly usPerFrame: number;
}

/** A server under test: where it listens, and how it ends. */
interface Served {
  readonly name: string;
  readonly pid: number;
  readonly port: number;
  readonly path: string;
  /** Events before the first one that has a due time of its own. */
  readonly eventsBeforeFirst: number;
  readonly stop: () => Promise<Quantiles | null>;
}

interface Bench {
  /** Of this row alone. */
  readonly folder: string;
  /** CLOCK_MONOTONIC milliseconds from which the World's histograms count. */
  readonly zeroMs: number;
  readonly cores: CorePlan | null;
  readonly tokens: number;
}

function worldSettings({ folder, zeroMs, tokens }: Bench): WorldSettings {
  const say = { firstTokenMs: constant(FIRST_TOKEN_MS), tokens: constant(tokens), tokensPerSecond: TOKENS_PER_SECOND };
  const client = { timeoutMs: LIMIT_MS, deadlineMs: LIMIT_MS, retry: "never" } as const;
  const cohort = { sessions: 1, turns: 1, thinkMs: constant(0), script: [{ say }], client };
  return {
    type: "settings",
    seed: 1,
    scenario: { cohorts: { streams: cohort } },
    sessions: {},
    defaultCohort: "streams",
    memoryMb: 512,
    zeroMs,
    historyFile: join(folder, "world.ndjson"),
    histogramFile: join(folder, "world.hlog"),
    port: 0,
  };
}

async function startWorldProcess(bench: Bench): Promise<Served> {
  const world = ForkedProcess.start<ToWorld, FromWorld>({
    name: "World",
    module: entryPoint(import.meta.url, "../harness/world/main"),
    logFile: join(bench.folder, "world.log"),
    cores: bench.cores?.harness ?? null,
  });
  world.send(worldSettings(bench));
  const { port } = await world.next("listening", LIMIT_MS);
  const stop = async (): Promise<Quantiles | null> => {
    world.send({ type: "stop" });
    const { frameLatenessMs } = await world.next("stopped", LIMIT_MS);
    await world.stop();
    return frameLatenessMs;
  };
  return { name: "agent-derby", pid: world.pid, port, path: "/i/1/v1/chat/completions", eventsBeforeFirst: 1, stop };
}

async function startAimock(bench: Bench): Promise<Served> {
  const mock = ForkedProcess.start<ToAimock, FromAimock>({
    name: "aimock",
    module: entryPoint(import.meta.url, "./world-aimock"),
    logFile: join(bench.folder, "aimock.log"),
    cores: bench.cores?.harness ?? null,
  });
  mock.send({ type: "serve", firstTokenMs: FIRST_TOKEN_MS, tokensPerSecond: TOKENS_PER_SECOND, frames: bench.tokens });
  const { port } = await mock.next("listening", LIMIT_MS);
  const stop = async (): Promise<null> => {
    await mock.stop();
    return null;
  };
  return { name: "aimock", pid: mock.pid, port, path: "/v1/chat/completions", eventsBeforeFirst: 0, stop };
}

function usageOf(pid: number): { readonly cpuMs: number; readonly rssBytes: number; readonly atMs: number } {
  const pages = Number(readFileSync(`/proc/${pid}/statm`, "latin1").split(" ")[1]);
  return {
    cpuMs: (readProcess(pid)?.cpuTicks ?? 0) * CLOCK_TICK_MS,
    rssBytes: pages * PAGE_BYTES,
    atMs: monotonicMs(),
  };
}

/** Lateness of the seconds that lie wholly between two instants of the World's log; null where there is none. */
function latenessBetween(file: string, fromMs: number, toMs: number): Quantiles | null {
  if (!existsSync(file)) return null;
  const reader = new HistogramLogReader(readFileSync(file, "utf8"));
  const merged = build({ numberOfSignificantValueDigits: 3, highestTrackableValue: 3_600_000_000 });
  const seconds = readFileSync(file, "utf8").matchAll(/^(?:Tag=[^,]*,)?([\d.]+),([\d.]+),/gm);
  for (const [, start, length] of seconds) {
    const interval = reader.nextIntervalHistogram();
    const startMs = Number(start) * 1000;
    if (interval !== null && startMs >= fromMs && startMs + Number(length) * 1000 <= toMs)
      merged.add(interval as Histogram);
  }
  return quantilesOf(merged);
}

async function measure(
  shared: Pick<Bench, "cores" | "tokens"> & { readonly parent: string },
  streams: number,
  start: (bench: Bench) => Promise<Served>,
): Promise<Row> {
  const bench: Bench = { ...shared, folder: mkdtempSync(join(shared.parent, "row-")), zeroMs: monotonicMs() };
  const served = await start(bench);
  const client = ForkedProcess.start<ToClient, FromClient>({
    name: "client",
    module: entryPoint(import.meta.url, "./world-client"),
    logFile: join(bench.folder, "client.log"),
    cores: bench.cores?.runtime ?? null,
  });
  const { port, path, eventsBeforeFirst } = served;
  const { tokens } = bench;
  const nominalMs = FIRST_TOKEN_MS + (tokens - 1) * GAP_MS;
  await sleep(300);
  const idle = usageOf(served.pid);
  const pace = { firstTokenMs: FIRST_TOKEN_MS, gapMs: GAP_MS, frames: tokens, eventsBeforeFirst };
  client.send({ type: "load", port, path, streams, rampMs: RAMP_MS, pace });
  // The window in which all streams run: behind the ramp, before the first one can end.
  await sleep(RAMP_MS + FIRST_TOKEN_MS + 300);
  const from = usageOf(served.pid);
  await sleep(nominalMs - RAMP_MS - FIRST_TOKEN_MS - 700);
  const to = usageOf(served.pid);
  const seen = await client.next("done", LIMIT_MS);
  await client.stop();
  const writtenLateInAllMs = await served.stop();
  const log = join(bench.folder, "world.hlog");
  const writtenLateMs = latenessBetween(log, from.atMs - bench.zeroMs, to.atMs - bench.zeroMs);

  const framesPerSecond = (streams * (tokens - 1) * 1000) / (seen.totalMs.p50 - seen.firstTokenMs.p50);
  const windowMs = to.atMs - from.atMs;
  return {
    server: served.name,
    streams,
    framesPerSecond,
    writtenLateMs,
    writtenLateInAllMs,
    readLateMs: seen.readLateMs,
    firstTokenMs: seen.firstTokenMs,
    totalOffPercent: (seen.totalMs.p50 / nominalMs - 1) * 100,
    kbPerStream: (to.rssBytes - idle.rssBytes) / 1024 / streams,
    coreSharePercent: ((to.cpuMs - from.cpuMs) / windowMs) * 100,
    usPerFrame: ((to.cpuMs - from.cpuMs) * 1000) / ((framesPerSecond * windowMs) / 1000),
  };
}

const COLUMNS: readonly (readonly [string, (row: Row) => string])[] = [
  ["server", (row) => row.server],
  ["streams", (row) => String(row.streams)],
  ["frames/s", (row) => row.framesPerSecond.toFixed(0)],
  ["written late p50/p99/max ms", (row) => late(row.writtenLateMs)],
  ["with begin and end", (row) => late(row.writtenLateInAllMs)],
  ["read late p50/p99/max ms", (row) => late(row.readLateMs)],
  ["first token p99 ms", (row) => row.firstTokenMs.p99.toFixed(0)],
  ["total off %", (row) => row.totalOffPercent.toFixed(2)],
  ["KB/stream", (row) => row.kbPerStream.toFixed(1)],
  ["core %", (row) => row.coreSharePercent.toFixed(0)],
  ["µs/frame", (row) => row.usPerFrame.toFixed(1)],
];

function late(quantiles: Quantiles | null): string {
  return quantiles === null
    ? "-"
    : [quantiles.p50, quantiles.p99, quantiles.max].map((ms) => ms.toFixed(1)).join(" / ");
}

function table(rows: readonly Row[]): string {
  const lines = [COLUMNS.map(([title]) => title), ...rows.map((row) => COLUMNS.map(([, cell]) => cell(row)))];
  const widths = COLUMNS.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines.map((line) => line.map((cell, column) => cell.padStart(widths[column] ?? 0)).join("  ")).join("\n");
}

function integerFlag(text: string, name: string, least: number, most: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most)
    throw new UsageError(`--${name} must be an integer from ${least} to ${most}, not "${text}".`);
  return value;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      json: { type: "string" },
      streams: { type: "string", default: "2000" },
      seconds: { type: "string", default: "8" },
    },
  });
  const streams = integerFlag(values.streams, "streams", 4, 20_000);
  const seconds = integerFlag(values.seconds, "seconds", 4, 60);
  const folder = mkdtempSync(join(tmpdir(), "agent-derby-bench-"));
  const cores = planCores();
  const tokens = Math.round(((seconds * 1000 - FIRST_TOKEN_MS) * TOKENS_PER_SECOND) / 1000) + 1;
  try {
    const rows: Row[] = [];
    for (const count of [Math.floor(streams / 4), streams])
      for (const start of [startWorldProcess, startAimock])
        rows.push(await measure({ parent: folder, cores, tokens }, count, start));
    console.log(`First token after ${FIRST_TOKEN_MS} ms, then ${TOKENS_PER_SECOND} tokens/s, ${seconds} s.`);
    console.log(cores === null ? "Not pinned." : `Server on core ${cores.harness}, client on core ${cores.runtime}.`);
    console.log(table(rows));
    if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ cores, seconds, rows }, null, 2)}\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

await runBenchCommand(main);
