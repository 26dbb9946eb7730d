/**
 * Damage that a policy may limit, counted over trials. Null of one trial: it cannot be counted there, or there was nothing to which it
 * could have happened. A 0 that could not have been more is no 0.
 */
import type { TrialSummary } from "../summary.ts";

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);

const among = (chances: number, happened: number | null): number | null => (chances === 0 ? null : happened);

export const INVARIANTS: Readonly<Record<string, (trial: TrialSummary) => number | null>> = {
  "acknowledged turns lost": ({ memory }) => among(memory.acknowledged, memory.lostByRead),
  "acknowledged turns forgotten": ({ memory }) => among(memory.acknowledged, memory.forgotten),
  "keyed effects doubled": ({ effects: { keyed } }) => among(keyed.logicalCalls, keyed.doubled),
  "plain effects doubled": ({ effects: { plain } }) => among(plain.logicalCalls, plain.doubled),
  "sessions stuck": ({ recovery }) =>
    among(sum(recovery.map(({ touched }) => touched)), sum(recovery.map(({ never }) => never))),
  "completions bought twice, avoidable": ({ economy: { bought, avoidable } }) => among(bought.calls, avoidable.calls),
};
