/** Overhead and holding time, calm beside fault; below, folded, every cohort, phase and measure. */
import type { ScenarioSummary, Summary, TrialSummary } from "../../../harness/summary.ts";
import { blocksNote } from "../../headline.ts";
import { COMPARED, cohortName, isBystander, latencyOf, phaseName, shownCohorts } from "../../readings.ts";
import { folded, type Markup, markup } from "../markup.ts";
import { quantileCells, quantileColumns } from "../quantile-cells.ts";
import { type Row, table } from "../table.ts";
import { eachTrial, trialRow } from "../trial-table.ts";
import { waitCharts } from "./wait-charts.ts";

type Measure = "overheadMs" | "holdingMs" | "latencyMs" | "serviceMs" | "pendingAgeMs";

const MEASURES: readonly { readonly measure: Measure; readonly name: string; readonly says: string }[] = [
  { measure: "overheadMs", name: "Overhead", says: "what the user waited beyond the script" },
  { measure: "holdingMs", name: "Holding time", says: "what the runtime spent while the ball was in its court" },
  { measure: "latencyMs", name: "Latency", says: "answer − enabled, all retries included" },
  { measure: "serviceMs", name: "Service time", says: "the successful attempt alone" },
  {
    measure: "pendingAgeMs",
    name: "Age of pending turns",
    says: "beyond their floor, sampled every 100 ms, so that a stalled session weighs by its time",
  },
];

/** One measure of one cohort: a row per trial, calm beside fault. */
function comparison(
  summary: Summary,
  scenario: ScenarioSummary,
  cohort: string,
  given: (typeof MEASURES)[number],
): Markup {
  const cells = (trial: TrialSummary) =>
    COMPARED.flatMap((phase) => quantileCells(latencyOf(trial, cohort, phase)?.[given.measure]));
  return table({
    sortable: true,
    caption: markup`<b>${given.name} of ${cohortName(scenario, cohort)}</b>: ${given.says} (${blocksNote(summary)})`,
    columns: [
      { head: "runner", align: "text" },
      ...COMPARED.flatMap((phase) => quantileColumns(phaseName(scenario, phase))),
    ],
    rows: eachTrial(summary, scenario).map(({ trial, name, begins }) =>
      trialRow(name, trial, () => cells(trial), begins),
    ),
  });
}

/** Rows that hold at least one sample, in the order of the summary. */
function completeRows(summary: Summary, scenario: ScenarioSummary, measure: Measure): readonly Row[] {
  return eachTrial(summary, scenario)
    .filter(({ trial }) => trial.validity.verdict === "valid")
    .flatMap(({ trial, name }) =>
      trial.latency
        .filter((row) => row[measure].n > 0)
        .map((row, index) => ({
          cells: [name, row.cohort, phaseName(scenario, row.phase), ...quantileCells(row[measure])],
          begins: index === 0,
        })),
    );
}

function complete(summary: Summary, scenario: ScenarioSummary): Markup {
  const tables = MEASURES.map(({ measure, name, says }) =>
    table({
      sortable: true,
      caption: markup`<b>${name}</b>: ${says}`,
      columns: [
        { head: "runner", align: "text" },
        { head: "cohort", align: "text" },
        { head: "phase", align: "text" },
        ...quantileColumns(name.toLowerCase()),
      ],
      rows: completeRows(summary, scenario, measure),
    }),
  );
  return folded("Every cohort and phase; latency, service time and age of pending turns", ...tables);
}

/** Both headline measures of one cohort; those of bystanders are set off, since they caused nothing of what they waited for. */
function cohortTables(summary: Summary, scenario: ScenarioSummary, cohort: string): Markup {
  const compared = MEASURES.filter(({ measure }) => measure === "overheadMs" || measure === "holdingMs");
  const tables = compared.map((measure) => comparison(summary, scenario, cohort, measure));
  if (!isBystander(scenario, cohort)) return markup`${tables}`;
  return markup`<div class="bystanders"><p>Bystanders cause none of the load: what they wait is what the others cost them.</p>${tables}</div>`;
}

/** @param position place of the scenario in the summary */
export function latencyTables(summary: Summary, scenario: ScenarioSummary, position: number): Markup {
  const tables = shownCohorts(scenario).map((cohort) => cohortTables(summary, scenario, cohort));
  return markup`<h3>How long users waited</h3>${waitCharts(summary, scenario, position)}${tables}${complete(summary, scenario)}`;
}
