/** How text came to those who read along: when the first of it came, how long the runtime kept it, and how even the rest was. */

import type { StreamingSummary } from "../../../harness/summarize/streaming.ts";
import type { ScenarioSummary, Summary } from "../../../harness/summary.ts";
import { COMPARED, cohortName, phaseName, streamedCohorts, streamingOf } from "../../readings.ts";
import { folded, type Markup, markup } from "../markup.ts";
import { quantileCells, quantileColumns } from "../quantile-cells.ts";
import { table } from "../table.ts";
import { eachTrial, trialRow } from "../trial-table.ts";

interface Measure {
  readonly measure: Exclude<keyof StreamingSummary, "cohort" | "phase">;
  readonly name: string;
  readonly says: string;
}

const SHOWN: readonly Measure[] = [
  {
    measure: "ttftOverheadMs",
    name: "First token late",
    says: "time to the first text that the client read, minus what the script let the model wait",
  },
  {
    measure: "tokenGapMs",
    name: "Longest token gap",
    says: "longest time without new text within one answer; the script's own pace between tokens is in it",
  },
];
const FOLDED: readonly Measure[] = [
  {
    measure: "relayMs",
    name: "Relay",
    says: "how long the runtime kept the first token before the client could read it",
  },
  {
    measure: "ttftMs",
    name: "Time to first token",
    says: "first text read − enabled, the model's own waiting included",
  },
];

function streamed(
  summary: Summary,
  scenario: ScenarioSummary,
  cohort: string,
  { measure, name, says }: Measure,
): Markup {
  return table({
    sortable: true,
    caption: markup`<b>${name}, ${cohortName(scenario, cohort)}</b>: ${says}`,
    columns: [
      { head: "runner", align: "text" },
      ...COMPARED.flatMap((phase) => quantileColumns(phaseName(scenario, phase))),
    ],
    rows: eachTrial(summary, scenario).map(({ trial, name: runner, begins }) => {
      const cells = () => COMPARED.flatMap((phase) => quantileCells(streamingOf(trial, cohort, phase)?.[measure]));
      return trialRow(runner, trial, cells, begins);
    }),
  });
}

export function streamingSection(summary: Summary, scenario: ScenarioSummary): Markup | null {
  const cohorts = streamedCohorts(scenario);
  if (cohorts.length === 0) return null;
  const of = (measures: readonly Measure[]) =>
    cohorts.flatMap((cohort) => measures.map((measure) => streamed(summary, scenario, cohort, measure)));
  return markup`<h3>How text flowed to those who read along</h3>${of(SHOWN)}${folded("Relay and time to first token", ...of(FOLDED))}`;
}
