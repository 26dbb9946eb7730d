/** Figures that a policy may limit, as their values in the valid blocks of one runner in one scenario. Lower is better in all of them. */
import type { Phase } from "../history.ts";
import { medianInterval, middleOf } from "../statistics/median-interval.ts";
import { askedCohorts, figuresOf } from "../summarize/figures.ts";
import type { RunnerResult, ScenarioSummary, TrialSummary } from "../summary.ts";

/** Figures that two campaigns can be compared by. */
export const RELATIVE_FIGURES = [
  "overhead p50",
  "overhead p90",
  "overhead p99",
  "holding time p50",
  "holding time p90",
  "recovery median",
  "CPU per turn",
  "memory per session",
] as const;
/** And those that only have a limit. */
export const OBJECTIVE_FIGURES = [...RELATIVE_FIGURES, "recovery p90", "recovery p99", "recovery longest"] as const;

/** One figure over blocks. */
export interface GateFigure {
  readonly figure: string;
  readonly cohort: string | null;
  readonly phase: Phase | null;
  readonly unit: "ms" | "KB";
  /** One value per valid block that gives the figure. */
  readonly values: readonly number[];
  /** Valid blocks that do not give it: too few samples, or nobody ever recovered. */
  readonly missing: number;
}

interface One {
  readonly figure: string;
  readonly cohort: string | null;
  readonly phase: Phase | null;
  readonly unit: "ms" | "KB";
  readonly value: number | null;
}

function ofTrial(trial: TrialSummary, cohorts: readonly string[]): One[] {
  const recovery = trial.recovery
    .filter(({ touched }) => touched > 0)
    .flatMap(({ cohort, p90Ms, p99Ms = null, maxMs, never, amnesiac }): One[] => {
      // Who never recovered has no time; the longest of the others would be a lie.
      const whole = never + amnesiac === 0;
      const base = { cohort, phase: null, unit: "ms" as const };
      return [
        { ...base, figure: "recovery p90", value: p90Ms },
        { ...base, figure: "recovery p99", value: p99Ms },
        { ...base, figure: "recovery longest", value: whole ? maxMs : null },
      ];
    });
  return [...figuresOf(trial, cohorts), ...recovery];
}

/** All figures of one runner in one scenario, over its valid trials. */
export function gateFigures(scenario: ScenarioSummary, result: RunnerResult): GateFigure[] {
  const valid = result.trials.filter(({ validity }) => validity.verdict === "valid");
  const all = valid.map((trial) => ofTrial(trial, askedCohorts(scenario)));
  const keyOf = ({ figure, cohort, phase }: One): string => JSON.stringify([figure, cohort, phase]);
  const firsts = new Map(all.flat().map((one) => [keyOf(one), one]));
  return [...firsts].map(([key, { figure, cohort, phase, unit }]) => {
    const values = all.flatMap((ones) => ones.find((one) => keyOf(one) === key)?.value ?? []);
    return { figure, cohort, phase, unit, values, missing: valid.length - values.length };
  });
}

/** What the blocks say of the true median: an interval from five blocks on, else their lowest and highest value. @param values at least one */
export function rangeOf(values: readonly number[]): { middle: number; low: number; high: number; interval: boolean } {
  const interval = medianInterval(values);
  const [low, high] = interval === null ? [Math.min(...values), Math.max(...values)] : [interval.low, interval.high];
  return { middle: middleOf(values) ?? Number.NaN, low, high, interval: interval !== null };
}

/** "overhead p90 of everyone in calm". */
export function nameOf({ figure, cohort, phase }: Pick<GateFigure, "figure" | "cohort" | "phase">): string {
  return [figure, ...(cohort === null ? [] : [`of ${cohort}`]), ...(phase === null ? [] : [`in ${phase}`])].join(" ");
}
