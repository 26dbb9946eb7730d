/** Sessions as a whole: how far behind their plan they ended, and how many of them stood still at one and the same time. */

import type { Stall } from "../../../harness/summarize/silence.ts";
import type { ScenarioSummary, Summary } from "../../../harness/summary.ts";
import { count, share } from "../../format.ts";
import { COMPARED, phaseName, shownCohorts, stallOf } from "../../readings.ts";
import { type Markup, markup } from "../markup.ts";
import { type Censored, quantileCells, quantileColumns } from "../quantile-cells.ts";
import { type Cell, table } from "../table.ts";
import { eachTrial, trialRow } from "../trial-table.ts";

/** Sessions last longer than the load, so most figures are how late they were when it ended. */
const GOING_ON: Censored = { called: "not at their end", everyQuantile: true };

function lateness(summary: Summary, scenario: ScenarioSummary, cohort: string): Markup | null {
  const of = (trial: Summary["scenarios"][number]["results"][number]["trials"][number]) =>
    trial.lateness.find((row) => row.cohort === cohort)?.latenessMs;
  const trials = eachTrial(summary, scenario);
  if (trials.every(({ trial }) => of(trial) === undefined)) return null;
  return table({
    sortable: true,
    caption: markup`<b>Session lateness of ${cohort}</b>: how far behind its plan each session ended, once per session. Of a session that was still going on when the load ended it is how late it was by then (≥).`,
    columns: [{ head: "runner", align: "text" }, ...quantileColumns("behind the plan")],
    rows: trials.map(({ trial, name, begins }) =>
      trialRow(name, trial, () => quantileCells(of(trial), GOING_ON), begins),
    ),
  });
}

function stallCell(stall: Stall | null | undefined): Cell {
  if (stall === null || stall === undefined) return { content: "–", tone: "quiet" };
  if (stall.silent === 0) return { content: "none", tone: "quiet" };
  return markup`${share(stall.share)} <span class="aside">(${count(stall.silent)} of ${count(stall.of)})</span>`;
}

function standstills(summary: Summary, scenario: ScenarioSummary): Markup {
  return table({
    sortable: true,
    caption: markup`<b>Standstill</b>: the largest share of sessions for which the runtime did nothing through one and the same 100 ms, although it had the ball; of those with a turn pending (where there were ten or more), and of all live ones`,
    columns: [
      { head: "runner", align: "text" },
      ...COMPARED.flatMap((phase) => {
        const group = phaseName(scenario, phase);
        return [
          { head: "of pending", group },
          { head: "of live", group },
        ];
      }),
    ],
    rows: eachTrial(summary, scenario).map(({ trial, name, begins }) => {
      const cells = () =>
        COMPARED.flatMap((phase) => {
          const stall = stallOf(trial, phase);
          return [stallCell(stall?.ofPending), stallCell(stall?.ofLive)];
        });
      return trialRow(name, trial, cells, begins);
    }),
  });
}

export function sessionsSection(summary: Summary, scenario: ScenarioSummary): Markup | null {
  const late = shownCohorts(scenario).map((cohort) => lateness(summary, scenario, cohort));
  const stalled = scenario.results.some(({ trials }) => trials.some(({ stalls }) => stalls.length > 0));
  if (!stalled && late.every((one) => one === null)) return null;
  return markup`<h3>Sessions as a whole</h3>${stalled ? standstills(summary, scenario) : null}${late}`;
}
