/** What the effect ledger says, tools that know keys apart from those that do not. */
import type { HistoryIndex } from "../checkers/history-index.ts";
import { type LogicalCall, logicalCallsOf } from "../checkers/logical-calls.ts";
import type { EffectCount, TrialSummary } from "../summary.ts";
import type { TrialPlan } from "../trial.ts";

/** Counts logical calls; those of acknowledged turns that were never applied are missing. */
export function effectsOf(plan: TrialPlan, index: HistoryIndex): TrialSummary["effects"] {
  const calls = index.sessions.flatMap(({ turns }) =>
    turns.flatMap((turn) =>
      logicalCallsOf(plan, turn).map((call) => ({ ...call, acknowledged: turn.acknowledged !== null })),
    ),
  );
  const countOf = (kind: LogicalCall["kind"]): EffectCount => {
    const own = calls.filter((call) => call.kind === kind);
    return {
      logicalCalls: own.length,
      applied: own.reduce((sum, { applied }) => sum + applied, 0),
      doubled: own.filter(({ applied }) => applied > 1).length,
      missing: own.filter(({ applied, acknowledged }) => acknowledged && applied === 0).length,
    };
  };
  return { keyed: countOf("keyed"), plain: countOf("plain") };
}
