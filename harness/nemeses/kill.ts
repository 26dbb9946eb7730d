/**
 * kill: ends all processes of a role, by default with SIGKILL; `with.signal` names another, for example SIGTERM, which an
 * orchestrator would send first. They stay down for `restartAfterMs`, then their supervisor starts them again.
 */
import { UsageError, unknownName } from "../errors.ts";
import { endTrees } from "../processes/end-trees.ts";
import type { ProcessIdentity } from "../processes/process-table.ts";
import type { PlannedFault } from "../trial.ts";
import type { Landed, Nemesis, ProcessTarget } from "./nemesis.ts";
import { living, named, rootsOf, since } from "./victims.ts";

/** Signals whose business is to end a process. */
const SIGNALS: readonly NodeJS.Signals[] = ["SIGKILL", "SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGABRT", "SIGSEGV"];

function signalOf(fault: PlannedFault): NodeJS.Signals {
  const name = String(fault.with.signal ?? "SIGKILL");
  const signal = SIGNALS.find((known) => known === name);
  if (signal === undefined) throw new UsageError(unknownName("signal", name, SIGNALS));
  return signal;
}

export const kill = {
  about: "all processes of a role die at once; their supervisor starts them again after `restartAfterMs`",
  provedBy: "none of them is left in the process table",
  settings: { signal: { about: "the signal they get", default: "SIGKILL", oneOf: SIGNALS } },
  async inject(runtime: ProcessTarget, fault: PlannedFault): Promise<Landed> {
    const signal = signalOf(fault);
    const roots = rootsOf(runtime, fault.role);
    const began = performance.now();
    runtime.hold(fault.role);
    let victims: ProcessIdentity[];
    try {
      victims = living(await endTrees(roots, signal), fault.role);
    } catch (error) {
      await runtime.release(fault.role);
      throw error;
    }
    const landed = performance.now();
    const verb = victims.length === 1 ? "is" : "are";
    return {
      proof: `${signal} to role ${fault.role}: ${named(victims)} ${verb} gone from the process table ${(landed - began).toFixed(1)} ms later.`,
      async cure() {
        await since(landed, fault.restartAfterMs);
        await runtime.release(fault.role);
      },
    };
  },
} satisfies Nemesis;
