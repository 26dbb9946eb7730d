/** The headline rows on waiting: for answers, for text, and how many waited at once. */
import type { ScenarioSummary } from "../harness/summary.ts";
import { acrossBlocks, duration, NOTHING, share } from "./format.ts";
import { type HeadlineRow, nothing, plain, row } from "./headline-row.ts";
import {
  COMPARED,
  cohortName,
  latencyOf,
  phaseName,
  shownCohorts,
  stallOf,
  streamedCohorts,
  streamingOf,
} from "./readings.ts";

/** Two figures to a row: the middle, and the tail, whose p99 may have too few samples while its largest value is always known. */
const OVERHEAD_PAIRS = [
  ["p50", "p90"],
  ["p99", "max"],
] as const;

export function overheadRows(scenario: ScenarioSummary): readonly HeadlineRow[] {
  const cohorts = shownCohorts(scenario);
  return cohorts.flatMap((cohort) =>
    COMPARED.flatMap((phase) =>
      OVERHEAD_PAIRS.map((pair) => {
        const whose = cohorts.length > 1 ? ` of ${cohortName(scenario, cohort)}` : "";
        return row(`overhead${whose}, ${phaseName(scenario, phase)}: ${pair.join(" / ")}`, scenario, (trials) => {
          const rows = trials.map((trial) => latencyOf(trial, cohort, phase)?.overheadMs);
          if (rows.every((quantiles) => quantiles === undefined || quantiles.n === 0)) return nothing;
          const figures = pair.map((quantile) =>
            acrossBlocks(
              rows.map((quantiles) => quantiles?.[quantile] ?? null),
              duration,
            ),
          );
          return plain(figures.join(" / "));
        });
      }),
    ),
  );
}

/** Text beyond what the model let wait for, and the longest gap in it, of those who read along. */
const STREAMED = [
  ["first token late", "ttftOverheadMs"],
  ["longest token gap", "tokenGapMs"],
] as const;

export function streamingRows(scenario: ScenarioSummary): readonly HeadlineRow[] {
  const cohorts = streamedCohorts(scenario);
  return cohorts.flatMap((cohort) =>
    STREAMED.flatMap(([name, measure]) =>
      COMPARED.map((phase) => {
        const whose = cohorts.length > 1 ? ` of ${cohortName(scenario, cohort)}` : "";
        return row(`${name}${whose}, ${phaseName(scenario, phase)}: p50 / p90`, scenario, (trials) => {
          const rows = trials.map((trial) => streamingOf(trial, cohort, phase)?.[measure]);
          if (rows.every((quantiles) => quantiles === undefined || quantiles.n === 0)) return nothing;
          const figures = (["p50", "p90"] as const).map((quantile) =>
            acrossBlocks(
              rows.map((quantiles) => quantiles?.[quantile] ?? null),
              duration,
            ),
          );
          return plain(figures.join(" / "));
        });
      }),
    ),
  );
}

/** The worst instant: how many of those who waited then heard nothing at all. */
export function stallRow(scenario: ScenarioSummary): HeadlineRow {
  const shownPhases = COMPARED.map((phase) => phaseName(scenario, phase)).join(" / ");
  return row(`most at a standstill: ${shownPhases}`, scenario, (trials) => {
    const shares = COMPARED.map((phase) => trials.map((trial) => stallOf(trial, phase)?.ofPending?.share ?? null));
    if (shares.flat().every((value) => value === null)) return nothing;
    const text = shares.map((values) => acrossBlocks(values, share, NOTHING)).join(" / ");
    return shares.flat().every((value) => value === null || value === 0) ? { text, tone: "quiet" } : plain(text);
  });
}
