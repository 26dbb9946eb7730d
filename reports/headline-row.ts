/** Rows of headline figures: one figure, one cell per runner. Promises: a runner without a valid trial gets a dash, never a figure. */
import type { RunnerResult, ScenarioSummary, TrialSummary } from "../harness/summary.ts";
import { acrossBlocks, count, NOTHING } from "./format.ts";
import { validTrials } from "./readings.ts";

export interface HeadlineCell {
  readonly text: string;
  /** quiet: zero or nothing; notable: some damage; broken: a promise was broken. */
  readonly tone: "plain" | "quiet" | "notable" | "broken";
}

export interface HeadlineRow {
  readonly label: string;
  /** One cell per runner, in the order of `scenario.results`. */
  readonly cells: readonly HeadlineCell[];
}

export type Trials = readonly TrialSummary[];

export const nothing: HeadlineCell = { text: NOTHING, tone: "quiet" };
export const plain = (text: string): HeadlineCell => ({ text, tone: "plain" });

/** A count of damage: quiet when none of the blocks has any. */
export function damage(
  trials: Trials,
  of: (trial: TrialSummary) => number,
  write: (value: number) => string = count,
): HeadlineCell {
  const values = trials.map(of);
  return { text: acrossBlocks(values, write), tone: values.every((value) => value === 0) ? "quiet" : "notable" };
}

/** A row of cells; runners without a valid trial get a dash instead of figures that say nothing about them. */
export function row(
  label: string,
  scenario: ScenarioSummary,
  cell: (trials: Trials, result: RunnerResult) => HeadlineCell,
): HeadlineRow {
  return {
    label,
    cells: scenario.results.map((result) => {
      const trials = validTrials(result);
      return trials.length === 0 ? nothing : cell(trials, result);
    }),
  };
}
