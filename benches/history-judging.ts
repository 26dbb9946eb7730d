/**
 * Judges and summarizes a stored campaign in this process, and says what it took; started by `history.ts` on one core.
 *
 *     node benches/history-judging.ts FOLDER [--modules]
 *
 * With `--modules` the profiler looks on, which costs a little, and tells the time by module: `context.ts` is what finding gaps
 * took, whichever checker asked.
 */
import { Session } from "node:inspector/promises";
import { judgeFolder } from "../harness/bench.ts";
import { monotonicMs } from "../harness/clock.ts";
import { renderJson } from "../reports/json.ts";

export interface Judging {
  readonly seconds: number;
  /** CPU time of all threads: less than `seconds` where others held the core. */
  readonly cpuSeconds: number;
  readonly peakRssMb: number;
  /** Seconds by module, most first; null without the profiler. */
  readonly modules: readonly (readonly [module: string, seconds: number])[] | null;
}

const MODULES_SHOWN = 16;
const SAMPLE_EVERY_US = 500;

interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
  }[];
  readonly samples?: readonly number[] | undefined;
  readonly timeDeltas?: readonly number[] | undefined;
}

function moduleOf({ functionName, url }: Profile["nodes"][number]["callFrame"]): string {
  const harness = /\/((?:harness|reports)\/.*)$/.exec(url)?.[1];
  return harness ?? (functionName === "(garbage collector)" ? functionName : "Node");
}

function secondsByModule({ nodes, samples = [], timeDeltas = [] }: Profile): [string, number][] {
  const modules = new Map(nodes.map(({ id, callFrame }) => [id, moduleOf(callFrame)]));
  const microseconds = new Map<string, number>();
  samples.forEach((id, index) => {
    const module = modules.get(id) ?? "Node";
    microseconds.set(module, (microseconds.get(module) ?? 0) + (timeDeltas[index] ?? 0));
  });
  const all = [...microseconds].map(([module, us]): [string, number] => [module, us / 1e6]);
  return all.sort((a, b) => b[1] - a[1]).slice(0, MODULES_SHOWN);
}

async function main(folder: string, byModule: boolean): Promise<Judging> {
  const session = new Session();
  if (byModule) {
    session.connect();
    await session.post("Profiler.enable");
    await session.post("Profiler.setSamplingInterval", { interval: SAMPLE_EVERY_US });
    await session.post("Profiler.start");
  }
  const beganMs = monotonicMs();
  const before = process.cpuUsage();
  renderJson(await judgeFolder(folder));
  const seconds = (monotonicMs() - beganMs) / 1000;
  const { user, system } = process.cpuUsage(before);
  const modules = byModule ? secondsByModule((await session.post("Profiler.stop")).profile) : null;
  return { seconds, cpuSeconds: (user + system) / 1e6, peakRssMb: process.resourceUsage().maxRSS / 1024, modules };
}

const [folder = "", flag] = process.argv.slice(2);
console.log(JSON.stringify(await main(folder, flag === "--modules")));
