/** CPU time of a runtime from outside, finer than the 10 ms ticks by which a trial's sampler counts. Linux only. */
import { readdirSync, readFileSync } from "node:fs";
import { UsageError } from "../harness/errors.ts";
import { kernelUnit } from "../harness/probes/proc-sampler.ts";
import { hasProc, processTree, unlessGone } from "../harness/processes/process-table.ts";

/**
 * Adds up the time of all threads below some processes. A thread that ended counts as last seen, so what it did after the reading
 * before its end is missed: read more often than threads come and go.
 */
export class CpuMeter {
  readonly #roots: () => readonly number[];
  /** Milliseconds by "PID/task/TID". */
  readonly #seen = new Map<string, number>();

  /** @param roots asked at every reading */
  constructor(roots: () => readonly number[]) {
    if (!hasProc) throw new UsageError("CPU times are read from /proc, which this system does not have.");
    this.#roots = roots;
  }

  /** Milliseconds of CPU so far; only differences mean anything. A thread that runs this instant lags by up to a scheduler tick. */
  readMs(): number {
    for (const { pid } of processTree(this.#roots()))
      for (const tid of unlessGone(() => readdirSync(`/proc/${pid}/task`)) ?? []) {
        const thread = `${pid}/task/${tid}`;
        const text = unlessGone(() => readFileSync(`/proc/${thread}/schedstat`, "latin1"));
        // Nanoseconds on a core, nanoseconds waiting for one, turns on a core (proc(5)).
        if (text !== undefined) this.#seen.set(thread, Number.parseInt(text, 10) / 1e6);
      }
    return [...this.#seen.values()].reduce((sum, ms) => sum + ms, 0);
  }
}

const tickMs = hasProc ? 1000 / kernelUnit("CLK_TCK") : Number.NaN;

/** Milliseconds in which these cores had nothing to do so far, added up; NaN without any. */
export function idleMs(cores: readonly number[]): number {
  if (cores.length === 0) return Number.NaN;
  const stat = readFileSync("/proc/stat", "latin1");
  const ticks = cores.map((core) => {
    // User, nice, system, idle, waiting for a disk (proc(5)).
    const [, , , idle = 0, waiting = 0] =
      new RegExp(`^cpu${core} (.*)$`, "m").exec(stat)?.[1]?.split(" ").map(Number) ?? [];
    return idle + waiting;
  });
  return ticks.reduce((sum, count) => sum + count, 0) * tickMs;
}
