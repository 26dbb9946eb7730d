/** Pairs of trials: the same scenario, block and seed on both sides. Only valid trials make pairs; void ones are counted. */
import { lagResolutionMs } from "../summarize/figures.ts";
import type { RunnerResult, ScenarioSummary, TrialSummary } from "../summary.ts";
import type { TrialCount } from "./comparison.ts";

export interface Pair {
  readonly a: TrialSummary;
  readonly b: TrialSummary;
}

/** Sides whose faults hit so much more or fewer pending turns have not met the same thing. */
export const EXPOSURE_IMBALANCE_MOST = 0.2;

const isValid = ({ validity }: TrialSummary): boolean => validity.verdict === "valid";

export function validOf(result: RunnerResult): readonly TrialSummary[] {
  return result.trials.filter(isValid);
}

export function pairsOf(a: RunnerResult, b: RunnerResult): Pair[] {
  const others = new Map(validOf(b).map((trial) => [trial.block, trial]));
  return validOf(a).flatMap((trial) => {
    const other = others.get(trial.block);
    return other === undefined ? [] : [{ a: trial, b: other }];
  });
}

export function countOf({ trials }: RunnerResult): TrialCount {
  const isVoid = ({ validity }: TrialSummary): boolean =>
    validity.verdict === "void" || validity.verdict === "failed isolation";
  return { trials: trials.length, valid: trials.filter(isValid).length, void: trials.filter(isVoid).length };
}

/** The finest difference in time that a pair can show. */
export function pairResolutionMs({ a, b }: Pair): number {
  return Math.max(lagResolutionMs(a), lagResolutionMs(b));
}

/** Turns pending when the faults of a trial fell, on average; null where no fault landed. */
function pendingAtFaults({ timeline }: TrialSummary): number | null {
  const pending = timeline.faults.flatMap(({ atS }) => timeline.pending[Math.floor(atS)] ?? []);
  return pending.length === 0 ? null : pending.reduce((sum, turns) => sum + turns, 0) / pending.length;
}

/** A sentence when the faults met clearly more pending turns on one side; no pair is dropped for it. */
export function exposureImbalance(pairs: readonly Pair[]): string | null {
  const both = pairs.flatMap(({ a, b }) => {
    const [pendingA, pendingB] = [pendingAtFaults(a), pendingAtFaults(b)];
    return pendingA === null || pendingB === null ? [] : [[pendingA, pendingB] as const];
  });
  if (both.length === 0) return null;
  const a = both.reduce((sum, [pending]) => sum + pending, 0) / both.length;
  const b = both.reduce((sum, [, pending]) => sum + pending, 0) / both.length;
  if (Math.abs(a - b) <= EXPOSURE_IMBALANCE_MOST * Math.min(a, b) + 1e-9) return null;
  return `The faults met ${a.toFixed(0)} pending turns of a and ${b.toFixed(0)} of b on average: the sides were not hit alike.`;
}

/** A sentence when one side had no core to spare: its times are those of a queue. */
export function saturation(pairs: readonly Pair[]): string | null {
  const sides = [
    ...(pairs.some(({ a }) => a.validity.saturated) ? ["a"] : []),
    ...(pairs.some(({ b }) => b.validity.saturated) ? ["b"] : []),
  ];
  return sides.length === 0
    ? null
    : `The runtime of ${sides.join(" and of ")} was saturated in calm: its times are not ranked.`;
}

/** A sentence when the same scenario does not mean the same load on both sides. */
export function unequalWork(a: ScenarioSummary, b: ScenarioSummary, pairs: readonly Pair[]): string | null {
  if (JSON.stringify([a.faults, a.headlineCohorts]) !== JSON.stringify([b.faults, b.headlineCohorts]))
    return "The scenario has other faults or cohorts on the other side.";
  const other = pairs.find((pair) => JSON.stringify(pair.a.load) !== JSON.stringify(pair.b.load));
  if (other === undefined) return null;
  return `The load is not the same: ${other.a.load.liveSessions} live sessions and ${other.a.load.turnsPerSecond} turns/s against ${other.b.load.liveSessions} and ${other.b.load.turnsPerSecond}.`;
}
