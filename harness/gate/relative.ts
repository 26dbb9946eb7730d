/**
 * Limits against a baseline: a figure may not be worse by a share of it. Decided by pairs of blocks with the same seed
 * (`compare.ts`), the error level split by Holm's method among the figures that the policy asks about and no others.
 *
 * - **regression**: worse at that level, and by the share at least.
 * - **pass**: the interval of the ratio lies wholly below the limit (a test of non-inferiority).
 * - **inconclusive**: everything else, with the smallest change that could have been seen.
 */

import type { FigureComparison, ScenarioComparison } from "../compare/comparison.ts";
import { type Asked, compareCampaigns } from "../compare.ts";
import { UsageError } from "../errors.ts";
import type { Summary } from "../summary.ts";
import { nameOf } from "./figures.ts";
import { type GateLine, NO_NUMBER } from "./line.ts";
import { covers } from "./pairs.ts";
import type { RelativeLimit } from "./policy.ts";

export const percent = (share: number): string => `${Number((share * 100).toPrecision(3))} %`;
export const shownRatio = (ratio: number): string => ratio.toPrecision(3);

function whyNot({ answer, reason, pairs, pairsNeeded, detectable }: FigureComparison): string {
  if (reason !== null) return reason;
  if (answer === "not enough") return `${pairs} pairs; no answer is possible below ${pairsNeeded}.`;
  return detectable === null ? "" : `The smallest change that could have been seen is ${percent(detectable)}.`;
}

function lineOf(scenario: ScenarioComparison, one: FigureComparison, limit: RelativeLimit): GateLine {
  const { ratio, low, high, detectable, answer } = one;
  const most = 1 + limit.worseBy;
  const base = {
    rule: "relative limit",
    what: nameOf(one),
    runner: scenario.runnerB,
    scenario: scenario.scenario,
    value: ratio,
    low,
    high,
    limit: most,
    detectable,
  } as const;
  const interval = low === null || high === null ? "" : ` (${shownRatio(low)} to ${shownRatio(high)})`;
  const numbers =
    ratio === null ? "no ratio" : `${shownRatio(ratio)} times the baseline${interval}, limit ${shownRatio(most)}`;
  const decided = answer === "better" || answer === "worse" || answer === "no difference";
  if (answer === "worse" && ratio !== null && ratio >= most)
    return { ...base, answer: "regression", says: `${numbers}.` };
  if (decided && high !== null && high < most) return { ...base, answer: "pass", says: `${numbers}.` };
  return { ...base, answer: "inconclusive", says: `${numbers}. ${whyNot(one)}`.trim() };
}

/** The line of a limit for which there is no figure. */
export function alone(limit: RelativeLimit, says: string): GateLine {
  const { figure, scenario = null, worseBy } = limit;
  const base = { rule: "relative limit", what: figure, runner: "all", scenario, ...NO_NUMBER } as const;
  return { ...base, limit: 1 + worseBy, answer: "inconclusive", says };
}

export function relativeLines(
  candidate: Summary,
  baseline: Summary | null,
  limits: readonly RelativeLimit[],
): GateLine[] {
  if (baseline === null) return limits.map((limit) => alone(limit, "There is no baseline to hold it against."));
  if (limits.length === 0) return [];
  const asked: Asked = (one, scenario) => limits.some((limit) => covers(limit, one, scenario));
  let scenarios: readonly ScenarioComparison[];
  try {
    scenarios = compareCampaigns(baseline, candidate, asked).scenarios;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return limits.map((limit) => alone(limit, error.message));
  }
  return limits.flatMap((limit) => {
    const lines = scenarios.flatMap((scenario) =>
      scenario.figures
        .filter((one) => covers(limit, one, scenario.scenario))
        .map((one) => lineOf(scenario, one, limit)),
    );
    return lines.length > 0 ? lines : [alone(limit, "No scenario of both campaigns gives it.")];
  });
}
