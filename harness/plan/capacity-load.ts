/**
 * Loads as shares of capacity: how many sessions offer a runner so many percent of what it can do, and what a planned load is of it.
 * Pure. A share counts completions, each as one light turn of the probe; see `capacity.ts` for what that leaves out.
 */
import { type Knee, type OfferedLoad, percentOfCapacity, type RunnerCapacity } from "../capacity.ts";
import { UsageError } from "../errors.ts";
import type { Runner } from "../runner.ts";
import type { CampaignPlan, ShareOfCapacity, TrialPlan } from "../trial.ts";
import { completionsPerSecond } from "./load.ts";

/** A runner whose capacity is known. */
export interface KnownCapacity {
  readonly runner: string;
  readonly knee: Knee;
}

/**
 * The capacities of all these runners.
 * @throws UsageError naming those that nobody has measured, or of whom no step counted, with the command that measures them
 */
export function requireCapacities(
  runners: readonly Runner[],
  capacityOf: (runner: Runner) => RunnerCapacity | null,
): KnownCapacity[] {
  const known: KnownCapacity[] = [];
  const problems: string[] = [];
  for (const runner of runners) {
    const capacity = capacityOf(runner);
    if (capacity?.knee) known.push({ runner: runner.name, knee: capacity.knee });
    else problems.push(runner.name);
  }
  if (problems.length > 0)
    throw new UsageError(
      `--load needs the capacity of each runner as it now stands, on this machine; nobody has measured ${problems.join(", ")}. In a clone: npm run bench:capacity -- ${problems.join(" ")}`,
    );
  return known;
}

/** What is wanted: a share of the capacity of the weakest among these runners. */
export interface WantedShare {
  readonly percent: number;
  readonly known: readonly KnownCapacity[];
  readonly among: readonly Runner[];
}

/**
 * The sessions that offer the weakest runner its share, to the nearest whole number; null where no runner takes part.
 * @param anySessions a size at which the rate is looked at @param rateOf completions per second of so many sessions, which grow with them
 * @throws UsageError where not even one session is so little
 */
export function shareOfCapacity(
  scenario: string,
  { percent, known, among }: WantedShare,
  anySessions: number,
  rateOf: (sessions: number) => number,
): ShareOfCapacity | null {
  const capacities = known.filter(({ runner }) => among.some(({ name }) => name === runner));
  const [first] = capacities;
  if (first === undefined) return null;
  const weakest = capacities.reduce((a, b) => (b.knee.capacityPerSecond < a.knee.capacityPerSecond ? b : a), first);
  const { capacityPerSecond, bound } = weakest.knee;
  const sessions = Math.round((((percent / 100) * capacityPerSecond) / rateOf(anySessions)) * anySessions);
  if (sessions < 1)
    throw new UsageError(
      `Scenario ${scenario}: ${percent} % of the capacity of ${weakest.runner} (${capacityPerSecond} light turns/s) is less than one session offers.`,
    );
  return { scenario, sessions, weakest: weakest.runner, capacityPerSecond, atLeast: bound !== null };
}

/** What each planned scenario offers, and which share that is of the capacities that are known. Calm twins count like their trials. */
export function offeredLoads(trials: readonly TrialPlan[], capacities: readonly RunnerCapacity[]): OfferedLoad[] {
  const byScenario = Map.groupBy(trials, ({ scenario }) => scenario);
  return [...byScenario].flatMap(([scenario, own]) => {
    const [first] = own;
    if (first === undefined) return [];
    const offered = completionsPerSecond(first.definition, first.memoryMb);
    const runners = new Set(own.map(({ runner }) => runner));
    const shares = capacities.flatMap(({ runner, knee }) =>
      knee !== null && runners.has(runner)
        ? [{ runner, percent: percentOfCapacity(offered, knee), atMost: knee.bound !== null }]
        : [],
    );
    return { scenario, completionsPerSecond: Math.round(offered * 10) / 10, shares };
  });
}

const perSecond = (rate: number): string => String(Math.round(rate));

/** What a plan offers of the capacities that are known, in sentences; none where nobody has measured any. */
export function offeredSentences({ load, trials }: CampaignPlan, capacities: readonly RunnerCapacity[]): string[] {
  const set = (load?.scenarios ?? []).map(
    ({ scenario, sessions, weakest, capacityPerSecond, atLeast }) =>
      `${scenario}: ${sessions} live sessions, so that ${weakest}, the weakest here, is offered ${load?.percent} % of the ${perSecond(capacityPerSecond)} light turns/s that were measured of it${atLeast ? "; it may be able to do more" : ""}.`,
  );
  const offered = offeredLoads(trials, capacities).flatMap(({ scenario, completionsPerSecond: rate, shares }) => {
    const parts = shares.map(({ runner, percent, atMost }) => `${runner} ${atMost ? "at most " : ""}${percent} %`);
    return parts.length === 0
      ? []
      : `${scenario} buys ${perSecond(rate)} completions/s; of its capacity that is for ${parts.join(", ")}.`;
  });
  return [...set, ...offered];
}
