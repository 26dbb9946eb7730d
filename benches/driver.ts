/**
 * How heavy the driver is: memory per live session and per turn in flight, share of a core, and how late it starts what is due.
 *
 *     node benches/driver.ts [--json FILE] [--sessions 10000] [--seconds 20]
 *
 * The driver runs in its own process on one core, as in a trial, and a trivial server on the other. Figures of the load are
 * taken after the sessions have arrived, from /proc and from the driver's own history.
 */
import { fork } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { monotonicMs } from "../harness/clock.ts";
import { CONTRACT_MAPPING } from "../harness/driver/mapping.ts";
import type { DriverSettings, FromDriver, ToDriver } from "../harness/driver/protocol.ts";
import { TrialError } from "../harness/errors.ts";
import type { DriverEvent } from "../harness/history.ts";
import { readEvents } from "../harness/history-file.ts";
import { longestDelayMs } from "../harness/probes/process-health.ts";
import { type CorePlan, planCores } from "../harness/processes/cores.ts";
import { entryPoint } from "../harness/processes/entry.ts";
import { ForkedProcess } from "../harness/processes/fork.ts";
import { readProcess } from "../harness/processes/process-table.ts";
import { randomOf } from "../harness/random.ts";
import type { PlannedSession } from "../harness/trial.ts";
import { wholeNumber } from "./command.ts";

/** Milliseconds between two turns of a session. */
const THINK_MS = 24_000;
const TURN_MS = 1000;
const TICK_MS = 10;
/** Between the last arrival and the first figure: the rush of first turns must be over. */
const SETTLE_MS = 1500;
const LIMIT_MS = 30_000;

/** One measured load. */
interface Load {
  readonly name: string;
  readonly sessions: number;
  /** How long the backend takes for a turn. */
  readonly turnMs: number;
  readonly arriveWithinMs: number;
  readonly lengthMs: number;
}

interface Measured {
  readonly load: string;
  readonly liveSessions: number;
  readonly inFlight: number;
  readonly turnsPerSecond: number;
  readonly rssMb: number;
  /** The whole process, shared among its sessions. */
  readonly rssKbPerSession: number;
  /** What the load added after the settings had been read. */
  readonly addedKbPerSession: number;
  readonly coreSharePercent: number;
  readonly startLagMs: { readonly p50: number; readonly p99: number; readonly p999: number; readonly max: number };
  readonly loopDelayMaxMs: number;
}

/** The backend: every turn is answered after the milliseconds that its path begins with. */
function serve(): void {
  const body = JSON.stringify({ output: "fine" });
  const server = createServer((request, response) => {
    request.resume();
    const delayMs = Number(request.url?.split("/")[1]);
    setTimeout(() => {
      response.writeHead(200, { "content-type": "application/json", "content-length": body.length }).end(body);
    }, delayMs);
  });
  server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
  process.on("disconnect", () => process.exit());
}

/** Starts the backend in a process of its own; it ends with this one. */
function startBackend(cores: CorePlan | null): Promise<{ url: string; stop(): void }> {
  const pinned = cores === null ? {} : { execPath: "taskset", execArgv: ["-c", cores.runtime, process.execPath] };
  const child = fork(fileURLToPath(import.meta.url), ["--serve"], { execArgv: [], ...pinned });
  return new Promise((resolve, reject) => {
    child.once("message", (port) => resolve({ url: `http://127.0.0.1:${port}`, stop: () => child.disconnect() }));
    child.once("error", reject);
    child.once("exit", (code) => reject(new TrialError(`The bench's backend ended with code ${code}.`)));
  });
}

function planned(load: Load): PlannedSession[] {
  const random = randomOf(1, "bench", load.name);
  return Array.from({ length: load.sessions }, (_, index) => ({
    id: `s${index.toString(36)}`,
    cohort: "users",
    arriveMs: Math.round((index / load.sessions) * load.arriveWithinMs),
    turns: 20,
    // The first pause is any part of a whole one, so that the turns spread evenly.
    thinkMs: Array.from({ length: 19 }, (_, turn) => Math.round(turn === 0 ? random() * THINK_MS : THINK_MS)),
  }));
}

function settingsOf(load: Load, url: string, folder: string): DriverSettings {
  const client = { retry: "eager", timeoutMs: 300_000, deadlineMs: 300_000 } as const;
  const nothing = {
    sessions: load.sessions,
    turns: 20,
    thinkMs: { dist: "constant", value: THINK_MS },
    script: [],
  } as const;
  return {
    type: "settings",
    seed: 1,
    scenario: { cohorts: { users: { ...nothing, client } } },
    sessions: planned(load),
    mapping: CONTRACT_MAPPING,
    baseUrl: `${url}/${load.turnMs}`,
    zeroMs: monotonicMs(),
    historyFile: join(folder, "driver.ndjson"),
    histogramFile: join(folder, "driver.hlog"),
    proofsPerSecond: 100,
  };
}

function residentKb(pid: number): number {
  return Number(/^VmRSS:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1]);
}

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** Runs one load on a fresh driver process. */
async function measure(load: Load, url: string, cores: CorePlan | null): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), "agent-derby-bench-"));
  const driver = ForkedProcess.start<ToDriver, FromDriver>({
    name: "driver",
    module: entryPoint(import.meta.url, "../harness/driver/main"),
    logFile: join(folder, "driver.log"),
    cores: cores?.harness ?? null,
  });
  try {
    let progress: Extract<FromDriver, { type: "progress" }> | null = null;
    driver.onMessage((message) => {
      if (message.type === "progress") progress = message;
    });
    const settings = settingsOf(load, url, folder);
    driver.send(settings);
    await driver.next("prepared", LIMIT_MS);
    const residentAtStartKb = residentKb(driver.pid);
    const beginMs = monotonicMs() - settings.zeroMs;
    driver.send({ type: "begin", atMs: beginMs });
    await pause(load.arriveWithinMs + SETTLE_MS);
    const from = { atMs: monotonicMs() - settings.zeroMs, ticks: readProcess(driver.pid)?.cpuTicks ?? 0 };
    await pause(load.lengthMs);
    const to = { atMs: monotonicMs() - settings.zeroMs, ticks: readProcess(driver.pid)?.cpuTicks ?? 0 };
    const residentAtEndKb = residentKb(driver.pid);
    driver.send({ type: "stop" });
    const { health } = await driver.next("stopped", LIMIT_MS);
    if (progress === null) throw new TrialError("The driver said nothing of its progress.");
    const { live, pending } = progress as Extract<FromDriver, { type: "progress" }>;
    const windowMs = to.atMs - from.atMs;
    const events = readEvents<DriverEvent>(settings.historyFile).filter((event) => event.t >= from.atMs);
    return {
      load: load.name,
      liveSessions: live,
      inFlight: pending,
      turnsPerSecond: round((events.filter((event) => event.e === "ok").length * 1000) / windowMs),
      rssMb: round(residentAtEndKb / 1024),
      rssKbPerSession: round(residentAtEndKb / load.sessions),
      addedKbPerSession: round((residentAtEndKb - residentAtStartKb) / load.sessions),
      coreSharePercent: round(((to.ticks - from.ticks) * TICK_MS * 100) / windowMs),
      startLagMs: startLag(events),
      loopDelayMaxMs: round(longestDelayMs(health)),
    };
  } finally {
    await driver.stop();
    rmSync(folder, { recursive: true });
  }
}

/** First attempt minus due time of every turn, from the history. */
function startLag(events: readonly DriverEvent[]): Measured["startLagMs"] {
  const due = new Map<string, number>();
  const lags: number[] = [];
  for (const event of events) {
    if (event.e === "enabled") due.set(`${event.s}/${event.n}`, event.t);
    const dueMs = event.e === "invoke" && event.a === 1 ? due.get(`${event.s}/${event.n}`) : undefined;
    if (dueMs !== undefined) lags.push(event.t - dueMs);
  }
  lags.sort((a, b) => a - b);
  const at = (quantile: number): number => round(lags[Math.ceil(lags.length * quantile) - 1] ?? Number.NaN);
  return { p50: at(0.5), p99: at(0.99), p999: at(0.999), max: at(1) };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function print(results: readonly Measured[]): void {
  const columns = "load,live,in flight,turns/s,RSS MB,KB/session,added KB,core %,lag p50,p99,p99.9,max ms".split(",");
  const rows = results.map(({ startLagMs: lag, ...of }) =>
    [
      of.load,
      of.liveSessions,
      of.inFlight,
      of.turnsPerSecond,
      of.rssMb,
      of.rssKbPerSession,
      of.addedKbPerSession,
      of.coreSharePercent,
    ]
      .concat([lag.p50, lag.p99, lag.p999, lag.max])
      .map((value) => (typeof value === "number" && Number.isNaN(value) ? "-" : String(value))),
  );
  const widths = columns.map((name, at) => Math.max(name.length, ...rows.map((row) => row[at]?.length ?? 0)));
  for (const row of [columns, ...rows]) console.log(row.map((cell, at) => cell.padStart(widths[at] ?? 0)).join("  "));
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      json: { type: "string" },
      sessions: { type: "string", default: "10000" },
      seconds: { type: "string", default: "20" },
      serve: { type: "boolean" },
    },
  });
  if (values.serve) {
    serve();
    return;
  }
  const sessions = wholeNumber("sessions", values.sessions);
  const lengthMs = wholeNumber("seconds", values.seconds) * 1000;
  const cores = planCores();
  const loads: Load[] = [
    { name: "many live", sessions, turnMs: TURN_MS, arriveWithinMs: 6000, lengthMs },
    { name: "as in a trial", sessions: 2000, turnMs: TURN_MS, arriveWithinMs: 2000, lengthMs },
    // Nothing is answered before the end, so that all turns are in flight at once.
    { name: "all in flight", sessions: 2000, turnMs: 120_000, arriveWithinMs: 2000, lengthMs: 3000 },
  ];
  const backend = await startBackend(cores);
  const results: Measured[] = [];
  for (const load of loads) results.push(await measure(load, backend.url, cores));
  backend.stop();
  print(results);
  const kb = results[0]?.rssKbPerSession ?? Number.NaN;
  console.log(
    `\n${sessions} live sessions in one process: ${kb} KB each, ${kb <= 32 ? "within" : "over"} the bar of 32 KB.`,
  );
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ cores, results }, null, 2)}\n`);
}

await main();
