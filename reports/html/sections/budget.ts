/** What a turn should cost by its parts, each measured alone on the same machine, and how far each runtime is from what is possible there. */

import { isCostly, PARTS, TOOL_UNITS } from "../../../harness/budget/parts.ts";
import type { BudgetLine, TurnBudget } from "../../../harness/budget/turn-budget.ts";
import type { BudgetSummary } from "../../../harness/summarize/budgets.ts";
import type { ScenarioSummary, Summary } from "../../../harness/summary.ts";
import { NOTHING } from "../../format.ts";
import { foldedOf } from "../fold.ts";
import { anchor, folded, type Markup, markup } from "../markup.ts";
import { runnerName } from "../runner-name.ts";
import { type Cell, type Row, table } from "../table.ts";

const QUIET: Cell = { content: NOTHING, tone: "quiet" };
/** Parts are told in tenths of microseconds, sums in hundredths of milliseconds: both are small beside what the page shows elsewhere. */
const ms = (value: number): string => value.toFixed(2);
const each = (value: number): string => value.toFixed(4);

const ratio = (value: number, to: number): string => (to > 0 ? `${(value / to).toFixed(2)} ×` : NOTHING);

function partName({ part }: BudgetLine): string {
  return isCostly(part) ? `${part}, by its ${TOOL_UNITS[part]}` : PARTS[part];
}

/** The line that costs most. */
function largest({ lines }: TurnBudget): string {
  const [first] = [...lines].sort((a, b) => b.ms - a.ms);
  return first === undefined ? NOTHING : `${partName(first)} (${ms(first.ms)} ms)`;
}

function sumCells({ turn }: BudgetSummary): readonly Cell[] {
  if (turn === null) return [QUIET, QUIET, QUIET, QUIET];
  return [ms(turn.predictedMs), ms(turn.measuredMs), ratio(turn.predictedMs, turn.measuredMs), largest(turn)];
}

function floorCells({ floor, floorIfKeptMs, overheadP50Ms, cohort }: BudgetSummary): readonly Cell[] {
  return [
    floor.roundTrips.toFixed(1),
    ms(floor.roundTripsMs),
    floor.commitMs === 0 ? QUIET : ms(floor.commitMs),
    ms(floor.floorMs),
    overheadP50Ms === null ? QUIET : `${ms(overheadP50Ms)}${cohort === "" ? "" : ` (${cohort})`}`,
    overheadP50Ms === null ? QUIET : ratio(overheadP50Ms, floor.floorMs),
    ms(floorIfKeptMs),
  ];
}

/** A row for each trial; the trial is named where a runner has several. */
function rows(
  summary: Summary,
  budgets: readonly BudgetSummary[],
  cells: (one: BudgetSummary) => readonly Cell[],
): readonly Row[] {
  return budgets.map((one) => {
    const several = budgets.filter(({ runner }) => runner === one.runner).length > 1;
    const name = markup`${runnerName(summary, one.runner)}${several && markup` <span class="aside">${one.trial}</span>`}`;
    return { cells: [name, ...cells(one)], runner: one.runner };
  });
}

function sumTable(summary: Summary, budgets: readonly BudgetSummary[]): Markup {
  return table({
    caption: "CPU time of the runtime per acknowledged turn, its database left out",
    columns: [
      { head: "runner", align: "text" },
      { head: "sum of its parts, ms" },
      { head: "measured, ms" },
      { head: "sum to measured" },
      { head: "largest part", align: "text" },
    ],
    rows: rows(summary, budgets, sumCells),
  });
}

function floorTable(summary: Summary, budgets: readonly BudgetSummary[]): Markup {
  const group = "least overhead on this machine, ms";
  return table({
    caption:
      "Distance from the limit: what the user of a perfect runtime would wait beyond the script, and what the median user waits in calm",
    columns: [
      { head: "runner", align: "text" },
      { head: "requests in a row" },
      { head: "their way", group },
      { head: "one commit", group },
      { head: "sum", group },
      { head: "overhead p50, calm, ms" },
      { head: "times the least" },
      { head: "least if it kept its turns, ms" },
    ],
    rows: rows(summary, budgets, floorCells),
  });
}

function partTable({ runner, trial, turn }: BudgetSummary): Markup | null {
  if (turn === null) return null;
  const parts = table({
    caption: `One turn of ${runner} in ${trial}`,
    columns: [{ head: "part", align: "text" }, { head: "per turn" }, { head: "each, ms" }, { head: "together, ms" }],
    rows: [
      ...turn.lines.map((line) => ({
        cells: [partName(line), line.perTurn.toFixed(2), each(line.eachMs), ms(line.ms)],
      })),
      { cells: ["sum", "", "", ms(turn.predictedMs)], begins: true },
      { cells: ["measured", "", "", ms(turn.measuredMs)] },
    ],
  });
  return foldedOf({ runner }, `The parts of a turn of ${runner}`, parts);
}

/** Who does not say what its turns are made of. */
function silent(budgets: readonly BudgetSummary[]): Markup | null {
  const names = [...new Set(budgets.filter(({ turn }) => turn === null).map(({ runner }) => runner))];
  if (names.length === 0) return null;
  return markup`<p class="meta">No sum for ${names.join(", ")}: the parts were measured in Node with the kit's model client, and only a runner whose runner.json says of which of them its turns consist has a budget.</p>`;
}

/** Null where no parts were measured beside the campaign, or no trial is valid. */
export function budgetSection(summary: Summary, { scenario }: ScenarioSummary): Markup | null {
  const { primitives } = summary;
  const budgets = (summary.budgets ?? []).filter((one) => one.scenario === scenario);
  if (primitives === undefined || budgets.length === 0) return null;
  const age = ((primitives.warmUpMs + primitives.lengthMs) / 1000).toFixed(0);
  return markup`<h3 id="${anchor("budget", scenario)}">Budget of a turn</h3>
<p class="meta">Parts were measured on ${primitives.recorded} (${primitives.machine}, Node ${primitives.node}), each as the difference between a process that reads streams and the same process doing more of that part, up to ${age} s old; code that runs longer becomes cheaper. Counts are this scenario's own. A machine that others share can be half as fast for minutes: the sum is of the minutes in which the parts were measured. A sum far below what was measured leaves work unexplained.</p>
${sumTable(summary, budgets)}${silent(budgets)}
${budgets.map(partTable)}
${floorTable(summary, budgets)}
${checks(summary)}`;
}

/** Whether the sums had been right where they were made. */
function checks({ primitives }: Summary): Markup | null {
  const made = primitives?.checks ?? [];
  if (made.length === 0) return null;
  const caption =
    "The same sums held against trials that were recorded in one session with the parts. Before and after each trial the same streams were read again: so many times as dear as while the parts were measured, and the sum is told for that. Trials that are not valid say nothing.";
  return folded(
    "How far these sums can be trusted",
    table({
      caption,
      columns: [
        { head: "scenario", align: "text" },
        { head: "runner", align: "text" },
        { head: "streams were dearer by" },
        { head: "sum, ms" },
        { head: "measured, ms" },
        { head: "sum to measured" },
        { head: "used to choose the parts" },
        { head: "valid" },
      ],
      rows: made.map(({ scenario, runner, slowness, predictedMs, measuredMs, chosenBy, valid }) => ({
        cells: [
          scenario,
          runner,
          ratio(slowness, 1),
          ms(predictedMs),
          ms(measuredMs),
          ratio(predictedMs, measuredMs),
          chosenBy ? "yes" : "no",
          valid ? "yes" : "no",
        ],
        runner,
      })),
    }),
  );
}
