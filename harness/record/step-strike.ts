/** A step fault: strikes when its cohort stands at its step, and lets the cohort go once it is proved to have landed. */
import type { PlannedFault } from "../trial.ts";
import { type FaultPhase, isSettled, strike } from "./fault-schedule.ts";
import type { SteppedFault } from "./step-stage.ts";

/** Members are waited for so long once the first of them stands at the step. */
export const GATHER_MS = 5_000;
/** A runtime may be so much slower than its script until the first member stands there. */
export const REACH_SLACK_MS = 10_000;
/** With fewer of its members there, the fault does not strike: it would hit everybody elsewhere. */
const LEAST_SHARE = 0.5;

export const isStepped = (fault: PlannedFault): fault is SteppedFault => fault.atStep !== undefined;

/** @param lastMs trial time after which nothing strikes any more */
export async function strikeAtStep(phase: FaultPhase, fault: SteppedFault, lastMs: number): Promise<void> {
  const { stage, conditions, clock, write } = phase;
  const { id } = fault;
  const { at, members, turn, reachedMs } = fault.atStep;
  const within = (ms: number): number => Math.max(0, Math.min(ms, lastMs - clock()));
  await stage.call(fault);
  try {
    await conditions.until(() => stage.standing(fault) > 0, within(reachedMs + REACH_SLACK_MS));
    // All of them, and the backlog of the fault before gone; but nobody is kept waiting for longer than that for it.
    const ready = (): boolean => {
      const there = stage.standing(fault);
      return there >= members.length && isSettled(phase, there);
    };
    if (stage.standing(fault) > 0) await conditions.until(ready, within(GATHER_MS));
    const standing = stage.standing(fault);
    if (standing < members.length * LEAST_SHARE) {
      const why = `only ${standing} of ${members.length} sessions stood in turn ${turn} at "${at}" in time`;
      write({ e: "missed", t: clock(), id, why });
      return;
    }
    const held = stage.held(fault);
    write({ e: "exposed", t: clock(), id, at, members: members.length, standing, ...(held && { held }) });
    await stage.brink(fault);
    await strike(phase, fault, () => stage.release(fault));
  } finally {
    await stage.release(fault);
  }
}
