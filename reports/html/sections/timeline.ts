/**
 * Every second of each trial: goodput, overhead and its heat map, then pending turns, memory and CPU; one row per runner with equal axes,
 * faults marked.
 */
import type { ScenarioSummary, Summary, TrialSummary } from "../../../harness/summary.ts";
import { count, share } from "../../format.ts";
import { goodputBack, goodputBackAfter } from "../../goodput-back.ts";
import { heldUp, marksOf } from "../../timeline-words.ts";
import { heatLegend, heatSteps, plot, swatch } from "../chart-canvas.ts";
import { foldedOf } from "../fold.ts";
import { folded, type Markup, markup } from "../markup.ts";
import { faultAnchor, trialAnchor } from "../places.ts";
import { lineKey, runnerName } from "../runner-name.ts";
import { eachTrial } from "../trial-table.ts";
import { heatTable, seriesTable, spansTable } from "./timeline-tables.ts";

/** More runners than this are folded, one line each: nobody reads a wall of charts. */
const UNFOLDED_MOST = 5;

interface Panel {
  readonly chart: string;
  readonly says: string;
}

const FIRST: readonly Panel[] = [
  { chart: "goodput", says: "turns per second" },
  { chart: "overhead", says: "overhead of the turns answered in each second" },
];
const HEAT: Panel = { chart: "heat", says: "how many turns were answered with how much overhead, as a heat map" };
const SECOND: readonly Panel[] = [
  { chart: "pending", says: "turns pending" },
  { chart: "memory", says: "resident memory of the runtime" },
  { chart: "cpu", says: "share of its cores that the runtime used" },
];

interface Shown {
  readonly summary: Summary;
  readonly scenario: ScenarioSummary;
  readonly position: number;
  readonly trials: readonly { readonly trial: TrialSummary; readonly runner: string }[];
  /** Steps of the heat map's colours; empty where no trial has one. */
  readonly steps: readonly number[];
}

/** The largest count in any cell of these heat maps; 0 where there are none. */
function largestCell(trials: readonly { readonly trial: TrialSummary }[]): number {
  const cells = trials.flatMap(({ trial }) => trial.heat?.columns.flatMap(([, ...counts]) => counts) ?? []);
  return cells.reduce((most, n) => Math.max(most, n), 0);
}

function heads({ trials, steps }: Shown): Markup {
  const ended = trials.some(({ trial }) => trial.timeline.endings !== undefined);
  const band = trials.some(({ trial }) => (trial.timeline.band ?? null) !== null);
  const bad = ended
    ? markup` ${lineKey("var(--broken)", [7, 3])}not answered ${lineKey("var(--notable)", [9, 3, 2, 3])}late`
    : null;
  const calm = band ? markup` ${swatch("pending", "calm", "stripe")} ▲ back in it` : null;
  const heat =
    steps.length === 0 ? null : markup`<div><b>Overhead of every turn</b>, turns per cell ${heatLegend(steps)}</div>`;
  return markup`<div class="panels panel-heads"><div><b>Turns per second</b> ${lineKey("var(--offered)", [4, 3])}offered ${lineKey("var(--intact)", [])}intact ${lineKey("var(--amnesiac)", [2, 2])}amnesiac${bad}${calm}</div>
<div><b>Overhead</b>, logarithmic ${lineKey("var(--median)", [])}p50 ${lineKey("var(--worst)", [2, 2])}max</div>
${heat}</div>`;
}

const USAGE_HEADS = markup`<div class="panels panel-heads"><div><b>Turns pending</b></div><div><b>Memory</b>, MB, the database left out</div><div><b>CPU</b>, share of its cores, the database included</div></div>`;

/** What the charts of a trial show, as a sentence. */
function described({ scenario }: Shown, runner: string, trial: TrialSummary, what: string): string {
  const { goodput, timeline } = trial;
  const back = goodputBack(timeline);
  return `${runner} in ${scenario.scenario}: ${what} over ${count(timeline.seconds)} s; ${marksOf(trial)}; ${heldUp(trial)}; ${back === null ? "" : `${back}; `}${count(goodput.intact)} turns intact, ${count(goodput.amnesiac)} amnesiac of ${count(goodput.offered)} offered.`;
}

function plots(shown: Shown, runner: string, trial: TrialSummary, panels: readonly Panel[]): Markup {
  const { scenario, position, steps } = shown;
  return markup`<div class="panels">${panels.map(({ chart, says }) => {
    const data = { trial: trial.id, ...(chart === HEAT.chart && { steps: steps.join(",") }) };
    return plot({ chart, scenario, position, says: described(shown, runner, trial, says), data });
  })}</div>`;
}

/** Every fault with the proof that it landed, and what became of goodput. */
function faults({ id, timeline }: TrialSummary): Markup | null {
  const items = timeline.faults.map(
    (fault, index) =>
      markup`<li id="${faultAnchor(id, index)}">${fault.kind} at ${fault.atS.toFixed(1)} s: ${fault.proof} ${goodputBackAfter(timeline, fault.id)}</li>`,
  );
  return items.length === 0 ? null : markup`<ul class="evidence">${items}</ul>`;
}

/** The largest share of its cores in any second, and the largest memory. */
function usageWords({ timeline }: TrialSummary): string {
  const most = (values: readonly (number | null)[]): number => values.reduce<number>((a, b) => Math.max(a, b ?? 0), 0);
  return `at most ${count(most(timeline.rssMb))} MB and ${share(most(timeline.cpuShare))} of its cores`;
}

function charts(shown: Shown, runner: string, trial: TrialSummary): Markup {
  const first = trial.heat === undefined ? FIRST : [...FIRST, HEAT];
  return markup`${plots(shown, runner, trial, first)}${folded(
    `Turns pending, memory and CPU: ${usageWords(trial)}`,
    USAGE_HEADS,
    plots(shown, runner, trial, SECOND),
  )}${folded(
    "Every second as a table",
    faults(trial),
    seriesTable(runner, trial, marksOf(trial)),
    spansTable(runner, trial),
    heatTable(runner, trial),
  )}`;
}

function row(shown: Shown, runner: string, trial: TrialSummary, isFolded: boolean): Markup {
  const parts = [marksOf(trial), goodputBack(trial.timeline), isFolded ? null : heldUp(trial)];
  const words = parts.filter((part) => part !== null).join("; ");
  const name = markup`${runnerName(shown.summary, runner, trial.block)} <span class="aside">${words}</span>`;
  if (isFolded) return foldedOf({ id: trialAnchor(trial.id), runner }, name, charts(shown, runner, trial));
  return markup`<div id="${trialAnchor(trial.id)}" data-runner="${runner}"><p class="row-name">${name}</p>${charts(shown, runner, trial)}</div>`;
}

/** How the rows are read; only what is in them. */
function reading({ trials }: Shown): Markup {
  const faults = trials.some(({ trial }) => trial.timeline.faults.length > 0)
    ? "A full line marks a fault, a broken line the instant at which the runtime was ready again. "
    : "";
  const band = trials.some(({ trial }) => (trial.timeline.band ?? null) !== null)
    ? "The stripe behind goodput holds nine of ten seconds of calm; ▲ marks when goodput was back in it, or above, for five seconds. "
    : "";
  return markup`<p class="aside">All rows share their axes. ${faults}${band}Above the overhead, on its own time axis, what held the runtime up: collections of 10 ms or longer (major ones in full height), stalls (one turn of its event loop took 20 ms or longer), and silences (the heartbeat of a process stood still).</p>`;
}

export function timelineSection(summary: Summary, scenario: ScenarioSummary, position: number): Markup {
  const trials = eachTrial(summary, scenario).filter(({ trial }) => trial.validity.verdict === "valid");
  const first = trials.filter(({ runner, trial }) => trials.find((other) => other.runner === runner)?.trial === trial);
  const others = trials.filter((one) => !first.includes(one));
  if (first.length === 0) return markup`<h3>Second by second</h3><p>No valid trial to show.</p>`;
  const most = largestCell(trials);
  const shown: Shown = { summary, scenario, position, trials, steps: most === 0 ? [] : heatSteps(most) };
  const rows = (list: typeof trials, isFolded: boolean) =>
    list.map(({ trial, runner }) => row(shown, runner, trial, isFolded));
  const rest = others.length === 0 ? null : folded("The other blocks", heads(shown), rows(others, true));
  return markup`<h3>Second by second</h3>${reading(shown)}${heads(shown)}${rows(first, first.length > UNFOLDED_MOST)}${rest}`;
}
