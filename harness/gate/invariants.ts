/** Damage that a policy may limit, counted over trials. Null of one trial: it cannot be counted there. */
import type { TrialSummary } from "../summary.ts";

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);

export const INVARIANTS: Readonly<Record<string, (trial: TrialSummary) => number | null>> = {
  "acknowledged turns lost": ({ memory }) => memory.lostByRead,
  "acknowledged turns forgotten": ({ memory }) => memory.forgotten,
  "keyed effects doubled": ({ effects }) => effects.keyed.doubled,
  "plain effects doubled": ({ effects }) => effects.plain.doubled,
  "sessions stuck": ({ recovery }) => sum(recovery.map(({ never }) => never)),
  "completions bought twice, avoidable": ({ economy }) => economy.avoidable.calls,
};
