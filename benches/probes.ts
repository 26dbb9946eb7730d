/**
 * What the probes see and what they cost: stalls made by SIGSTOP at seeded random instants against stalls found by the heartbeat,
 * false finds in a stretch without stalls, and CPU time of the observer inside, of reading the heartbeat, and of the sampler.
 *
 *     node benches/probes.ts [--json FILE] [--stalls 300] [--seconds 60] [--seed 1] [--rates 1000,100]
 *
 * A plain HTTP server takes requests at a steady rate; each rate has a stretch of its own, and the last one stays while stalls are made.
 * At 1000 a second the server is woken less often than a runtime in a default campaign (thousands of frames a second); at 100 it mostly
 * sleeps, and each beat pays for waking it, which on some virtual machines is dearer than all the rest. The observer's price is the CPU time by which an observed server exceeds one
 * that is left alone and takes the same load on the same core at the same time. A silence during which the kernel kept the
 * server waiting for its core (schedstat) is a true one, made by somebody else on this machine, and is counted apart.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { monotonicMs } from "../harness/clock.ts";
import { ProcSampler } from "../harness/probes/proc-sampler.ts";
import {
  type Agreement,
  agreementOf,
  askServer,
  makeStalls,
  type ObservedServer,
  type Span,
  startServer,
} from "../harness/probes/testing/observed-server.ts";
import { pinProcess, planCores } from "../harness/processes/cores.ts";
import { raise } from "../harness/processes/priority.ts";
import { round } from "../harness/statistics/round.ts";

const SAMPLE_EVERY_MS = 100;
/** Before anything is measured: what begins is slow. */
const SETTLE_MS = 3000;
const SHOWN_MOST = 10;
/** The servers go before everybody else on their core, where that is allowed, so that others on this machine make fewer silences. */
const NICENESS = -20;

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** CPU time of all threads of a process in milliseconds, to the nanosecond (proc(5), schedstat). */
function cpuMs(pid: number): number {
  return readdirSync(`/proc/${pid}/task`).reduce((sum, thread) => {
    const [ns = "0"] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "latin1").split(" ", 1);
    return sum + Number(ns) / 1e6;
  }, 0);
}

/**
 * Requests to both servers until stopped; one that is frozen answers late, and that is none of our business. They are asked in turn
 * first: whoever is, pays for a core that slept and for caches that somebody else has filled.
 */
function load(servers: readonly [ObservedServer, ObservedServer], perSecond: number): () => void {
  let order = servers;
  const timer = setInterval(() => {
    order = [order[1], order[0]];
    for (const { port } of order) askServer(port).catch(() => undefined);
  }, 1000 / perSecond);
  return () => clearInterval(timer);
}

/** Percent of a core. */
interface Price {
  readonly reader: number;
  readonly sampler: number;
  readonly observer: number;
}

/** How long the server had waited for its core by an instant, in milliseconds. */
interface Wait {
  readonly atMs: number;
  readonly waitMs: number;
}

/** A stretch without stalls: what the probes cost, and how the kernel kept the server waiting. */
async function calmStretch(
  observed: ObservedServer,
  alone: ObservedServer,
  seconds: number,
): Promise<{ price: Price; waits: Wait[] }> {
  const waits: Wait[] = [];
  const sampler = ProcSampler.create({ app: () => [observed.child.pid], store: () => [] });
  const spent = { reader: 0, sampler: 0 };
  const timed = <T>(who: keyof typeof spent, work: () => T): T => {
    const before = process.threadCpuUsage();
    const result = work();
    const { user, system } = process.threadCpuUsage(before);
    spent[who] += (user + system) / 1000;
    return result;
  };
  const timer = setInterval(() => {
    timed("reader", () => observed.observation?.look());
    const sample = timed("sampler", () => sampler?.sample());
    waits.push({ atMs: monotonicMs(), waitMs: sample?.app?.waitMs ?? 0 });
  }, SAMPLE_EVERY_MS);
  const pids = [observed.child.pid, alone.child.pid];
  const before = pids.map(cpuMs);
  const fromMs = monotonicMs();
  await pause(seconds * 1000);
  const lengthMs = monotonicMs() - fromMs;
  const [watched = 0, unwatched = 0] = pids.map((pid, at) => cpuMs(pid) - (before[at] ?? 0));
  clearInterval(timer);
  sampler?.close();
  const percent = (ms: number): number => round((ms * 100) / lengthMs, 2);
  const price = {
    reader: percent(spent.reader),
    sampler: percent(spent.sampler),
    observer: percent(watched - unwatched),
  };
  return { price, waits };
}

/** Whether most of a silence can have been a wait for the core: then the server was silent, and the probe right. */
function wasKeptWaiting({ fromMs, toMs }: Span, waits: readonly Wait[]): boolean {
  const before = waits.findLast(({ atMs }) => atMs <= fromMs);
  const after = waits.find(({ atMs }) => atMs >= toMs);
  return before !== undefined && after !== undefined && after.waitMs - before.waitMs >= (toMs - fromMs) / 2;
}

function spread(errors: readonly number[]): string {
  const sorted = [...errors].sort((a, b) => a - b);
  const at = (quantile: number): number => round(sorted[Math.floor((sorted.length - 1) * quantile)] ?? Number.NaN, 1);
  return `p1 ${at(0.01)}, median ${at(0.5)}, p99 ${at(0.99)} ms`;
}

function priceLine({ rate, price }: { rate: number; price: Price }): string {
  const total = round(price.reader + price.sampler + price.observer, 2);
  return `price, % of a core    at ${rate} requests/s: reader ${price.reader}, sampler ${price.sampler}, observer ${price.observer}: ${total}`;
}

function print(
  agreement: Agreement,
  falsePerMinute: number,
  prices: readonly { readonly rate: number; readonly price: Price }[],
  seconds: number,
): void {
  const { made, found } = agreement;
  console.log(`stalls made           ${made}, of 20 to 200 ms`);
  console.log(`stalls found          ${found} (${round((found * 100) / made, 1)} %)`);
  for (const { fromMs, toMs } of agreement.missed) console.log(`  missed: one of ${round(toMs - fromMs, 1)} ms`);
  console.log(`false finds           ${round(falsePerMinute, 2)} per minute in ${round(seconds, 0)} s without stalls`);
  console.log(`found but not made    ${agreement.unmade.length} while stalls were made`);
  console.log(`error of the start    ${spread(agreement.startErrorsMs)}`);
  console.log(`error of the length   ${spread(agreement.lengthErrorsMs)}`);
  for (const one of prices) console.log(priceLine(one));
}

interface Calm {
  readonly fromMs: number;
  readonly toMs: number;
  readonly prices: readonly { readonly rate: number; readonly price: Price }[];
  readonly waits: readonly Wait[];
}

/** One stretch after the other, each at its own rate; `under` starts a load and ends the one before. */
async function calmStretches(
  observed: ObservedServer,
  alone: ObservedServer,
  rates: readonly number[],
  seconds: number,
  under: (rate: number) => void,
): Promise<Calm> {
  const prices: Calm["prices"][number][] = [];
  const waits: Wait[] = [];
  let fromMs = Number.POSITIVE_INFINITY;
  for (const rate of rates) {
    under(rate);
    await pause(SETTLE_MS);
    fromMs = Math.min(fromMs, monotonicMs());
    const stretch = await calmStretch(observed, alone, seconds);
    prices.push({ rate, price: stretch.price });
    waits.push(...stretch.waits);
  }
  return { fromMs, toMs: monotonicMs(), prices, waits };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      json: { type: "string" },
      stalls: { type: "string", default: "300" },
      seconds: { type: "string", default: "60" },
      seed: { type: "string", default: "1" },
      rates: { type: "string", default: "1000,100" },
    },
  });
  const [stalls, seconds, seed] = [Number(values.stalls), Number(values.seconds), Number(values.seed)];
  const rates = values.rates.split(",").map(Number);
  const cores = planCores();
  if (cores !== null) pinProcess(cores.harness);
  const folder = mkdtempSync(join(tmpdir(), "agent-derby-bench-"));
  const folders = ["observed-server", "server"].map((name) => join(folder, name));
  for (const path of folders) mkdirSync(path);
  const observed = await startServer(folders[0] ?? folder, cores, true);
  const alone = await startServer(folders[1] ?? folder, cores, false);
  for (const { child } of [observed, alone]) raise(child.pid, NICENESS);
  let stopLoad = (): void => undefined;
  const under = (rate: number): void => {
    stopLoad();
    stopLoad = load([observed, alone], rate);
  };
  try {
    const calm = await calmStretches(observed, alone, rates, seconds, under);
    const made = await makeStalls(observed, seed, stalls);
    stopLoad();
    observed.observation?.stop();
    const events = observed.observation?.events(0) ?? [];
    const within = events.filter(({ t }) => t >= calm.fromMs && t < calm.toMs);
    const found = agreementOf([], within).unmade;
    const falseFinds = found.filter((silence) => !wasKeptWaiting(silence, calm.waits));
    const agreement = agreementOf(
      made,
      events.filter(({ t }) => t >= calm.toMs),
    );
    const calmSeconds = (calm.toMs - calm.fromMs) / 1000;
    const falsePerMinute = (falseFinds.length * 60) / calmSeconds;
    print(agreement, falsePerMinute, calm.prices, calmSeconds);
    for (const { fromMs, toMs } of falseFinds.slice(0, SHOWN_MOST))
      console.log(`  false: ${round(toMs - fromMs, 1)} ms`);
    console.log(
      `kept waiting          ${found.length - falseFinds.length} silences in which the server waited for its core`,
    );
    const result = { cores, stalls, seconds, seed, agreement, found, falseFinds, falsePerMinute, prices: calm.prices };
    if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(result, null, 2)}\n`);
  } finally {
    stopLoad();
    await observed.end();
    await alone.end();
    rmSync(folder, { recursive: true });
  }
}

await main();
