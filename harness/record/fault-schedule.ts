/**
 * The fault phase: faults fire when the plan's number of turns has been acknowledged or a cohort stands at its step, one after the
 * other, each only after the one before has been cured and its backlog is gone, so that every runtime is hit at the same point of
 * its work. Those that fire by the clock wait for the one before as well.
 */
import type { Clock } from "../clock.ts";
import type { TrialEvent } from "../history.ts";
import { FAULT_EXTENSION_MS } from "../plan.ts";
import type { PlannedFault } from "../trial.ts";
import type { StepStage } from "./step-stage.ts";
import { isStepped, strikeAtStep } from "./step-strike.ts";
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
  /** Where step faults hold their cohorts. */
  readonly stage: Pick<StepStage, "call" | "standing" | "held" | "brink" | "release">;
  readonly clock: Clock;
  readonly write: (event: TrialEvent) => void;
  /** Puts the fault in force and resolves when it is proved; the cure resolves when the runtime is whole again. */
  readonly inject: (fault: PlannedFault) => Promise<{ readonly proof: string; cure(): Promise<void> }>;
  /** Reads an injection failure as a sentence; anything else is our bug and goes on up. */
  readonly whyMissed: (error: unknown) => string | undefined;
}

/**
 * Most pending turns of a load without a backlog. How many there are varies about as in a Poisson process, and the most of a short
 * calm is soon passed by chance: two standard deviations are allowed beyond it.
 */
const settledLevel = (calmPending: number): number => Math.max(10, calmPending + 2 * Math.sqrt(calmPending));

/** Whether the backlog of the fault before is gone. @param held pending turns that are kept from going on, and are none of it */
export const isSettled = ({ pending, calmPending }: FaultPhase, held = 0): boolean =>
  pending() - held <= settledLevel(calmPending);

/** Puts a fault in force and cures it. @param landed called between the two */
export async function strike(
  phase: FaultPhase,
  fault: PlannedFault,
  landed: () => Promise<void> = async () => undefined,
): Promise<void> {
  const { clock, write } = phase;
  write({ e: "fault", t: clock(), id: fault.id, kind: fault.kind });
  try {
    const { proof, cure } = await phase.inject(fault);
    write({ e: "landed", t: clock(), id: fault.id, proof });
    await landed();
    await cure();
    write({ e: "cured", t: clock(), id: fault.id });
  } catch (error) {
    const why = phase.whyMissed(error);
    if (why === undefined) throw error;
    write({ e: "missed", t: clock(), id: fault.id, why });
  }
}

/** Waits until a fault is due, and strikes; a fault that is never due is missed. @param lastMs trial time after which nothing strikes any more */
async function strikeWhenDue(phase: FaultPhase, fault: PlannedFault, beginMs: number, lastMs: number): Promise<void> {
  const { conditions, clock } = phase;
  const { afterAcknowledged = 0, clockMs } = fault;
  if (clockMs !== undefined) await conditions.at(Math.min(beginMs + clockMs, lastMs), clock);
  const due = () => phase.acknowledged() >= afterAcknowledged;
  if (await conditions.until(due, Math.max(0, lastMs - clock()))) await strike(phase, fault);
  else {
    const why = `only ${phase.acknowledged()} of ${afterAcknowledged} turns were acknowledged in time`;
    phase.write({ e: "missed", t: clock(), id: fault.id, why });
  }
}

/** Runs the fault phase to its end: the planned length, or as much longer as the last fault needs, within the extension. */
export async function runFaultPhase(phase: FaultPhase): Promise<void> {
  const { conditions, clock, faults } = phase;
  const beginMs = clock();
  const endMs = beginMs + phase.faultMs;
  const lastMs = endMs + FAULT_EXTENSION_MS;
  let first = true;
  for (const fault of faults) {
    // A cohort makes its way to its step while the backlog goes.
    if (isStepped(fault)) await strikeAtStep(phase, fault, lastMs);
    else {
      const limitMs = Math.min(SETTLE_LIMIT_MS, Math.max(0, lastMs - clock()));
      if (!first) await conditions.until(() => isSettled(phase), limitMs);
      await strikeWhenDue(phase, fault, beginMs, lastMs);
    }
    first = false;
  }
  await conditions.at(endMs, clock);
}
