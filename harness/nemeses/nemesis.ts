/**
 * Nemesis: puts one fault in force, proves that it landed, hands back its cure. The trial decides when, and runs every cure on
 * every way out. Faults that the World or the script puts in force have no nemesis.
 */
import { UsageError, unknownName } from "../errors.ts";
import type { Role } from "../scenario.ts";
import type { PlannedFault } from "../trial.ts";
import { kill } from "./kill.ts";

/** What a nemesis may do to a runtime; `RuntimeProcesses` is one. */
export interface FaultTarget {
  /** pids of the running processes of a role, as their supervisor knows them; their children are found in /proc. */
  pids(role: Role): readonly number[];
  /** From now on dead processes of the role stay down, and their deaths count as ours. */
  hold(role: Role): void;
  /** Starts what is down. Resolves when it is ready, or cannot become so within its limit: that is the runtime's affair. */
  release(role: Role): Promise<void>;
}

/** A fault in force. */
export interface Landed {
  /** A sentence that says how it is known that the fault landed. */
  readonly proof: string;
  /** Takes the fault back; waits for `restartAfterMs` where the fault says so. */
  cure(): Promise<void>;
}

export interface Nemesis {
  /** Resolves when the fault is proved to be in force. @throws TrialError when it cannot be: the fault was missed, nothing stays behind */
  inject(target: FaultTarget, fault: PlannedFault): Promise<Landed>;
}

/** All nemeses by the kind that scenarios name. */
export const NEMESES: Readonly<Record<string, Nemesis>> = { kill };

/** @throws UsageError that lists what exists */
export function nemesisOf(kind: string): Nemesis {
  const nemesis = Object.hasOwn(NEMESES, kind) ? NEMESES[kind] : undefined;
  if (nemesis === undefined) throw new UsageError(unknownName("fault kind", kind, Object.keys(NEMESES)));
  return nemesis;
}
