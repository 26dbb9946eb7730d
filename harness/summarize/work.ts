/**
 * What a runtime did in a stretch of a trial, counted by the witnesses, and the CPU time it took: what the budget of a turn is made of.
 * The stretch is calm and fault phase, or calm alone where a process ended in the fault phase: starting anew is no part of a turn.
 */
import { type CostlyTool, isCostly, toolUnits } from "../budget/parts.ts";
import type { HistoryIndex, TurnRecord } from "../checkers/history-index.ts";
import { scriptOf } from "../checkers/logical-calls.ts";
import { spanOf } from "../checkers/trial-facts.ts";
import type { TrialEvent } from "../history.ts";
import { round } from "../statistics/round.ts";
import type { TrialPlan } from "../trial.ts";

export interface TrialWork {
  /** Length of the stretch. */
  readonly seconds: number;
  /** Turns acknowledged. */
  readonly turns: number;
  /** Sessions whose first turn was acknowledged. */
  readonly sessions: number;
  readonly modelCalls: number;
  /** Pieces of text that the model sent. */
  readonly frames: number;
  /** Pieces of text that clients read along. */
  readonly tokensOut: number;
  /** Bodies of model requests. */
  readonly conversationKb: number;
  /** Requests to remote tools. */
  readonly toolCalls: number;
  /** Calls of tools that the runtime does itself. */
  readonly localCalls: number;
  /** Their work, in the units of `budget/parts.ts`. */
  readonly localUnits: Readonly<Partial<Record<CostlyTool, number>>>;
  /** Null where the system does not tell. */
  readonly appCpuMs: number | null;
  readonly storeCpuMs: number | null;
}

type Counts = {
  -readonly [Name in Exclude<keyof TrialWork, "seconds" | "appCpuMs" | "storeCpuMs" | "localUnits">]: number;
};
type Inside = (at: { readonly event: { readonly t: number } } | null) => boolean;

function addTurn(
  counts: Counts,
  units: Map<CostlyTool, number>,
  turn: TurnRecord,
  plan: TrialPlan,
  inside: Inside,
): void {
  if (inside(turn.acknowledged)) {
    counts.turns++;
    counts.tokensOut += turn.acknowledged?.event.stream?.tokens ?? 0;
    if (turn.number === 1) counts.sessions++;
  }
  for (const ask of turn.asks) {
    if (!inside(ask)) continue;
    counts.modelCalls++;
    counts.conversationKb += ask.event.bytes / 1024;
  }
  for (const { said } of turn.purchases) if (said !== null && inside(said)) counts.frames += said.event.tokens;
  counts.toolCalls += turn.tools.filter(({ asked }) => inside(asked)).length;
  for (const local of turn.locals) {
    if (!inside(local)) continue;
    counts.localCalls++;
    const { tool, k, c } = local.event;
    const call = isCostly(tool) ? scriptOf(plan, turn)?.steps[k - 1]?.calls[c] : undefined;
    if (isCostly(tool) && call !== undefined) units.set(tool, (units.get(tool) ?? 0) + toolUnits(tool, call.arguments));
  }
}

/** From the beginning of calm to the end of the fault phase, or of calm. */
function stretchOf(index: HistoryIndex): { readonly fromMs: number; readonly toMs: number } | null {
  const [calm, fault] = [spanOf(index.phases, "calm"), spanOf(index.phases, "fault")];
  if (calm === null) return null;
  const ended = fault !== null && index.exitsMs.some((ms) => ms >= calm.fromMs && ms < fault.toMs);
  return { fromMs: calm.fromMs, toMs: fault === null || ended ? calm.toMs : fault.toMs };
}

/** Null where the trial never came to calm, or too few samples say how long it took. */
export function workOf(plan: TrialPlan, index: HistoryIndex, trial: readonly TrialEvent[]): TrialWork | null {
  const stretch = stretchOf(index);
  if (stretch === null) return null;
  const samples = trial
    .filter((event) => event.e === "sample")
    .filter(({ t }) => t >= stretch.fromMs && t < stretch.toMs);
  const [first, last] = [samples[0], samples.at(-1)];
  const { fromMs, toMs } = first === undefined || last === undefined ? stretch : { fromMs: first.t, toMs: last.t };
  if (toMs <= fromMs) return null;
  const none = { turns: 0, sessions: 0, modelCalls: 0, frames: 0, tokensOut: 0 };
  const counts = { ...none, conversationKb: 0, toolCalls: 0, localCalls: 0 };
  const units = new Map<CostlyTool, number>();
  const inside: Inside = (at) => at !== null && at.event.t > fromMs && at.event.t <= toMs;
  for (const { turns } of index.sessions) for (const turn of turns) addTurn(counts, units, turn, plan, inside);
  const since = (of: "appCpuMs" | "storeCpuMs"): number | null =>
    first === undefined || last === undefined ? null : round(last[of] - first[of], 1);
  return {
    seconds: round((toMs - fromMs) / 1000, 3),
    ...counts,
    conversationKb: round(counts.conversationKb, 1),
    localUnits: Object.fromEntries([...units].sort().map(([tool, sum]) => [tool, round(sum, 3)])),
    appCpuMs: since("appCpuMs"),
    storeCpuMs: since("storeCpuMs"),
  };
}
