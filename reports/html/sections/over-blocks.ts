/** What the blocks of a runner say together: median, spread, and an interval where there are enough of them. */

import type { BlockFigure } from "../../../harness/summarize/over-blocks.ts";
import type { RunnerResult, ScenarioSummary, Summary } from "../../../harness/summary.ts";
import { decimal, duration, NOTHING, share } from "../../format.ts";
import { phaseName } from "../../readings.ts";
import { type Markup, markup } from "../markup.ts";
import { runnerName } from "../runner-name.ts";
import { type Cell, type Row, table } from "../table.ts";

const written = (value: number, unit: BlockFigure["unit"]): string =>
  unit === "ms" ? duration(value) : `${decimal(value)} ${unit}`;

/** "overhead p50 of chatty, calm". */
function nameOf(scenario: ScenarioSummary, { figure, cohort, phase }: BlockFigure): string {
  const whose = cohort === null ? "" : ` of ${cohort}`;
  return `${figure}${whose}${phase === null ? "" : `, ${phaseName(scenario, phase)}`}`;
}

function intervalCell({ interval, unit }: BlockFigure): Cell {
  if (interval === null) return { content: NOTHING, tone: "quiet" };
  const { low, high, coverage } = interval;
  return markup`${written(low, unit)} to ${written(high, unit)} <span class="aside">(${share(coverage)})</span>`;
}

function cells(found: BlockFigure, voids: number): readonly Cell[] {
  const { unit, blocks, median, lowest, highest, resolution } = found;
  return [
    written(median, unit),
    lowest === highest ? { content: NOTHING, tone: "quiet" } : `${written(lowest, unit)} to ${written(highest, unit)}`,
    intervalCell(found),
    voids === 0 ? String(blocks) : markup`${blocks} <span class="aside">(${voids} not valid)</span>`,
    written(resolution, unit),
  ];
}

/** All runners under one figure, so that what is compared stands together. */
function figureRows(summary: Summary, scenario: ScenarioSummary, figure: string): readonly Row[] {
  const found = scenario.results.flatMap(({ runner, overBlocks }) => {
    const same = overBlocks.figures.find((one) => nameOf(scenario, one) === figure);
    return same === undefined ? [] : [{ runner, same, voids: overBlocks.voids }];
  });
  return found.map(({ runner, same, voids }, index) => ({
    cells: [figure, runnerName(summary, runner), ...cells(same, voids)],
    begins: index === 0,
  }));
}

/** The note of each runner, once where all have the same. */
function notes(results: readonly RunnerResult[]): string {
  const said = [...new Set(results.map(({ overBlocks }) => overBlocks.note))];
  if (said.length === 1) return said[0] ?? "";
  return results.map(({ runner, overBlocks }) => `${runner}: ${overBlocks.note}`).join(" ");
}

/** Null where there is one block: its figures stand in the other tables already, and the first page says so. */
export function overBlocksSection(summary: Summary, scenario: ScenarioSummary): Markup | null {
  if (scenario.results.every(({ overBlocks }) => overBlocks.blocks < 2)) return null;
  const all = scenario.results.flatMap(({ overBlocks }) => overBlocks.figures.map((one) => nameOf(scenario, one)));
  const figures = [...new Set(all)];
  return markup`<h3>Over the blocks</h3>${table({
    caption: markup`${notes(scenario.results)} A block is a fresh process with a seed of its own. Differences below the resolution are within measuring.`,
    columns: [
      { head: "figure", align: "text" },
      { head: "runner", align: "text" },
      { head: "median" },
      { head: "lowest to highest" },
      { head: "interval of the median" },
      { head: "blocks" },
      { head: "resolution" },
    ],
    rows: figures.flatMap((figure) => figureRows(summary, scenario, figure)),
  })}`;
}
