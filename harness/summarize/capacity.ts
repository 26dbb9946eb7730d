/** What a campaign shows of the capacities that were measured beside it: those of its own runners, and what it offered of them. Pure. */
import type { CapacityFigures, CapacitySummary } from "../capacity.ts";
import { offeredLoads } from "../plan/capacity-load.ts";
import type { TrialPlan } from "../trial.ts";

/** Nothing where no runner of the campaign was measured. */
export function capacityOf(
  figures: CapacityFigures | null,
  trials: readonly TrialPlan[],
): { readonly capacity?: CapacitySummary } {
  const runners = (figures?.runners ?? []).filter(({ runner }) => trials.some((trial) => trial.runner === runner));
  if (figures === null || runners.length === 0) return {};
  return { capacity: { machine: figures.machine, runners, offered: offeredLoads(trials, runners) } };
}
