/** Ends whole trees of processes by a signal and says who died, for faults that must prove it. */
import { setTimeout as delay } from "node:timers/promises";
import { TrialError } from "../errors.ts";
import { isAlive, type ProcessIdentity, processTree, signalIfAlive } from "./process-table.ts";

/** SIGKILL takes effect at once; a signal that asks may be followed by draining. */
const KILLED_WITHIN_MS = 5000;
const ENDED_WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 2;

/**
 * Signals until nothing of the trees lives. SIGKILL goes to every process; any other to the roots alone, which are to end their
 * children themselves, as under an orchestrator.
 * @returns whoever died of it
 * @throws TrialError when something outlives the signal by 5 s (SIGKILL) or 30 s
 */
export async function endTrees(roots: readonly number[], signal: NodeJS.Signals): Promise<ProcessIdentity[]> {
  const everything = signal === "SIGKILL";
  const limitMs = everything ? KILLED_WITHIN_MS : ENDED_WITHIN_MS;
  const deadline = performance.now() + limitMs;
  let alive: ProcessIdentity[] = processTree(roots);
  const victims = new Map(alive.map((row) => [`${row.pid} ${row.startTime}`, row]));
  if (!everything) for (const victim of alive) if (roots.includes(victim.pid)) signalIfAlive(victim, signal);
  if (everything) for (const victim of victims.values()) signalIfAlive(victim, signal);
  while (alive.length > 0) {
    if (performance.now() > deadline)
      throw new TrialError(`${alive.length} processes outlived ${signal} by ${limitMs / 1000} s.`);
    await delay(LOOK_EVERY_MS);
    alive = [...victims.values()].filter(isAlive);
    if (alive.length > 0) continue;
    // One more look through all of /proc, at the end only (it takes milliseconds of the core that witnesses share): a child may
    // have been born between the first look and the signal.
    for (const row of processTree([...victims.values()].map(({ pid }) => pid))) {
      victims.set(`${row.pid} ${row.startTime}`, row);
      if (everything) signalIfAlive(row, signal);
    }
    alive = [...victims.values()].filter(isAlive);
  }
  return [...victims.values()];
}

/** What became of trees that were asked to end. */
export interface Drained {
  readonly ended: readonly ProcessIdentity[];
  /** How many of them had to be killed when the grace was over. */
  readonly killed: number;
}

/**
 * What an orchestrator does: SIGTERM to the roots, and SIGKILL to whatever is left of their trees when the grace is over.
 * @throws TrialError when something outlives SIGKILL by 5 s
 */
export async function drainTrees(roots: readonly number[], graceMs: number): Promise<Drained> {
  const deadline = performance.now() + graceMs;
  const members = processTree(roots);
  for (const row of members) if (roots.includes(row.pid)) signalIfAlive(row, "SIGTERM");
  while (performance.now() < deadline && members.some(isAlive)) await delay(LOOK_EVERY_MS);
  // Whoever lives is the root of what is left; its parents may be gone.
  const left = members.filter(isAlive).map(({ pid }) => pid);
  const killed = left.length === 0 ? [] : await endTrees(left, "SIGKILL");
  const names = new Set(killed.map(({ pid, startTime }) => `${pid} ${startTime}`));
  return {
    ended: [...members.filter(({ pid, startTime }) => !names.has(`${pid} ${startTime}`)), ...killed],
    killed: killed.length,
  };
}
