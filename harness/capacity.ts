/**
 * Capacity: how many turns a second a runtime takes at most, found by ever more connections that ask again at once. Pure: what was
 * measured, where it saturates, and which share of it a load is. Leaves to others: measuring (`benches/capacity.ts`).
 *
 * A turn of the probe is *light*: one completion of 20 tokens that come at once, and no tool. A turn of a scenario costs more, so loads
 * are compared by completions: a turn that asks the model three times counts as three light ones. Tools, local work and tokens that
 * trickle come on top, so a share says what is used at least.
 */

/** What held the rate down; see benches/stretch.ts. */
export type CapacityVerdict = "core full" | "core shared" | "load-bound" | "not full";

/** So many connections that each ask again at once, for some seconds. Percentages are of one core. */
export interface CapacityStep {
  readonly connections: number;
  readonly turns: number;
  readonly turnsPerSecond: number;
  /** Null where no turn was answered. */
  readonly p50Ms: number | null;
  /** Null below {@link P99_TURNS} turns. */
  readonly p99Ms: number | null;
  readonly maxMs: number | null;
  readonly appPercent: number;
  readonly storePercent: number;
  /** Whoever else was on the runtime's core; null where nothing was pinned. */
  readonly othersPercent: number | null;
  /** Client and model. */
  readonly loadPercent: number;
  /** Answers that were missing, not 200, or not what the model had said. Any of them voids the step. */
  readonly errors: number;
  /** The first of them, in words. */
  readonly firstError?: string;
  readonly verdict: CapacityVerdict;
}

/** Why a runtime may be able to do more than was measured. */
export type CapacityBound = "load-bound" | "core shared" | "still rising";

/** Where a curve ends. */
export interface Knee {
  /** Light turns per second: the highest rate of all steps that count. */
  readonly capacityPerSecond: number;
  /** Connections of that step. */
  readonly atConnections: number;
  /** The smallest number of connections that reached {@link SATURATED} of it. */
  readonly saturatesAt: number;
  /** Set where the capacity is at least this: null where it was the runtime that could do no more. */
  readonly bound: CapacityBound | null;
}

/** One runner. */
export interface RunnerCapacity {
  readonly runner: string;
  /** Over the files that decide how it behaves, as in its certificate. */
  readonly hash: string;
  /** Day of the measurement, YYYY-MM-DD. */
  readonly recorded: string;
  /** By rising connections. */
  readonly steps: readonly CapacityStep[];
  /** Null where no step counts. */
  readonly knee: Knee | null;
}

/** All runners that were measured on one machine. */
export interface CapacityFigures {
  readonly format: "agent-derby-capacity/1";
  readonly machine: string;
  readonly runners: readonly RunnerCapacity[];
}

/** Share of the highest rate from which on a runtime counts as saturated. */
export const SATURATED = 0.95;
/** Beyond this p99 nobody would call it serving, so a step counts no more. */
export const SLOWEST_P99_MS = 1_000;
/** Below so many turns fewer than five lie beyond p99. */
export const P99_TURNS = 500;

/** Whether a step says anything about capacity. The longest turn stands in for a p99 that too few turns carry. */
export function counts({ errors, turns, p99Ms, maxMs }: CapacityStep): boolean {
  const slow = p99Ms ?? maxMs;
  return errors === 0 && turns > 0 && slow !== null && slow <= SLOWEST_P99_MS;
}

/** Where the curve ends; null where no step counts. @param steps by rising connections */
export function kneeOf(steps: readonly CapacityStep[]): Knee | null {
  const counting = steps.filter(counts);
  const [first] = counting;
  if (first === undefined) return null;
  const best = counting.reduce((a, b) => (b.turnsPerSecond > a.turnsPerSecond ? b : a), first);
  const { turnsPerSecond: capacityPerSecond, connections: atConnections, verdict } = best;
  const saturated = counting.find(({ turnsPerSecond }) => turnsPerSecond >= SATURATED * capacityPerSecond) ?? best;
  const isLast = saturated.connections === steps.at(-1)?.connections;
  const disturbed = verdict === "load-bound" || verdict === "core shared" ? verdict : null;
  const bound = disturbed ?? (isLast && verdict !== "core full" ? "still rising" : null);
  return { capacityPerSecond, atConnections, saturatesAt: saturated.connections, bound };
}

/** Percent of a capacity that so many completions per second are, to a tenth; at most this where the capacity is at least what was measured. */
export function percentOfCapacity(completionsPerSecond: number, { capacityPerSecond }: Knee): number {
  return Math.round((completionsPerSecond * 1000) / capacityPerSecond) / 10;
}

/** What a scenario of a campaign offers, beside the capacities that are known. */
export interface OfferedLoad {
  readonly scenario: string;
  readonly completionsPerSecond: number;
  /** Percent of each runner's capacity; at most that much where the capacity is a lower bound. */
  readonly shares: readonly { readonly runner: string; readonly percent: number; readonly atMost: boolean }[];
}

/** What a report shows of it. */
export interface CapacitySummary {
  readonly machine: string;
  readonly runners: readonly RunnerCapacity[];
  readonly offered: readonly OfferedLoad[];
}
