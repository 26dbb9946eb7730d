/** Recovery of the sessions that a fault hit: a survival curve in which "never" keeps the line above zero, its figures, and the silent sessions. */
import type { Recovery, ScenarioSummary, Summary } from "../../../harness/summary.ts";
import { count, duration, durationOr, NEVER, NOTHING, share } from "../../format.ts";
import { recoveryCohorts, recoveryOf } from "../../readings.ts";
import { RECOVERY_DEFAULTS, recoveryDefaults } from "../../recovery-defaults.ts";
import { folded, type Markup, markup } from "../markup.ts";
import { denseTable, table } from "../table.ts";
import { damageCell, eachTrial, trialRow, trialTable } from "../trial-table.ts";

/** Rows of the table behind a curve; more would say nothing that the eye could follow. */
const CURVE_ROWS_MOST = 60;

interface Line {
  readonly runner: string;
  readonly who: string;
  readonly recovery: Recovery;
}

function linesOf(summary: Summary, scenario: ScenarioSummary, cohort: string): readonly Line[] {
  return eachTrial(summary, scenario).flatMap(({ trial, runner }) => {
    const recovery = trial.validity.verdict === "valid" ? recoveryOf(trial, cohort) : undefined;
    if (recovery === undefined || recovery.touched === 0) return [];
    return [{ runner, who: summary.campaign.blocks > 1 ? `${runner}, block ${trial.block}` : runner, recovery }];
  });
}

function described(scenario: ScenarioSummary, cohort: string, lines: readonly Line[]): string {
  const parts = lines.map(({ who, recovery }) => {
    const rest = `${count(recovery.amnesiac)} answered without memory, ${count(recovery.never)} never did`;
    return `${who}: ${count(recovery.recovered)} of ${count(recovery.touched)} recovered, ${rest}`;
  });
  return `Share of sessions of ${cohort} not yet recovered over time after the fault, in ${scenario.scenario}. ${parts.join(". ")}.`;
}

/** Points of a curve, thinned evenly where there are many; first and last always stay. */
function thinned(curve: Recovery["curve"]): Recovery["curve"] {
  if (curve.length <= CURVE_ROWS_MOST) return curve;
  const step = (curve.length - 1) / (CURVE_ROWS_MOST - 1);
  return Array.from({ length: CURVE_ROWS_MOST }, (_, row) => curve[Math.round(row * step)] ?? [0, 1]);
}

function figures(summary: Summary, scenario: ScenarioSummary, cohort: string): Markup {
  const columns = ["faults", "hit", "recovered", "amnesiac", "never", "median", "p90", "longest", "resolution"];
  return table({
    sortable: true,
    caption: markup`<b>Recovery of ${cohort}</b>: extra wait until the first intact answer of a session that was hit, minus the calm median; limited by the resolution, the client's retry step`,
    columns: [{ head: "runner", align: "text" }, ...columns.map((head) => ({ head }))],
    rows: eachTrial(summary, scenario).map(({ trial, name, begins }) => {
      const recovery = recoveryOf(trial, cohort);
      if (recovery === undefined) return { cells: [name], note: "not measured", begins };
      const cells = () => [
        count(recovery.faults),
        count(recovery.touched),
        count(recovery.recovered),
        damageCell(recovery.amnesiac),
        damageCell(recovery.never),
        durationOr(recovery.medianMs, NEVER),
        durationOr(recovery.p90Ms, NEVER),
        durationOr(recovery.maxMs, NEVER),
        duration(recovery.resolutionMs),
      ];
      return trialRow(name, trial, cells, begins);
    }),
  });
}

/** Where faults differ in how long processes stayed down: how much of a recovery is nothing but waiting for the restart. */
function byRestart(summary: Summary, scenario: ScenarioSummary, cohort: string): Markup | null {
  const rows = eachTrial(summary, scenario).flatMap(({ trial, name }) =>
    (trial.validity.verdict === "valid" ? (recoveryOf(trial, cohort)?.byRestart ?? []) : []).map((one) => ({
      cells: [
        markup`${name}, started again after ${duration(one.restartAfterMs)}`,
        count(one.touched),
        count(one.recovered),
        damageCell(one.amnesiac),
        damageCell(one.never),
        durationOr(one.medianMs, NEVER),
        durationOr(one.p90Ms, NEVER),
        durationOr(one.maxMs, NEVER),
      ],
    })),
  );
  if (rows.length === 0) return null;
  const columns = ["hit", "recovered", "amnesiac", "never", "median", "p90", "longest"];
  return table({
    caption: markup`<b>Recovery of ${cohort} by restart delay</b>: the delay is part of every wait`,
    columns: [{ head: "runner", align: "text" }, ...columns.map((head) => ({ head }))],
    rows,
  });
}

function cohortRecovery(summary: Summary, scenario: ScenarioSummary, position: number, cohort: string): Markup {
  const lines = linesOf(summary, scenario, cohort);
  const chart = markup`<figure><figcaption>Share of the sessions hit that have not yet given an intact answer, over time since their answer was due (logarithmic). A line that ends above zero ends at those who never did, or only without their memory.</figcaption>
<div class="plot"><canvas role="img" aria-label="${described(scenario, cohort, lines)}" data-chart="recovery" data-scenario="${position}" data-cohort="${cohort}"></canvas></div></figure>`;
  const rows = lines.flatMap(({ who, recovery }) =>
    thinned(recovery.curve).map(([ms, left]) => [who, duration(ms), share(left)]),
  );
  const owners = lines.flatMap(({ runner, recovery }) => thinned(recovery.curve).map(() => runner));
  const fallback = folded(
    "The curve as a table",
    denseTable(`Sessions of ${cohort} not yet recovered`, ["runner", "after", "not yet recovered"], rows, owners),
  );
  return markup`${lines.length === 0 ? null : markup`${chart}${fallback}`}${figures(summary, scenario, cohort)}${byRestart(summary, scenario, cohort)}`;
}

function silent(summary: Summary, scenario: ScenarioSummary): Markup | null {
  if (!scenario.results.some((result) => result.trials.some((trial) => trial.silent !== null))) return null;
  return trialTable(
    summary,
    scenario,
    markup`<b>Silent sessions</b>, whose clients never ask again: only they show whether a runtime resumes interrupted turns unasked`,
    [
      { head: "interrupted", of: (trial) => (trial.silent === null ? "–" : count(trial.silent.interrupted)) },
      { head: "resumed", of: (trial) => (trial.silent === null ? "–" : count(trial.silent.resumed)) },
      { head: "after, median", of: (trial) => durationOr(trial.silent?.resumedMedianMs ?? null, "–") },
    ],
  );
}

/** What stands behind the figures above, in the runners' own words. */
function defaults(summary: Summary, scenario: ScenarioSummary): Markup | null {
  const stated = recoveryDefaults(summary, scenario);
  if (stated === null) return null;
  const { runners, rows } = stated;
  return folded(
    RECOVERY_DEFAULTS,
    table({
      caption: "As the runners state them; not measured.",
      columns: ["default", ...runners].map((head) => ({ head, align: "text" })),
      rows: rows.map(({ what, cells }) => ({
        cells: [what, ...cells.map((cell) => cell ?? { content: NOTHING, tone: "quiet" as const })],
      })),
    }),
  );
}

export function recoverySection(summary: Summary, scenario: ScenarioSummary, position: number): Markup | null {
  const cohorts = recoveryCohorts(scenario);
  const unasked = silent(summary, scenario);
  if (cohorts.length === 0 && unasked === null) return null;
  return markup`<h3>Recovery</h3>${cohorts.map((cohort) => cohortRecovery(summary, scenario, position, cohort))}${unasked}${defaults(summary, scenario)}`;
}
