/**
 * Who has the shortest tail, as data: overhead of the cohorts a scenario asks about, and bands of runners that cannot be told apart.
 * Promises: no ranks. A runner has a band only where its interval and those of the others are known; runners whose intervals overlap,
 * or lie closer than measuring can tell apart, share one. Leaves to others: intervals (they stand in the summary), words.
 */
import type { BlockFigure } from "../harness/summarize/over-blocks.ts";
import type { RunnerResult, ScenarioSummary, Summary } from "../harness/summary.ts";
import { cohortName, latencyOf, phaseName, validTrials } from "./readings.ts";

/** From the tail inwards: where it has too few samples, less is said, about more of them. */
const QUANTILES = ["p99", "p90", "p50"] as const;
type Quantile = (typeof QUANTILES)[number];
/** What the tail is asked for: under the load or the faults that the scenario is about. */
const PHASE = "fault";

/** The tail of one runner. Milliseconds. */
export interface TailOfRunner {
  readonly runner: string;
  /** Median over the valid blocks; null where there are too few samples or no valid trial. */
  readonly valueMs: number | null;
  readonly interval: { readonly low: number; readonly high: number } | null;
  /** From 1, the shortest; null where the runner is not compared. */
  readonly band: number | null;
  /** Why it has no value or takes no part in the bands; null where it does. */
  readonly why: string | null;
}

/** The tails of one cohort in one scenario, side by side. */
export interface Tail {
  readonly scenario: string;
  /** The cohort and the phase in words. */
  readonly cohort: string;
  readonly phase: string;
  readonly quantile: Quantile;
  /** In the order of the run. */
  readonly runners: readonly TailOfRunner[];
  /** How many bands there are; 0 where nobody is compared. */
  readonly bands: number;
  /** Why nobody is compared, without a full stop; null where somebody is. */
  readonly unranked: string | null;
}

interface Found {
  readonly valueMs: number;
  readonly interval: BlockFigure["interval"];
  readonly resolution: number;
}

function found(result: RunnerResult, cohort: string, quantile: Quantile): Found | null {
  const figure = result.overBlocks.figures.find(
    (one) => one.figure === `overhead ${quantile}` && one.cohort === cohort && one.phase === PHASE,
  );
  if (figure !== undefined) return { valueMs: figure.median, interval: figure.interval, resolution: figure.resolution };
  const [only, ...more] = validTrials(result);
  const valueMs = only === undefined ? null : (latencyOf(only, cohort, PHASE)?.overheadMs[quantile] ?? null);
  return valueMs === null || more.length > 0 ? null : { valueMs, interval: null, resolution: 0 };
}

/** The outermost quantile that most runners have, so that all are asked the same. */
function sharedQuantile(scenario: ScenarioSummary, cohort: string): Quantile {
  const known = (quantile: Quantile) =>
    scenario.results.filter((result) => found(result, cohort, quantile) !== null).length;
  const most = Math.max(...QUANTILES.map(known));
  return QUANTILES.find((quantile) => known(quantile) === most) ?? "p50";
}

interface Compared {
  readonly runner: string;
  readonly low: number;
  readonly high: number;
  readonly resolution: number;
}

/**
 * Bands from the shortest tail on. Overlap is handed on: if A overlaps B and B overlaps C, all three share a band, since nothing
 * tells B from either.
 */
export function bandsOf(compared: readonly Compared[]): ReadonlyMap<string, number> {
  const bands = new Map<string, number>();
  let band = 0;
  let reach = Number.NEGATIVE_INFINITY;
  for (const { runner, low, high, resolution } of [...compared].sort((a, b) => a.low - b.low)) {
    if (low > reach + resolution) band += 1;
    reach = Math.max(reach, high);
    bands.set(runner, band);
  }
  return bands;
}

/** Why the times of a whole scenario must not be ranked; null where they may. */
function forbidden(summary: Summary, scenario: ScenarioSummary): string | null {
  if (summary.calibration?.passed === false) return "calibration failed: no ranking";
  if (!scenario.voids.comparable) return "too many trials lost on one side: no ranking";
  return null;
}

function tooFewBlocks(results: readonly RunnerResult[]): string {
  const one = results.every(({ overBlocks }) => overBlocks.blocks < 2);
  return one ? "one block: no ranking" : "too few blocks for intervals: no ranking";
}

function whyNotCompared(result: RunnerResult, figure: Found | null): string | null {
  const trials = validTrials(result);
  if (trials.length === 0) return result.trials[0]?.validity.verdict ?? "no trial";
  if (figure === null) return "not enough turns";
  if (trials.some(({ validity }) => validity.saturated)) return "saturated";
  return figure.interval === null ? "no interval" : null;
}

function tailOf(summary: Summary, scenario: ScenarioSummary, cohort: string): Tail {
  const quantile = sharedQuantile(scenario, cohort);
  const rows = scenario.results.map((result) => {
    const figure = found(result, cohort, quantile);
    return { runner: result.runner, figure, why: whyNotCompared(result, figure) };
  });
  const compared = rows.flatMap(({ runner, figure, why }): Compared[] => {
    const interval = figure?.interval ?? null;
    if (figure === null || interval === null || why !== null) return [];
    return [{ runner, low: interval.low, high: interval.high, resolution: figure.resolution }];
  });
  const unranked =
    forbidden(summary, scenario) ?? (compared.length < 2 ? tooFewToCompare(scenario, rows, compared.length) : null);
  const bands = unranked === null ? bandsOf(compared) : new Map<string, number>();
  return {
    scenario: scenario.scenario,
    cohort: cohortName(scenario, cohort),
    phase: phaseName(scenario, PHASE),
    quantile,
    runners: rows.map(({ runner, figure, why }) => ({
      runner,
      valueMs: figure?.valueMs ?? null,
      interval: figure?.interval ?? null,
      band: bands.get(runner) ?? null,
      why: figure === null || bands.size > 0 ? why : why === "saturated" ? why : null,
    })),
    bands: new Set(bands.values()).size,
    unranked,
  };
}

/** Fewer than two runners have an interval and are not saturated. */
function tooFewToCompare(
  scenario: ScenarioSummary,
  rows: readonly { readonly figure: Found | null }[],
  compared: number,
): string {
  const intervals = rows.filter(({ figure }) => (figure?.interval ?? null) !== null).length;
  if (intervals < 2) return tooFewBlocks(scenario.results);
  return compared === 1 ? "all others are saturated: no ranking" : "all are saturated: no ranking";
}

/**
 * The tails of all scenarios: first of those that inject nothing, whose tails are the runtime's own, then of those with faults, where
 * recovery tells more.
 */
export function tailsOf(summary: Summary): readonly Tail[] {
  const of = (injects: boolean) =>
    summary.scenarios
      .filter(({ faults }) => faults.length > 0 === injects)
      .flatMap((scenario) => scenario.headlineCohorts.map((cohort) => tailOf(summary, scenario, cohort)));
  return [...of(false), ...of(true)].filter(({ runners }) => runners.some(({ valueMs }) => valueMs !== null));
}
