/** What late turns were waiting for: one row per trial, cohort and phase, one column per cause; and what of each runtime could be seen. */
import type { Attribution, Cause } from "../../../harness/observation.ts";
import type { ScenarioSummary, Summary } from "../../../harness/summary.ts";
import { count, decimalOr, duration, share } from "../../format.ts";
import { COMPARED, phaseName, shownCohorts } from "../../readings.ts";
import { CAUSE_WORDS, CAUSES_TOLD, wasObserved } from "../../waiting.ts";
import { anchor, folded, type Markup, markup } from "../markup.ts";
import { type Cell, type Row, table } from "../table.ts";
import { eachTrial, type Figure, trialRow, trialTable } from "../trial-table.ts";

type Told = (row: Attribution) => boolean;

/** A count with its share of the late turns: "190 (90 %)". */
function partCell(turns: number, late: number): Cell {
  if (turns === 0) return { content: "0", tone: "quiet" };
  return markup`${count(turns)} <span class="aside">(${share(turns / late)})</span>`;
}

function cells(scenario: ScenarioSummary, row: Attribution, causes: readonly Cause[]): readonly Cell[] {
  const { cohort, phase, turns, late, lateFromMs, namedShare } = row;
  const of = (wanted: Cause) => row.causes.find(({ cause }) => cause === wanted)?.turns ?? 0;
  const named = causes.reduce((sum, cause) => sum + of(cause), 0);
  return [
    cohort,
    phaseName(scenario, phase),
    count(turns),
    late === 0 ? { content: "0", tone: "quiet" } : count(late),
    duration(lateFromMs),
    ...causes.map((cause) => partCell(of(cause), late)),
    partCell(late - named, late),
    namedShare === null ? { content: "–", tone: "quiet" } : share(namedShare),
  ];
}

/** Rows of every valid trial that pass; a trial that does not count has its reason instead. */
function rows(summary: Summary, scenario: ScenarioSummary, causes: readonly Cause[], told: Told): readonly Row[] {
  return eachTrial(summary, scenario).flatMap(({ trial, name }): Row[] => {
    if (trial.validity.verdict !== "valid") return [trialRow(name, trial, () => [], true)];
    const chosen = trial.attribution.filter(told);
    if (chosen.length === 0) return [];
    return chosen.map((row, index) => ({ cells: [name, ...cells(scenario, row, causes)], begins: index === 0 }));
  });
}

function causeTable(summary: Summary, scenario: ScenarioSummary, caption: Markup, told: Told): Markup | null {
  const shown = scenario.results.flatMap(({ trials }) => trials.flatMap((trial) => trial.attribution.filter(told)));
  if (shown.length === 0) return null;
  const causes = CAUSES_TOLD.filter((wanted) => shown.some((row) => row.causes.some(({ cause }) => cause === wanted)));
  const group = "late turns by what they waited for";
  return table({
    sortable: true,
    caption,
    columns: [
      { head: "runner", align: "text" },
      { head: "cohort", align: "text" },
      { head: "phase", align: "text" },
      { head: "answered" },
      { head: "late" },
      { head: "late from" },
      ...causes.map((cause) => ({ head: CAUSE_WORDS[cause].head, group })),
      { head: "no named cause", group },
      { head: "named", group },
    ],
    rows: rows(summary, scenario, causes, told),
  });
}

const SEEN: readonly Figure[] = [
  { head: "from inside", group: "looked at", of: ({ observation }) => (observation.inside ? "yes" : "no") },
  { head: "starts, by heartbeat", group: "looked at", of: ({ observation }) => count(observation.watched) },
  { head: "/proc, per s", group: "looked at", of: ({ observation }) => decimalOr(observation.samplesPerSecond) },
  {
    head: "stalls of 20 ms or longer",
    group: "seen",
    of: (trial) => (trial.observation.inside ? count(trial.observation.stalls) : "–"),
  },
  {
    head: "silences",
    group: "seen",
    of: (trial) => (trial.observation.watched > 0 ? count(trial.observation.silences) : "–"),
  },
];

/** Nobody looked inside: then "no named cause" says nothing about the runtime. */
function unseen(summary: Summary, scenario: ScenarioSummary): Markup | null {
  const names = eachTrial(summary, scenario).filter(
    ({ trial }) => trial.validity.verdict === "valid" && !wasObserved(trial),
  );
  if (names.length === 0) return null;
  return markup`<p class="notable">Nobody looked inside ${[...new Set(names.map(({ runner }) => runner))].join(", ")}: there, “no named cause” means that nothing could be named.</p>`;
}

export function waitingSection(summary: Summary, scenario: ScenarioSummary): Markup | null {
  const asked = shownCohorts(scenario);
  const isAsked: Told = ({ cohort, phase }) => asked.includes(cohort) && COMPARED.some((one) => one === phase);
  const caption = markup`Late: overhead above the cohort's own calm median + 50 ms. A late turn is charged to what held the runtime up for the largest part of its wait, if known causes cover at least half of it.`;
  const main = causeTable(summary, scenario, caption, isAsked);
  const rest = causeTable(summary, scenario, markup`The other cohorts and phases`, (row) => !isAsked(row));
  if (main === null && rest === null) return null;
  const seen = trialTable(summary, scenario, markup`What of each runtime could be seen`, SEEN);
  return markup`<h3 id="${anchor("waiting", scenario.scenario)}">What late turns were waiting for</h3>${unseen(summary, scenario)}${main}${folded("Other cohorts and phases, and what could be seen", rest, seen)}`;
}
