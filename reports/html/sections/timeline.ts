/** Every second of each trial: goodput, overhead and pending turns, one row per runner with equal axes, faults marked. */
import type { ScenarioSummary, Summary, TrialSummary } from "../../../harness/summary.ts";
import { count, counted, decimalOr, duration, durationOr, listed, share } from "../../format.ts";
import { wasObserved } from "../../waiting.ts";
import { folded, type Markup, markup } from "../markup.ts";
import { lineKey, runnerName } from "../runner-name.ts";
import { denseTable } from "../table.ts";
import { eachTrial } from "../trial-table.ts";

type SpanKind = TrialSummary["timeline"]["spans"]["shown"][number]["kind"];

/** Rows of the table behind the lanes; summary.json holds the others. */
const SPAN_ROWS_MOST = 60;

const PANELS = [
  { chart: "goodput", says: "turns per second" },
  { chart: "overhead", says: "overhead of the turns answered in each second" },
  { chart: "pending", says: "turns pending" },
] as const;

function heads(): Markup {
  return markup`<div class="panels panel-heads"><div><b>Turns per second</b> ${lineKey("var(--offered)", [4, 3])}offered ${lineKey("var(--intact)", [])}intact ${lineKey("var(--amnesiac)", [2, 2])}amnesiac</div>
<div><b>Overhead</b>, logarithmic ${lineKey("var(--median)", [])}p50 ${lineKey("var(--worst)", [2, 2])}max</div>
<div><b>Turns pending</b> ${lineKey("var(--pending)", [])}</div></div>`;
}

/** The instants that the charts mark, as words. */
function marks(trial: TrialSummary): string {
  const { faults, majorGcs } = trial.timeline;
  const parts = faults.map((fault) => {
    const ready = fault.readyS === null ? "" : `, ready at ${fault.readyS.toFixed(1)} s`;
    return `${fault.kind} at ${fault.atS.toFixed(1)} s${ready}`;
  });
  if (majorGcs.length > 0) parts.push(counted(majorGcs.length, "major collection"));
  return parts.length === 0 ? "no fault" : listed(parts);
}

function described(scenario: ScenarioSummary, runner: string, trial: TrialSummary, what: string): string {
  const { goodput, timeline } = trial;
  return `${runner} in ${scenario.scenario}: ${what} over ${count(timeline.seconds)} s; ${marks(trial)}; ${heldUp(trial)}; ${count(goodput.intact)} turns intact, ${count(goodput.amnesiac)} amnesiac of ${count(goodput.offered)} offered.`;
}

const KINDS: readonly (readonly [SpanKind, string])[] = [
  ["major-gc", "major collection"],
  ["minor-gc", "minor collection"],
  ["other-gc", "other collection"],
  ["stall", "stall"],
  ["silence", "silence"],
];

/** "2 major collections, 3 stalled loops": what the lanes above the overhead show, or why they are empty. */
function heldUp(trial: TrialSummary): string {
  const { shown, leftOut } = trial.timeline.spans;
  const parts = KINDS.flatMap(([kind, name]) => {
    const n = shown.filter((span) => span.kind === kind).length;
    return n === 0 ? [] : [counted(n, name)];
  });
  const rest = leftOut === 0 ? "" : ` and ${count(leftOut)} shorter spans that are not drawn`;
  if (parts.length > 0) return `held up by ${listed(parts)}${rest}`;
  return wasObserved(trial)
    ? "nothing held it up for long"
    : "nobody looked inside, so nothing is drawn above the overhead";
}

/** The longest spans, in order of time. */
function spansTable(runner: string, trial: TrialSummary): Markup | null {
  const { shown } = trial.timeline.spans;
  if (shown.length === 0) return null;
  const least = shown.map(({ ms }) => ms).sort((a, b) => b - a)[SPAN_ROWS_MOST - 1] ?? 0;
  const told = shown.filter(({ ms }) => ms >= least).slice(0, SPAN_ROWS_MOST);
  const rest =
    told.length === shown.length ? "" : `, the longest ${count(told.length)} of ${count(shown.length)} drawn`;
  return denseTable(
    `${runner}, what held it up${rest}`,
    ["second", "what", "for"],
    told.map(({ kind, fromS, ms }) => [
      fromS.toFixed(2),
      KINDS.find(([one]) => one === kind)?.[1] ?? kind,
      duration(ms),
    ]),
  );
}

function seriesTable(runner: string, trial: TrialSummary): Markup {
  const { timeline } = trial;
  const rows = Array.from({ length: timeline.seconds }, (_, second) => [
    String(second),
    count(timeline.offered[second] ?? 0),
    count(timeline.intact[second] ?? 0),
    count(timeline.amnesiac[second] ?? 0),
    count(timeline.pending[second] ?? 0),
    durationOr(timeline.overheadP50Ms[second] ?? null, "–"),
    durationOr(timeline.overheadMaxMs[second] ?? null, "–"),
    decimalOr(timeline.rssMb[second] ?? null),
    timeline.cpuShare[second] === null || timeline.cpuShare[second] === undefined
      ? "–"
      : share(timeline.cpuShare[second]),
  ]);
  const names = [
    "second",
    "offered",
    "intact",
    "amnesiac",
    "pending",
    "overhead p50",
    "overhead max",
    "memory, MB",
    "share of core",
  ];
  return denseTable(`${runner}, every second: ${marks(trial)}`, names, rows);
}

function charts(scenario: ScenarioSummary, position: number, runner: string, trial: TrialSummary): Markup {
  const plots = PANELS.map(
    ({ chart, says }) =>
      markup`<div class="plot"><canvas role="img" aria-label="${described(scenario, runner, trial, says)}" data-chart="${chart}" data-scenario="${position}" data-trial="${trial.id}"></canvas></div>`,
  );
  const proofs = trial.timeline.faults.map(
    (fault) => markup`<li>${fault.kind} at ${fault.atS.toFixed(1)} s: ${fault.proof}</li>`,
  );
  const landed = proofs.length === 0 ? null : markup`<ul class="evidence">${proofs}</ul>`;
  return markup`<div class="panels">${plots}</div>${folded("Every second as a table", landed, seriesTable(runner, trial), spansTable(runner, trial))}`;
}

export function timelineSection(summary: Summary, scenario: ScenarioSummary, position: number): Markup {
  const trials = eachTrial(summary, scenario).filter(({ trial }) => trial.validity.verdict === "valid");
  const shown = trials.filter(({ runner, trial }) => trials.find((other) => other.runner === runner)?.trial === trial);
  const others = trials.filter((one) => !shown.includes(one));
  const row = ({ trial, runner }: (typeof trials)[number]) =>
    markup`<p class="row-name">${runnerName(summary, runner, trial.block)} <span class="aside">${marks(trial)}; ${heldUp(trial)}</span></p>${charts(scenario, position, runner, trial)}`;
  if (shown.length === 0) return markup`<h3>Second by second</h3><p>No valid trial to show.</p>`;
  const rest = others.length === 0 ? null : folded("The other blocks", heads(), others.map(row));
  return markup`<h3>Second by second</h3><p class="aside">All rows share their axes. A full line marks a fault, a broken line the instant at which the runtime was ready again. Above the overhead, on its own time axis, what held the runtime up: collections of 10 ms or longer (major ones in full height), stalls (one turn of its event loop took 20 ms or longer), and silences (the heartbeat of a process stood still).</p>${heads()}${shown.map(row)}${rest}`;
}
