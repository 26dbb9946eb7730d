/** Damage on both sides, as sums over trials. */
import type { TrialSummary } from "../summary.ts";
import type { CountComparison } from "./comparison.ts";

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

const COUNTS: readonly (readonly [count: string, of: (trial: TrialSummary) => number | null])[] = [
  ["conversations forgotten", ({ memory }) => memory.sessionsForgotten],
  ["acknowledged turns forgotten", ({ memory }) => memory.forgotten],
  ["acknowledged turns lost, by read", ({ memory }) => memory.lostByRead],
  ["effects doubled, keyed", ({ effects }) => effects.keyed.doubled],
  ["effects doubled, plain", ({ effects }) => effects.plain.doubled],
  ["completions bought twice, avoidable", ({ economy }) => economy.avoidable.calls],
  [
    "sessions hit that did not recover",
    ({ recovery }) => sumOf(recovery.map(({ amnesiac, never }) => amnesiac + never)),
  ],
];

function totalOf(trials: readonly TrialSummary[], of: (trial: TrialSummary) => number | null): number | null {
  const values = trials.flatMap((trial) => of(trial) ?? []);
  return values.length === 0 ? null : sumOf(values);
}

export function countsOf(a: readonly TrialSummary[], b: readonly TrialSummary[]): CountComparison[] {
  return COUNTS.map(([count, of]) => ({ count, a: totalOf(a, of), b: totalOf(b, of) }));
}
