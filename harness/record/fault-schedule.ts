/**
 * The fault phase: faults fire when the plan's number of turns has been acknowledged, one after the other, each only after
 * the one before has been cured and its backlog is gone, so that every runtime is hit at the same point of its work.
 */
import type { Clock } from "../clock.ts";
import type { TrialEvent } from "../history.ts";
import { FAULT_EXTENSION_MS } from "../plan.ts";
import type { PlannedFault } from "../trial.ts";
import type { Conditions } from "./waiting.ts";

/** A backlog that does not go away is waited for this long; the next fault then falls into it, and the history shows it. */
export const SETTLE_LIMIT_MS = 30_000;

export interface FaultPhase {
  readonly faults: readonly PlannedFault[];
  readonly faultMs: number;
  readonly acknowledged: () => number;
  readonly pending: () => number;
  /** Most turns pending at once during calm. */
  readonly calmPending: number;
  readonly conditions: Conditions;
  readonly clock: Clock;
  readonly write: (event: TrialEvent) => void;
  /** Puts the fault in force and resolves when it is proved; the cure resolves when the runtime is whole again. */
  readonly inject: (fault: PlannedFault) => Promise<{ readonly proof: string; cure(): Promise<void> }>;
  /** Reads an injection failure as a sentence; anything else is our bug and goes on up. */
  readonly whyMissed: (error: unknown) => string | undefined;
}

async function strike(phase: FaultPhase, fault: PlannedFault): Promise<void> {
  const { clock, write } = phase;
  write({ e: "fault", t: clock(), id: fault.id, kind: fault.kind });
  try {
    const { proof, cure } = await phase.inject(fault);
    write({ e: "landed", t: clock(), id: fault.id, proof });
    await cure();
    write({ e: "cured", t: clock(), id: fault.id });
  } catch (error) {
    const why = phase.whyMissed(error);
    if (why === undefined) throw error;
    write({ e: "missed", t: clock(), id: fault.id, why });
  }
}

/** Runs the fault phase to its end: the planned length, or as much longer as the last fault needs, within the extension. */
export async function runFaultPhase(phase: FaultPhase): Promise<void> {
  const { conditions, clock, faults } = phase;
  const endMs = clock() + phase.faultMs;
  const lastMs = endMs + FAULT_EXTENSION_MS;
  let first = true;
  for (const fault of faults) {
    if (!first) {
      const settled = () => phase.pending() <= Math.max(10, phase.calmPending);
      await conditions.until(settled, Math.min(SETTLE_LIMIT_MS, Math.max(0, lastMs - clock())));
    }
    first = false;
    const due = () => phase.acknowledged() >= fault.afterAcknowledged;
    if (await conditions.until(due, Math.max(0, lastMs - clock()))) await strike(phase, fault);
    else {
      const why = `only ${phase.acknowledged()} of ${fault.afterAcknowledged} turns were acknowledged in time`;
      phase.write({ e: "missed", t: clock(), id: fault.id, why });
    }
  }
  await conditions.at(endMs, clock);
}
