/**
 * What the machine did to the harness and to the runtime: busy and stolen time of their cores, time in which anybody waited for CPU,
 * memory or disk. All figures are counters of the kernel that only grow; whoever wants a rate takes differences.
 */
import { readFileSync } from "node:fs";
import { round } from "../statistics/round.ts";
import type { CoreTime, Pressure } from "../trial.ts";

/**
 * Adds up the lines "cpuN user nice system idle iowait irq softirq steal …" of /proc/stat (proc(5)).
 * @param cores null: all of them
 */
export function parseCoreTime(stat: string, cores: readonly number[] | null, tickMs: number): CoreTime {
  let busy = 0;
  let steal = 0;
  for (const line of stat.split("\n")) {
    const core = /^cpu(\d+) /.exec(line)?.[1];
    if (core === undefined || (cores !== null && !cores.includes(Number(core)))) continue;
    const [, user = 0, nice = 0, system = 0, , , , , stolen = 0] = line.split(/\s+/).map(Number);
    busy += user + nice + system;
    steal += stolen;
  }
  return { busyMs: busy * tickMs, stealMs: steal * tickMs };
}

/** The `total` of the line "some avg10=… avg60=… avg300=… total=<µs>", in milliseconds; null where there is no such line. */
export function parsePressure(text: string): number | null {
  const total = /^some .*\btotal=(\d+)/m.exec(text)?.[1];
  return total === undefined ? null : round(Number(total) / 1000, 3);
}

/** A file of the kernel that not every kernel has, or lets everybody read; a kernel with pressure switched off has it and refuses. */
function readOptional(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

/** Times of several sets of cores at one instant, in their order; undefined where there is no /proc/stat. */
export function readCoreTimes(sets: readonly (readonly number[] | null)[], tickMs: number): CoreTime[] | undefined {
  const stat = readOptional("/proc/stat");
  // Behind the lines of the cores stands one that counts interrupts and is longer than all of them.
  const cores = stat.slice(0, stat.indexOf("\nintr"));
  return stat === "" ? undefined : sets.map((set) => parseCoreTime(cores, set, tickMs));
}

/** Pressure now, or null where the kernel does not tell. */
export function readPressure(): Pressure | null {
  const [cpuMs, memoryMs, ioMs] = ["cpu", "memory", "io"].map((what) =>
    parsePressure(readOptional(`/proc/pressure/${what}`)),
  );
  return cpuMs == null || memoryMs == null || ioMs == null ? null : { cpuMs, memoryMs, ioMs };
}
