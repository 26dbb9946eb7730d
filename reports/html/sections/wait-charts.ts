/** How long users waited, as charts: quantiles of overhead with their intervals, and the percentile spectra behind them. */
import type { ScenarioSummary, Summary, TrialSummary } from "../../../harness/summary.ts";
import { count, duration, durationOr, NOT_ENOUGH, NOTHING } from "../../format.ts";
import { blocksNote } from "../../headline.ts";
import { COMPARED, cohortName, latencyOf, phaseName, shownCohorts, validTrials } from "../../readings.ts";
import { plot, runnerLegend } from "../chart-canvas.ts";
import { folded, type Markup, markup } from "../markup.ts";
import { denseTable, type Row, table } from "../table.ts";
import { eachTrial } from "../trial-table.ts";

type Phase = (typeof COMPARED)[number];

interface Asked {
  readonly summary: Summary;
  readonly scenario: ScenarioSummary;
  readonly position: number;
  readonly cohort: string;
}

/** Runners that have a valid trial, in the order of the run. */
function runnersOf({ scenario }: Asked): readonly string[] {
  return scenario.results.filter((result) => validTrials(result).length > 0).map(({ runner }) => runner);
}

function validOf({ summary, scenario }: Asked) {
  return eachTrial(summary, scenario).filter(({ trial }) => trial.validity.verdict === "valid");
}

/** "memo 12 ms, journal not enough": one quantile of each runner's overhead. */
function p90Words({ scenario, cohort }: Asked, phase: Phase): string {
  const parts = scenario.results.flatMap((result) => {
    const [trial] = validTrials(result);
    if (trial === undefined) return [];
    return [`${result.runner} ${durationOr(latencyOf(trial, cohort, phase)?.overheadMs.p90 ?? null)}`];
  });
  return `p90 of overhead: ${parts.join(", ")}`;
}

function pair(asked: Asked, chart: string, data: Readonly<Record<string, string>>, says: string): Markup {
  const { scenario, position, cohort } = asked;
  const plots = COMPARED.map((phase) => {
    const words = `${says} of ${cohort} in ${scenario.scenario}, ${phaseName(scenario, phase)}. ${p90Words(asked, phase)}.`;
    return markup`<div><p class="plot-head">${phaseName(scenario, phase)}</p>${plot({ chart, scenario, position, says: words, data: { cohort, phase, ...data } })}</div>`;
  });
  return markup`<div class="pair">${plots}</div>`;
}

const quantileName = (q: number): string => `p${Number((q * 100).toPrecision(6))}`;

/** Quantiles of single trials with their intervals. */
function intervalRows(asked: Asked): readonly Row[] {
  return validOf(asked).flatMap(({ trial, name, runner }) =>
    (trial.intervals ?? [])
      .filter(({ cohort }) => cohort === asked.cohort)
      .map(({ phase, q, ms, lowMs, highMs, n, effective }, index) => ({
        cells: [
          name,
          phaseName(asked.scenario, phase),
          quantileName(q),
          ms === null ? { content: NOT_ENOUGH, tone: "quiet" as const } : duration(ms),
          lowMs === null && highMs === null
            ? { content: NOTHING, tone: "quiet" as const }
            : `${lowMs === null ? "?" : duration(lowMs)} to ${highMs === null ? "?" : duration(highMs)}`,
          count(n),
          count(effective),
        ],
        begins: index === 0,
        runner,
      })),
  );
}

function intervalTable(asked: Asked): Markup | null {
  const rows = intervalRows(asked);
  if (rows.length === 0) return null;
  return table({
    caption: "Overhead of each trial, with 95 % intervals that count stalls instead of turns",
    columns: [
      { head: "runner", align: "text" },
      { head: "phase", align: "text" },
      { head: "quantile", align: "text" },
      { head: "overhead" },
      { head: "interval" },
      { head: "turns" },
      { head: "worth as many independent ones" },
    ],
    rows,
  });
}

/** What the intervals of the chart are, which depends on how many blocks there are. */
function intervalReading({ summary }: Asked): string {
  if (summary.campaign.blocks > 1)
    return "A dot is the median of the blocks; its line is the interval of that median, or, around a hollow dot, the lowest and the highest of too few blocks.";
  return "A line is the 95 % interval of this one trial: how well its process was measured, not how another start would do. A hollow dot has none: the trial is too short, or its stalls too long.";
}

function intervals(asked: Asked): Markup | null {
  const { summary, scenario } = asked;
  const several = summary.campaign.blocks > 1;
  if (!several && validOf(asked).every(({ trial }) => (trial.intervals ?? []).length === 0)) return null;
  return markup`<figure><figcaption><b>Who makes ${cohortName(scenario, asked.cohort)} wait longest, and how sure is that?</b> Overhead, logarithmic: ● p50, ■ p90, ▲ p99. ${intervalReading(asked)} Where lines of two runners overlap, the figure does not tell them apart.</figcaption>
${pair(asked, "intervals", {}, "Quantiles of overhead with intervals")}</figure>${several ? null : folded("The intervals as a table", intervalTable(asked))}`;
}

type Measure = "overhead" | "latency";

/** The spectra of one phase: a row per trial and measure, a column per quantile. */
function spectrumTable(asked: Asked, phase: Phase): Markup | null {
  const spectra = validOf(asked).flatMap(({ trial, runner }) =>
    trial.spectrum
      .filter((one) => one.cohort === asked.cohort && one.phase === phase && one.q !== undefined)
      .map((spectrum) => ({ runner, trial, spectrum })),
  );
  const grid = spectra.map(({ spectrum }) => spectrum.q ?? []).sort((a, b) => b.length - a.length)[0];
  if (grid === undefined) return null;
  const named = grid.flatMap((q, index) => (q > 0 && (index % 4 === 2 || q >= 0.9) ? [{ q, index }] : []));
  const lines = spectra.flatMap(({ runner, trial, spectrum }) => {
    const who = asked.summary.campaign.blocks > 1 ? `${runner}, block ${trial.block}` : runner;
    return SERIES.flatMap(({ name, of }) => {
      const values = of(spectrum);
      if (values === undefined) return [];
      const cells = named.map(({ index }) => durationOr(values[index] ?? null, NOTHING));
      return [{ runner, cells: [`${who}, ${name}`, ...cells] }];
    });
  });
  return denseTable(
    `${cohortName(asked.scenario, asked.cohort)}, ${phaseName(asked.scenario, phase)}`,
    ["measure", ...named.map(({ q }) => quantileName(q))],
    lines.map(({ cells }) => cells),
    lines.map(({ runner }) => runner),
  );
}

const SERIES: readonly {
  readonly name: string;
  readonly of: (spectrum: TrialSummary["spectrum"][number]) => readonly number[] | undefined;
}[] = [
  { name: "overhead", of: ({ overheadMs }) => overheadMs },
  { name: "overhead of the successful attempt alone", of: ({ serviceOverheadMs }) => serviceOverheadMs },
  { name: "latency", of: ({ latencyMs }) => latencyMs },
  { name: "service time", of: ({ serviceMs }) => serviceMs },
];

function spectrumPair(asked: Asked, measure: Measure): Markup {
  return pair(asked, "spectrum", { measure }, `Percentile spectrum: ${measure}`);
}

function spectra(asked: Asked): Markup | null {
  const drawn = validOf(asked).some(({ trial }) =>
    trial.spectrum.some(({ cohort, q }) => cohort === asked.cohort && q !== undefined),
  );
  if (!drawn) return null;
  const tables = COMPARED.map((phase) => spectrumTable(asked, phase));
  const { summary, scenario, cohort } = asked;
  return markup`<figure><figcaption><b>How long is the tail of ${cohortName(scenario, cohort)}?</b> Overhead within which a share of turns was answered; each step to the right is a tenth of the turns before. Counted from when the user wanted the answer, and, dotted, from the successful attempt alone: where the two part, users waited for attempts that came to nothing. The hollow mark is the longest of all; what took less than 1 ms lies on the floor. One trial is one draw: lines that lie close together say nothing (${blocksNote(summary)}).</figcaption>
${runnerLegend(summary, runnersOf(asked))}${spectrumPair(asked, "overhead")}</figure>
${folded(
  "The same as latency and service time, script included",
  markup`<figure><figcaption>Latency (answer − enabled) and, dotted, service time (answer − first byte of the successful attempt).</figcaption>${runnerLegend(summary, runnersOf(asked))}${spectrumPair(asked, "latency")}</figure>`,
)}${folded("The spectra as tables", tables)}`;
}

/** The charts of one cohort: how sure, then how far the tail goes. */
export function waitCharts(summary: Summary, scenario: ScenarioSummary, position: number): Markup {
  return markup`${shownCohorts(scenario).map((cohort) => {
    const asked = { summary, scenario, position, cohort };
    return runnersOf(asked).length === 0 ? null : [intervals(asked), spectra(asked)];
  })}`;
}
