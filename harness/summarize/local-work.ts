/** What each runner of a scenario of equal time was asked for. */
import type { LocalWorkOfRunner } from "../summary.ts";
import type { TrialPlan } from "../trial.ts";

/** @param planned trials of one scenario; nothing where the work is the same for all */
export function localWorkOf(planned: readonly TrialPlan[]): { readonly localWork?: readonly LocalWorkOfRunner[] } {
  const work = new Map(planned.flatMap(({ runner, localWork }) => (localWork ? [[runner, localWork] as const] : [])));
  const runners = [...work].sort(([a], [b]) => (a < b ? -1 : 1));
  return runners.length === 0 ? {} : { localWork: runners.map(([runner, calls]) => ({ runner, calls })) };
}
