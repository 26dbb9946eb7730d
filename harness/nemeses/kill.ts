/**
 * kill: ends all processes of a role, by default with SIGKILL; `with.signal` names another, for example SIGTERM, which an
 * orchestrator would send first. They stay down for `restartAfterMs`, then their supervisor starts them again.
 */
import { setTimeout as delay } from "node:timers/promises";
import { TrialError, UsageError, unknownName } from "../errors.ts";
import { isAlive, type ProcessIdentity, processTree, signalIfAlive } from "../processes/process-table.ts";
import type { PlannedFault } from "../trial.ts";
import type { FaultTarget, Landed, Nemesis } from "./nemesis.ts";

/** SIGKILL takes effect at once; a signal that asks may be followed by draining. */
const KILLED_WITHIN_MS = 5000;
const ENDED_WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 2;

/** Signals whose business is to end a process. */
const SIGNALS: readonly NodeJS.Signals[] = ["SIGKILL", "SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGABRT", "SIGSEGV"];

function signalOf(fault: PlannedFault): NodeJS.Signals {
  const name = String(fault.with.signal ?? "SIGKILL");
  const signal = SIGNALS.find((known) => known === name);
  if (signal === undefined) throw new UsageError(unknownName("signal", name, SIGNALS));
  return signal;
}

/**
 * Signals until nothing of the trees lives. SIGKILL goes to every process; any other to the roots alone, which are to end their
 * children themselves, as under an orchestrator.
 */
async function endTrees(roots: readonly number[], signal: NodeJS.Signals): Promise<ProcessIdentity[]> {
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

export const kill: Nemesis = {
  async inject(runtime: FaultTarget, fault: PlannedFault): Promise<Landed> {
    const signal = signalOf(fault);
    const roots = runtime.pids(fault.role);
    if (roots.length === 0) throw new TrialError(`No process of role "${fault.role}" is running.`);
    const began = performance.now();
    runtime.hold(fault.role);
    let victims: ProcessIdentity[];
    try {
      victims = await endTrees(roots, signal);
    } catch (error) {
      await runtime.release(fault.role);
      throw error;
    }
    const landed = performance.now();
    const count = victims.length === 1 ? "the process is" : `all ${victims.length} processes are`;
    return {
      proof: `${signal} to role ${fault.role}: ${count} gone from the process table ${(landed - began).toFixed(1)} ms later.`,
      async cure() {
        await delay(Math.max(0, fault.restartAfterMs - (performance.now() - landed)));
        await runtime.release(fault.role);
      },
    };
  },
};
