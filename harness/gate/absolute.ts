/** Limits that need no baseline: damage that may not happen, and figures that may not pass a value. */
import { medianDistance } from "../statistics/median-interval.ts";
import { spreadOf } from "../statistics/spread.ts";
import type { RunnerResult, ScenarioSummary, Summary, TrialSummary } from "../summary.ts";
import { whyVacuous } from "../vacuous.ts";
import { type GateFigure, gateFigures, nameOf, rangeOf } from "./figures.ts";
import { INVARIANTS } from "./invariants.ts";
import { type GateLine, NO_NUMBER } from "./line.ts";
import type { Objective } from "./policy.ts";

const validOf = ({ trials }: RunnerResult): readonly TrialSummary[] =>
  trials.filter(({ validity }) => validity.verdict === "valid");

const each = (summary: Summary): { readonly scenario: ScenarioSummary; readonly result: RunnerResult }[] =>
  summary.scenarios.flatMap((scenario) => scenario.results.map((result) => ({ scenario, result })));

/** "3 valid of 4 trials". */
const counted = (result: RunnerResult): string => `${validOf(result).length} valid of ${result.trials.length} trials`;

function invariantLine(what: string, most: number, scenario: string, result: RunnerResult): GateLine {
  const base = { rule: "invariant", what, runner: result.runner, scenario, ...NO_NUMBER, limit: most } as const;
  const values = validOf(result).flatMap((trial) => INVARIANTS[what]?.(trial) ?? []);
  if (validOf(result).length === 0)
    return { ...base, answer: "inconclusive", says: `No valid trial (${counted(result)}).` };
  if (values.length === 0)
    return {
      ...base,
      answer: "untested",
      says: "Nothing was there to which it could have happened, or by which it could be counted.",
    };
  const value = values.reduce((sum, one) => sum + one, 0);
  const says = `${value} in ${counted(result)}; at most ${most} may happen.`;
  if (value > most) return { ...base, value, answer: "regression", says };
  const vacuous = validOf(result).flatMap((trial) => whyVacuous(trial) ?? [])[0];
  if (vacuous !== undefined)
    return { ...base, value, answer: "inconclusive", says: `${says} A trial could have found nothing: ${vacuous}` };
  return { ...base, value, answer: "pass", says };
}

export function invariantLines(summary: Summary, invariants: Readonly<Record<string, number>>): GateLine[] {
  return each(summary).flatMap(({ scenario, result }) =>
    Object.entries(invariants).map(([what, most]) => invariantLine(what, most, scenario.scenario, result)),
  );
}

const shown = (value: number): string => String(Number(value.toPrecision(3)));

/** Why the times of a runner mean nothing for a gate; null where they do. */
function unfit(result: RunnerResult): string | null {
  const trials = validOf(result);
  if (trials.some(({ validity }) => validity.saturated))
    return "The runtime was saturated in calm: its times are those of a queue.";
  return trials.some(({ validity }) => !validity.gateable) ? "The trials were not pinned to cores of their own." : null;
}

/** How often a figure beyond its limit is to be found. */
const POWER = 0.9;

/**
 * By which share a figure must pass its limit to be found in 9 of 10 cases by so many blocks of this spread (of the logs); null of one
 * block, which says nothing of a spread, and of blocks without a positive value, which have no logs.
 */
function detectableBy(values: readonly number[]): number | null {
  if (values.length < 2 || values.some((value) => value <= 0)) return null;
  return Math.expm1(medianDistance(spreadOf(values.map(Math.log)), values.length, POWER));
}

function objectiveLine(figure: GateFigure, most: number, scenario: string, result: RunnerResult): GateLine {
  const { values, missing, unit } = figure;
  const base = {
    rule: "objective",
    what: nameOf(figure),
    runner: result.runner,
    scenario,
    ...NO_NUMBER,
    limit: most,
  } as const;
  const doubt = unit === "ms" ? unfit(result) : null;
  if (values.length === 0)
    return {
      ...base,
      answer: "inconclusive",
      says: `No valid trial gives it (${counted(result)}): too few samples, or some never recovered.`,
    };
  const { middle, low, high, interval } = rangeOf(values);
  const range = interval ? "interval" : values.length === 1 ? "one block" : "lowest to highest block";
  const numbers = `${shown(middle)} ${unit} (${range}${values.length === 1 ? "" : ` ${shown(low)} to ${shown(high)}`}), limit ${shown(most)} ${unit}`;
  const detectable = detectableBy(values);
  const line = { ...base, value: middle, low, high, detectable };
  const seen =
    detectable === null
      ? " Nobody knows which change so few blocks would have seen."
      : ` Such blocks find ${shown(detectable * 100)} % beyond the limit in 9 of 10 cases.`;
  if (doubt !== null) return { ...line, answer: "inconclusive", says: `${numbers}. ${doubt}` };
  if (low > most) return { ...line, answer: "regression", says: `${numbers}.${seen}` };
  if (missing > 0)
    return { ...line, answer: "inconclusive", says: `${numbers}; ${missing} valid blocks do not give it.` };
  if (high > most)
    return { ...line, answer: "inconclusive", says: `${numbers}: the limit lies between the blocks.${seen}` };
  return { ...line, answer: "pass", says: `${numbers}.${seen}` };
}

/** An objective that no runner of the campaign gives a figure for is inconclusive, and said once. */
export function objectiveLines(summary: Summary, objectives: readonly Objective[]): GateLine[] {
  return objectives.flatMap((objective): GateLine[] => {
    const { figure, phase, scenario: only, most } = objective;
    const lines = each(summary)
      .filter(({ scenario }) => only === undefined || only === scenario.scenario)
      .flatMap(({ scenario, result }) =>
        gateFigures(scenario, result)
          .filter((one) => one.figure === figure && (phase === undefined || one.phase === null || one.phase === phase))
          .map((one) => objectiveLine(one, most, scenario.scenario, result)),
      );
    if (lines.length > 0) return lines;
    const says = "No valid trial of this campaign gives it.";
    return [
      {
        rule: "objective",
        what: figure,
        runner: "all",
        scenario: only ?? null,
        ...NO_NUMBER,
        limit: most,
        answer: "inconclusive",
        says,
      },
    ];
  });
}
