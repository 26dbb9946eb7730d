/** Stops whole trees of processes and lets them go on, and says that it is so: every thread is looked at, since one alone could act. */
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { TrialError } from "../errors.ts";
import {
  hasProc,
  isAlive,
  type ProcessIdentity,
  processTree,
  readProcess,
  signalIfAlive,
  unlessGone,
} from "./process-table.ts";

/** A thread in the middle of a disk access stops when that is over. */
const STOPPED_WITHIN_MS = 5000;
const LOOK_EVERY_MS = 2;

/** The state letters of all threads of a process, each once; empty when it is gone. */
export function threadStates(pid: number): string[] {
  if (!hasProc) return [readProcess(pid)?.state ?? []].flat();
  const threads = unlessGone(() => readdirSync(`/proc/${pid}/task`)) ?? [];
  const lines = threads.flatMap(
    (thread) => unlessGone(() => readFileSync(`/proc/${pid}/task/${thread}/stat`, "latin1")) ?? [],
  );
  return [...new Set(lines.map((line) => line.slice(line.lastIndexOf(")") + 2, line.lastIndexOf(")") + 3)))];
}

/** Whether the process is stopped: T in every thread that lives. A dead one is not. */
export function isStopped(process: ProcessIdentity): boolean {
  if (!isAlive(process)) return false;
  const states = threadStates(process.pid).filter((state) => state !== "Z" && state !== "X");
  return states.length > 0 && states.every((state) => state === "T");
}

/**
 * SIGSTOP to the roots and everything below them.
 * @returns everybody who stands still now
 * @throws TrialError when somebody does not within 5 s, or nobody is there; then all go on again
 */
export async function freezeTrees(roots: readonly number[]): Promise<ProcessIdentity[]> {
  const deadline = performance.now() + STOPPED_WITHIN_MS;
  const stopped = new Map<string, ProcessIdentity>();
  const frozen = (): ProcessIdentity[] => [...stopped.values()].filter(isAlive);
  for (;;) {
    // The tree is read again until nobody is new: a child may be born while its parent is being stopped.
    const fresh = processTree(roots).filter(({ pid, startTime }) => !stopped.has(`${pid} ${startTime}`));
    for (const row of fresh) {
      signalIfAlive(row, "SIGSTOP");
      stopped.set(`${row.pid} ${row.startTime}`, row);
    }
    const moving = frozen().filter((process) => !isStopped(process));
    if (fresh.length === 0 && moving.length === 0) break;
    if (performance.now() > deadline) {
      await thaw(frozen());
      throw new TrialError(`${moving.length} processes had not stopped ${STOPPED_WITHIN_MS / 1000} s after SIGSTOP.`);
    }
    await delay(LOOK_EVERY_MS);
  }
  if (frozen().length === 0) throw new TrialError("There was no process to stop.");
  return frozen();
}

/**
 * SIGCONT to processes. Resolves when none that lives stands still.
 * @throws TrialError when one does 5 s later
 */
export async function thaw(frozen: readonly ProcessIdentity[]): Promise<void> {
  const deadline = performance.now() + STOPPED_WITHIN_MS;
  for (const process of frozen) signalIfAlive(process, "SIGCONT");
  while (frozen.some(isStopped)) {
    if (performance.now() > deadline)
      throw new TrialError(`A process stood still ${STOPPED_WITHIN_MS / 1000} s after SIGCONT.`);
    await delay(LOOK_EVERY_MS);
  }
}
