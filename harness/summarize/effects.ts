/** What the effect ledger says, tools that know keys apart from those that do not. */
import type { HistoryIndex } from "../checkers/history-index.ts";
import { type LogicalCall, logicalCallsOf } from "../checkers/logical-calls.ts";
import type { EffectCount, TrialSummary } from "../summary.ts";
import type { TrialPlan } from "../trial.ts";

type Counting = { -readonly [Count in keyof EffectCount]: number };

/** Counts logical calls; those of acknowledged turns that were never applied are missing. */
export function effectsOf(plan: TrialPlan, index: HistoryIndex): TrialSummary["effects"] {
  const nothing = (): Counting => ({ logicalCalls: 0, applied: 0, doubled: 0, missing: 0 });
  const counts: Record<LogicalCall["kind"], Counting> = { keyed: nothing(), plain: nothing() };
  for (const { turns } of index.sessions)
    for (const turn of turns)
      for (const { kind, applied } of logicalCallsOf(plan, turn)) {
        const count = counts[kind];
        count.logicalCalls += 1;
        count.applied += applied;
        if (applied > 1) count.doubled += 1;
        if (applied === 0 && turn.acknowledged !== null) count.missing += 1;
      }
  return counts;
}
