/**
 * Logical calls: what the script demands of a turn, and how often the effect of each call was applied, whichever purchase
 * asked for it.
 */
import type { TrialPlan } from "../trial.ts";
import { type ResolvedTurn, resolveTurn } from "../world/script.ts";
import type { TurnRecord } from "./history-index.ts";

/** One call of a remote tool, counted whatever the purchase. */
export interface LogicalCall {
  readonly step: number;
  /** Index of the call within the step, from 0. */
  readonly call: number;
  readonly kind: "keyed" | "plain";
  /** How often the ledger applied it. */
  applied: number;
  /** Line of the World's history with the last application; null if there was none. */
  at: number | null;
}

/** What the model does in this turn; null for a session that is not in the plan. */
export function scriptOf(plan: TrialPlan, turn: TurnRecord): ResolvedTurn | null {
  const cohort = plan.definition.cohorts[turn.cohort];
  if (cohort === undefined) return null;
  const { seed, memoryMb } = plan;
  // An opening turn is the same short script as a proof turn; it only comes at the other end of the trial.
  const kind = turn.enabled?.event.kind === undefined ? "ordinary" : "proof";
  return resolveTurn({ seed, cohort, memoryMb, session: turn.session, turn: turn.number, kind });
}

/** Every call of the turn that was asked for; of an acknowledged turn every call of its script, asked for or not. */
export function logicalCallsOf(plan: TrialPlan, turn: TurnRecord): LogicalCall[] {
  const calls = new Map<string, LogicalCall>();
  const callOf = (step: number, call: number, kind: "keyed" | "plain"): LogicalCall => {
    const key = `${step}.${call}`;
    const known = calls.get(key) ?? { step, call, kind, applied: 0, at: null };
    calls.set(key, known);
    return known;
  };
  if (turn.acknowledged !== null)
    scriptOf(plan, turn)?.steps.forEach(({ calls: scripted }, index) => {
      scripted.forEach(({ effect }, call) => {
        if (effect !== null) callOf(index + 1, call, effect);
      });
    });
  for (const { at, event } of turn.effects) {
    const call = callOf(event.k, event.c, event.kind);
    if (event.result !== "applied") continue;
    call.applied += 1;
    call.at = at;
  }
  return [...calls.values()];
}
