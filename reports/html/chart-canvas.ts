/**
 * The canvas of a chart with what a screen reader says of it, and the keys beside it. Promises: every canvas has an id of its own, a role
 * and a sentence. Leaves to others: drawing (the file of `browser/` that knows the kind), the table behind it.
 */
import type { ScenarioSummary, Summary } from "../../harness/summary.ts";
import { count } from "../format.ts";
import { LIGHT } from "./look.ts";
import { anchor, type Markup, markup } from "./markup.ts";
import { runnerName } from "./runner-name.ts";

export interface Canvas {
  /** The kind, by which a maker is found. */
  readonly chart: string;
  readonly scenario: ScenarioSummary;
  /** Place of the scenario in the summary. */
  readonly position: number;
  /** A sentence for those who do not see it. */
  readonly says: string;
  /** What else the maker needs to know, as data attributes. Together with kind and scenario it tells the canvas from all others. */
  readonly data: Readonly<Record<string, string>>;
}

/** A canvas in the box that gives it its size. */
export function plot({ chart, scenario, position, says, data }: Canvas): Markup {
  const known = Object.entries(data).map(([name, value]) => markup` data-${name}="${value}"`);
  const id = anchor("chart", scenario.scenario, chart, ...Object.values(data));
  return markup`<div class="plot"><canvas id="${id}" role="img" aria-label="${says}" data-chart="${chart}" data-scenario="${position}"${known}></canvas></div>`;
}

/** The keys of all runners that have a valid trial, for charts that show them together. */
export function runnerLegend(summary: Summary, runners: readonly string[]): Markup {
  const names = runners.map((runner) => markup`<span data-runner="${runner}">${runnerName(summary, runner)}</span>`);
  return markup`<p class="runner-legend">${names}</p>`;
}

/** A patch of colour with its meaning. @param pattern a class of charts.css */
export function swatch(color: string, says: string, pattern = ""): Markup {
  return markup`<span class="swatched"><span class="swatch ${pattern}" style="background-color:var(--${color})"></span>${says}</span> `;
}

/** From how many turns on each colour of the heat map is used: 1 first, then ever larger steps. @param most largest count of all */
export function heatSteps(most: number): readonly number[] {
  const steps = LIGHT.heat.map((_, step) => Math.round(Math.max(1, most) ** (step / LIGHT.heat.length)));
  return [...new Set(steps)];
}

/** The colours of a heat map with their counts. */
export function heatLegend(steps: readonly number[]): Markup {
  const items = steps.map((from, step) => {
    const next = steps[step + 1];
    const words =
      next === undefined
        ? `${count(from)} or more`
        : next - 1 > from
          ? `${count(from)}–${count(next - 1)}`
          : count(from);
    return swatch(`heat-${step}`, words);
  });
  return markup`${items}`;
}
