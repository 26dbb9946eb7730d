/**
 * Who goes first on a core that several of our processes share. What a witness shares its core with (progress, nemeses, compiling
 * in the background) can wait; a stamp cannot.
 *
 * On cores of the harness's own a witness's main thread runs under SCHED_FIFO (sched(7)): raised niceness alone shortens only its wait
 * for the next tick, and others, its own helper threads among them, keep the core for up to 4 ms. Measured on two cores, kill on
 * durable: start lag p99 fell from 6 to 0.8 ms, frame lateness p99 from 6 to 2.2 ms. Threads started later are ordinary again
 * (reset on fork), and the kernel keeps a share of each core for them. Without cores of its own a witness would take those
 * of the runtime, so there niceness has to do, as where the system does not allow real time.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { setPriority } from "node:os";
import type { Scheduling } from "../trial.ts";
import { unlessGone } from "./process-table.ts";

/**
 * The driver goes before the World: it works a tenth as much, and its lag is part of every latency while a late frame is only a late
 * frame. A proxy stands between them: what it passes on has been stamped already.
 */
const RANKS = {
  driver: { realTime: 3, niceness: -15 },
  proxy: { realTime: 2, niceness: -12 },
  world: { realTime: 1, niceness: -10 },
} as const;
export type Rank = keyof typeof RANKS;

/** Raises a process's niceness, or leaves it as it is where that is not allowed. @param niceness -20 (first) to 19 (last) */
export function raise(pid: number, niceness: number): void {
  try {
    setPriority(pid, niceness);
  } catch (error) {
    const { code } = (error as NodeJS.ErrnoException & { info?: { code?: string } }).info ?? {};
    if (code !== "EACCES" && code !== "EPERM" && code !== "ESRCH") throw error;
  }
}

/**
 * Lets a process of ours go first, as far as the system allows; what came of it stands in its health, and the lags show the rest.
 * @param cores of the harness alone, or null where it has none of its own
 */
export function favour(pid: number, rank: Rank, cores: string | null): void {
  const { realTime, niceness } = RANKS[rank];
  raise(pid, niceness);
  if (cores === null) return;
  const options = ["--reset-on-fork", "--fifo", "--pid", String(realTime), String(pid)];
  // Not there, not allowed, or gone already: then niceness is all.
  spawnSync("chrt", options, { stdio: "ignore", timeout: 2000 });
}

/** Whether `favour` can make a process real-time here. */
export function realTimeAllowed(): boolean {
  return spawnSync("chrt", ["--fifo", "1", "true"], { stdio: "ignore", timeout: 2000 }).status === 0;
}

/** Position of figures in /proc/PID/stat after the command's name (proc(5), fields 19 and 41). */
const NICE_AT = 16;
const POLICY_AT = 38;
const REAL_TIME_POLICIES: readonly (string | undefined)[] = ["1", "2"];

/** How this process's main thread is scheduled; null where /proc does not tell. */
export function ownScheduling(): Scheduling | null {
  const stat = unlessGone(() => readFileSync("/proc/self/stat", "latin1"));
  if (stat === undefined) return null;
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (REAL_TIME_POLICIES.includes(fields[POLICY_AT])) return "real-time";
  return Number(fields[NICE_AT]) < 0 ? "raised" : "ordinary";
}
