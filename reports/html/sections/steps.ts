/** What a fault costs at each step of a turn: one table per trial with step faults, one row per step. */
import type { ScenarioSummary, Summary } from "../../../harness/summary.ts";
import { STEP_COLUMNS, stepFigures, stepName, whyNoStep } from "../../steps.ts";
import { type Markup, markup } from "../markup.ts";
import { table } from "../table.ts";
import { eachTrial } from "../trial-table.ts";

export function stepsSection(summary: Summary, scenario: ScenarioSummary): Markup | null {
  const stepped = eachTrial(summary, scenario).filter(
    ({ trial }) => trial.validity.verdict === "valid" && trial.steps.length > 0,
  );
  if (stepped.length === 0) return null;
  const tables = stepped.map(({ trial, name }) =>
    table({
      caption: markup`${name}: sessions held at a step when the fault landed, and nobody else`,
      columns: [{ head: "step", align: "text" }, ...STEP_COLUMNS],
      rows: trial.steps.map((step) => {
        const figures = stepFigures(step);
        if (figures === null) return { cells: [stepName(step)], note: whyNoStep(step) };
        const cells = figures.map(({ text, harm }) => (harm ? { content: text, tone: "notable" as const } : text));
        return { cells: [stepName(step), ...cells] };
      }),
    }),
  );
  return markup`<h3>What a fault costs at each step</h3>
<p class="meta">Turns lost by read are acknowledged turns that the next reads lack; forgotten ones are those that the model was not shown again. Lost tokens and $ are what forgotten turns had cost, and what was bought again. Recovery is the extra wait until the first intact answer. Elsewhere: other turns that were pending, which are in no row.</p>
${tables}`;
}
