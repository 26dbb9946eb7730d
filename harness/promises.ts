/**
 * Promises: what a runner may vow, and what decides whether it kept it. The rows, one per promise, stand in `promises/rows.ts`.
 * A verdict against a runner that never vowed the thing is a fact in the tables, not a broken promise.
 */
import { PROMISES, type WeighedTrial } from "./promises/rows.ts";
import type { Promises } from "./runner.ts";
import type { PromiseSummary } from "./summary.ts";

export { PROMISES, type WeighedTrial } from "./promises/rows.ts";

function conclude(name: keyof Promises, vowed: Promises, trials: readonly WeighedTrial[]) {
  const row = PROMISES[name];
  const weights = trials.flatMap((trial) => {
    const weight = row.weigh(trial, vowed);
    return weight === null ? [] : [{ ...weight, id: trial.summary.id }];
  });
  const exposures = weights.reduce((sum, weight) => sum + weight.exposures, 0);
  const failures = weights.reduce((sum, weight) => sum + weight.failures, 0);
  const [one, many] = row.unit;
  const chances = `${exposures} ${exposures === 1 ? one : many}`;
  const found = { exposures, trials: weights.map(({ id }) => id) };
  const failed = weights.find((weight) => weight.failures > 0);
  if (failed !== undefined && failures > row.tolerance * exposures)
    return {
      ...found,
      state: "broken" as const,
      says: `Broken${exposures === 0 ? "" : ` in ${chances}`}. ${failed.says}`,
    };
  if (exposures < row.least) {
    const open = weights.find((weight) => weight.exposures === 0 && weight.says !== "")?.says;
    const few = exposures === 0 ? "" : ` Only ${chances}; ${row.least} are needed.`;
    return { ...found, state: "untested" as const, says: `${open ?? row.untested}${few}` };
  }
  const leftOpen = row.leftOpen?.(vowed, trials) ?? null;
  if (leftOpen !== null) return { ...found, state: "untested" as const, says: `Kept in ${chances}; ${leftOpen}.` };
  return { ...found, state: "kept" as const, says: `Kept in ${chances}.` };
}

/** What became of every promise of one runner. @param trials its valid trials; void ones say nothing */
export function promiseSummaries(runner: string, vowed: Promises, trials: readonly WeighedTrial[]): PromiseSummary[] {
  return (Object.keys(PROMISES) as (keyof Promises)[]).map((promise) => {
    const value = vowed[promise];
    if (value === undefined || value === false) {
      const says = `Not offered: ${PROMISES[promise].about}.`;
      return { runner, promise, vowed: null, state: "not offered", exposures: 0, says, trials: [] };
    }
    return { runner, promise, vowed: String(value), ...conclude(promise, vowed, trials) };
  });
}
