/**
 * Stretches of a load on one runtime: what it got done, how long turns took, and who used the cores meanwhile.
 *
 * "core full": the runtime's core was idle for less than 5 % of the time, and runtime and database had it for themselves. "core
 * shared": others took more than 10 % of it, or filled the other core, so the rate says little. "load-bound": client and model took
 * more than 80 % of theirs, so the runtime may be able to do more. "not full": it waited for something else, for a disk or for
 * more sessions.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { CapacityVerdict } from "../harness/capacity.ts";
import { monotonicMs } from "../harness/clock.ts";
import { round } from "../harness/statistics/round.ts";
import { nearestRank } from "../harness/statistics/tail-quantiles.ts";
import type { BenchSite, Contestant } from "./contestant.ts";
import { CpuMeter, idleMs } from "./cpu-time.ts";
import type { Load } from "./turn-load.ts";

/** Of a closed loop before anything counts: its sessions begin all at once. */
const RAMP_MS = 500;
const FULL_BELOW_IDLE_PERCENT = 5;
const SHARED_PERCENT = 10;
const LOAD_BOUND_PERCENT = 80;

/** What was used so far; only differences mean anything. Milliseconds. */
export interface Used {
  readonly atMs: number;
  readonly appMs: number;
  readonly storeMs: number;
  readonly loadMs: number;
  /** Of the runtime's core. */
  readonly idleMs: number;
  /** Of the cores of client and model. */
  readonly loadIdleMs: number;
}

/** One stretch of time. Percent of a core. */
export interface Stretch {
  readonly load: string;
  readonly turns: number;
  readonly turnsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly appPercent: number;
  readonly storePercent: number;
  /** Whoever else is on the runtime's core; NaN where nothing is pinned. */
  readonly othersPercent: number;
  readonly loadPercent: number;
  /** CPU of the runtime without its database; at a light load without what it uses while nothing is asked of it. */
  readonly appMsPerTurn: number;
  readonly storeMsPerTurn: number;
  readonly verdict: CapacityVerdict;
}

export class Stretches {
  readonly #app: CpuMeter;
  readonly #store: CpuMeter;
  readonly #site: BenchSite;

  constructor({ appPids, storePids }: Contestant, site: BenchSite) {
    this.#app = new CpuMeter(appPids);
    this.#store = new CpuMeter(storePids);
    this.#site = site;
  }

  read(): Used {
    const { user, system } = process.cpuUsage();
    const { runtimeCore, ownCores } = this.#site;
    return {
      appMs: this.#app.readMs(),
      storeMs: this.#store.readMs(),
      loadMs: (user + system) / 1000,
      idleMs: idleMs(runtimeCore),
      loadIdleMs: idleMs(ownCores),
      atMs: monotonicMs(),
    };
  }

  /** @param tookMs of the turns that ended in it @param rest what is used without any turn, and is not counted as theirs */
  since(from: Used, load: string, tookMs: readonly number[], rest?: Stretch): Stretch {
    const to = this.read();
    const lengthMs = to.atMs - from.atMs;
    const percent = (part: keyof Used): number => ((to[part] - from[part]) * 100) / lengthMs;
    const [app, store, harness, idle] = [percent("appMs"), percent("storeMs"), percent("loadMs"), percent("idleMs")];
    const perTurn = (ofPercent: number): number => round((ofPercent * lengthMs) / 100 / tookMs.length, 3);
    const sorted = Float64Array.from(tookMs).sort();
    const others = Math.max(0, 100 - app - store - idle);
    return {
      load,
      turns: tookMs.length,
      turnsPerSecond: round((tookMs.length * 1000) / lengthMs, 1),
      p50Ms: round(nearestRank(sorted, 0.5), 2),
      p99Ms: round(nearestRank(sorted, 0.99), 2),
      appPercent: round(app, 1),
      storePercent: round(store, 1),
      othersPercent: round(others, 1),
      loadPercent: round(harness, 1),
      appMsPerTurn: perTurn(app - (rest?.appPercent ?? 0)),
      storeMsPerTurn: perTurn(store - (rest?.storePercent ?? 0)),
      verdict: verdictOf(harness, percent("loadIdleMs"), others, Number.isNaN(idle) ? 100 - app - store : idle),
    };
  }
}

/** What held the rate down. Percent of a core; NaN where nothing is pinned. */
function verdictOf(load: number, loadIdle: number, others: number, idle: number): CapacityVerdict {
  if (load > LOAD_BOUND_PERCENT) return "load-bound";
  if (others > SHARED_PERCENT || loadIdle < FULL_BELOW_IDLE_PERCENT) return "core shared";
  return idle < FULL_BELOW_IDLE_PERCENT ? "core full" : "not full";
}

/** Lets a load ramp up, then takes a stretch of it, and ends it. */
export async function stretchOf(
  load: Load,
  site: BenchSite,
  lengthMs: number,
  measure: { readonly begin: () => Used; readonly end: (from: Used, tookMs: readonly number[]) => Stretch },
): Promise<Stretch> {
  const pause = (ms: number): Promise<unknown> =>
    Promise.race([delay(ms, undefined, { signal: site.signal }), load.done]);
  try {
    await pause(RAMP_MS);
    load.tookMs.length = 0;
    const from = measure.begin();
    await pause(lengthMs);
    return measure.end(from, load.tookMs);
  } finally {
    load.stop();
    await load.done;
  }
}
