/**
 * Logical calls: what the script demands of a turn, and how often the effect of each call was applied, whichever purchase
 * asked for it.
 */
import type { Cohort } from "../scenario.ts";
import type { TrialPlan } from "../trial.ts";
import { type ResolvedTurn, resolveTurn, type TurnInput } from "../world/script.ts";
import type { TurnRecord, WorldSeen } from "./history-index.ts";

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

type ScriptedCall = Pick<LogicalCall, "step" | "call" | "kind">;

function inputOf(plan: TrialPlan, turn: TurnRecord): TurnInput | null {
  const cohort = plan.definition.cohorts[turn.cohort];
  if (cohort === undefined) return null;
  const { seed, memoryMb } = plan;
  // An opening turn is the same short script as a proof turn; it only comes at the other end of the trial.
  const kind = turn.enabled?.event.kind === undefined ? "ordinary" : "proof";
  return { seed, cohort, memoryMb, session: turn.session, turn: turn.number, kind };
}

/** What the model does in this turn; null for a session that is not in the plan. */
export function scriptOf(plan: TrialPlan, turn: TurnRecord): ResolvedTurn | null {
  const input = inputOf(plan, turn);
  return input === null ? null : resolveTurn(input);
}

/** By cohort, then by the name of the turn script. */
const scripted = new WeakMap<Cohort, Map<string, readonly ScriptedCall[]>>();

/** The calls with an effect that the script of a turn has. Sessions differ in what is drawn, which calls are not. */
function scriptedCalls(input: TurnInput): readonly ScriptedCall[] {
  const { cohort, turn, kind } = input;
  const own = "default" in cohort.script && cohort.script[`turn${turn}`] !== undefined;
  const name = kind === "proof" ? kind : own ? `turn${turn}` : "default";
  const known = scripted.get(cohort) ?? new Map<string, readonly ScriptedCall[]>();
  scripted.set(cohort, known);
  let calls = known.get(name);
  if (calls === undefined) {
    calls = resolveTurn(input).steps.flatMap(({ calls: ofStep }, index) =>
      ofStep.flatMap(({ effect }, call) => (effect === null ? [] : { step: index + 1, call, kind: effect })),
    );
    known.set(name, calls);
  }
  return calls;
}

/** The effects of a turn that were applied, call by call, in the order in which each call's first one was. */
export function appliedByCall({ effects }: TurnRecord): WorldSeen<"effect">[][] {
  const calls: WorldSeen<"effect">[][] = [];
  for (const effect of effects) {
    const { k, c, result } = effect.event;
    if (result !== "applied") continue;
    const call = calls.find(([first]) => first?.event.k === k && first.event.c === c);
    if (call === undefined) calls.push([effect]);
    else call.push(effect);
  }
  return calls;
}

/** Every call of the turn that was asked for; of an acknowledged turn every call of its script, asked for or not. */
export function logicalCallsOf(plan: TrialPlan, turn: TurnRecord): LogicalCall[] {
  const input = turn.acknowledged === null ? null : inputOf(plan, turn);
  const calls: LogicalCall[] =
    input === null
      ? []
      : scriptedCalls(input).map(({ step, call, kind }) => ({ step, call, kind, applied: 0, at: null }));
  for (const { at, event } of turn.effects) {
    let call = calls.find((one) => one.step === event.k && one.call === event.c);
    if (call === undefined) {
      call = { step: event.k, call: event.c, kind: event.kind, applied: 0, at: null };
      calls.push(call);
    }
    if (event.result !== "applied") continue;
    call.applied += 1;
    call.at = at;
  }
  return calls;
}
