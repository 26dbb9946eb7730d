/** How much each runtime can do alone: curves over rising connections, where they end, and what the campaign offered of it. */
import { type CapacityStep, type CapacitySummary, P99_TURNS } from "../../../harness/capacity.ts";
import type { Summary } from "../../../harness/summary.ts";
import { boundText, CAPACITY_READING, capacityHeads, capacityRows, capacityText } from "../../capacity.ts";
import { count, durationOr, NOTHING } from "../../format.ts";
import { folded, type Markup, markup } from "../markup.ts";
import { runnerName } from "../runner-name.ts";
import { type Cell, type Row, table } from "../table.ts";

const PANELS = [
  { measure: "rate", head: "Turns per second", says: "Turns per second over connections" },
  { measure: "p99", head: "p99 of a turn", says: "p99 of a turn over connections" },
] as const;

function plots({ runners }: CapacitySummary): Markup {
  const ends = runners.map((one) => `${one.runner} ${capacityText(one)}`).join(", ");
  return markup`<div class="pair">${PANELS.map(
    ({ measure, head, says }) =>
      markup`<div><p class="plot-head">${head}</p><div class="plot"><canvas id="chart-capacity-${measure}" role="img" aria-label="${says}. Capacity: ${ends}." data-chart="capacity" data-measure="${measure}"></canvas></div></div>`,
  )}</div>`;
}

function legend(summary: Summary, { runners }: CapacitySummary): Markup {
  const names = runners.map((one) => {
    const why = one.knee?.bound == null ? null : markup` <small>(${boundText(one)})</small>`;
    return markup`<span data-runner="${one.runner}">${runnerName(summary, one.runner)} ${capacityText(one)}${why}</span>`;
  });
  return markup`<p class="runner-legend">${names}</p>`;
}

function kneeTable(summary: Summary, capacity: CapacitySummary): Markup {
  const scenarios = capacity.offered.length;
  const heads = capacityHeads(capacity);
  return table({
    caption:
      "Light turns per second that each runtime can do, and which share of that each scenario offers in completions per second",
    sortable: true,
    columns: [
      { head: "runner", align: "text" },
      ...heads.map((head, index) => {
        const offered = index >= heads.length - scenarios;
        return {
          head,
          ...(offered && { group: "offered, of capacity" }),
          ...(index === 3 && { align: "text" as const }),
        };
      }),
    ],
    rows: capacityRows(capacity).map(({ runner, cells }) => ({
      cells: [runnerName(summary, runner), ...cells],
      runner,
    })),
  });
}

const percent = (value: number | null): string => (value === null ? NOTHING : `${value.toFixed(0)} %`);

function stepCells(step: CapacityStep): readonly Cell[] {
  const { connections, turns, turnsPerSecond, p50Ms, p99Ms, maxMs, errors } = step;
  const shares = [step.appPercent, step.storePercent, step.othersPercent, step.loadPercent].map(percent);
  const times = [durationOr(p50Ms, NOTHING), durationOr(p99Ms), durationOr(maxMs, NOTHING)];
  const failed: Cell = { content: count(errors), tone: errors > 0 ? "notable" : "quiet" };
  const verdict = errors > 0 ? `void: ${step.firstError ?? "answers were missing"}` : step.verdict;
  return [count(connections), count(turns), count(turnsPerSecond), ...times, ...shares, failed, verdict];
}

function stepTable(summary: Summary, { runners }: CapacitySummary): Markup {
  const rows = runners.flatMap(({ runner, steps }): Row[] =>
    steps.map((step, index) => ({
      cells: [runnerName(summary, runner), ...stepCells(step)],
      begins: index === 0,
      runner,
    })),
  );
  const heads = [
    "connections",
    "turns",
    "turns/s",
    "p50",
    "p99",
    "max",
    "runtime",
    "database",
    "others",
    "load side",
    "errors",
  ];
  return table({
    caption: "Percent of one core: runtime, database and others share the runtime's, client and model have the other",
    columns: [{ head: "runner", align: "text" }, ...heads.map((head) => ({ head })), { head: "", align: "text" }],
    rows,
  });
}

/** Nothing where nobody had measured it. */
export function capacitySection(summary: Summary): Markup | null {
  const { capacity } = summary;
  if (capacity === undefined) return null;
  const days = [...new Set(capacity.runners.map(({ recorded }) => recorded))].toSorted().join(", ");
  return markup`<section id="capacity"><h2>Capacity</h2><p class="meta">${CAPACITY_READING} Measured ${days} on ${capacity.machine}.</p>
<figure><figcaption><b>How much can each runtime do, and how far from that was it used?</b> Logarithmic. The large mark is where a curve reaches 95 % of the highest rate that counts: from there on more connections only wait longer. A hollow one is not the end of the runtime: the load, or somebody else on its core, held it down. A broken line across is what a scenario of this campaign offers in completions per second; on the right it is the slowest p99 that counts. Steps with errors are left out, and a p99 that fewer than ${P99_TURNS} turns would carry.</figcaption>
${legend(summary, capacity)}${plots(capacity)}</figure>
${kneeTable(summary, capacity)}${folded("All steps as a table", stepTable(summary, capacity))}</section>`;
}
