/**
 * What the judgement of each promise rests on: the vow, the chances to break it, the finding, and the trials with their verdicts,
 * certificates and commands. Promises: something to read for every cell of the promise table, also for what was never offered or tested.
 */
import { PROMISES } from "../../../harness/promises.ts";
import type { PromiseSummary, Summary, TrialSummary } from "../../../harness/summary.ts";
import { count, counted, listed } from "../../format.ts";
import { promised, promiseState, promiseTable } from "../../promise-table.ts";
import { everyTrial } from "../../readings.ts";
import { command, foldedOf } from "../fold.ts";
import { type Content, type Markup, markup, prose } from "../markup.ts";
import { promiseAnchor, promiseCellAnchor, promisesOfAnchor, verdictsAnchor } from "../places.ts";
import { runnerName } from "../runner-name.ts";
import { certificateAnchor } from "../trial-table.ts";
import { hasLane, laneAnchor } from "./lanes.ts";

/** Of more trials than this only the links are given; each trial's verdicts carry its command. */
const COMMANDS_MOST = 3;
/** Failures of a trial that are named beside a broken promise. */
const FAILURES_MOST = 5;

/** What is said of a trial; calm twins have no other place in the report. */
interface Told extends Pick<TrialSummary, "verdicts" | "validity" | "command"> {
  /** Null for a calm twin. */
  readonly own: TrialSummary | null;
}
type Trials = ReadonlyMap<string, Told>;

function trialsOf(summary: Summary): Trials {
  const trials = new Map<string, Told>();
  for (const { trial } of everyTrial(summary)) trials.set(trial.id, { ...trial, own: trial });
  for (const twin of summary.scenarios.flatMap((scenario) => scenario.twins ?? []))
    trials.set(twin.id, { ...twin, own: null });
  return trials;
}

/** The row of data by which a promise is judged; undefined in summaries of other versions. */
function ruleOf(promise: string) {
  return Object.entries(PROMISES).find(([name]) => name === promise)?.[1];
}

function vow(row: PromiseSummary): string {
  const about = ruleOf(row.promise)?.about;
  const says = about === undefined ? "" : `: ${about}`;
  if (row.state === "not offered") return `not promised${says}`;
  const how = promised(row);
  return `${how ?? "promised"}${says}`;
}

/** What a trial must offer for the promise to be judged at all. */
function test(promise: string): string | null {
  const rule = ruleOf(promise);
  return rule === undefined ? null : `at least ${counted(rule.least, ...rule.unit)} in valid trials`;
}

/** The verdicts of a valid trial, and its certificate. */
function trialLinks(id: string, { validity }: Told): Markup {
  const verdicts =
    validity.verdict === "valid" ? markup`<a href="#${verdictsAnchor(id)}">verdicts</a>` : markup`${validity.verdict}`;
  return markup` (${verdicts}, <a href="#${certificateAnchor(id)}">certificate</a>)`;
}

/** Failures of a trial that have a story of their own: the lane where it is drawn, and the file. */
function failures({ own }: Told): Markup | null {
  const capsules = own?.lanes?.capsules.slice(0, FAILURES_MOST) ?? [];
  if (own === null || capsules.length === 0) return null;
  const items = capsules.map(({ checker, session }) => {
    const name = session === null ? checker : `${checker}-${session}`;
    const lane =
      session !== null && hasLane(own, session)
        ? markup`<a href="#${laneAnchor(own.id, session)}">${session} seen closely</a>, `
        : null;
    return markup`<li>${checker}: ${lane}<code>trials/${own.id}/capsules/${name}.json</code></li>`;
  });
  return markup`<ul>${items}</ul>`;
}

function trialItem(id: string, trial: Told | undefined, { state }: PromiseSummary, withCommand: boolean): Markup {
  if (trial === undefined) return markup`<li>${id}: not in this summary</li>`;
  const wrong = trial.verdicts.filter(({ result }) => result === false).map(({ checker }) => checker);
  const found = wrong.length === 0 ? "no checker found a violation" : `violations found by ${listed(wrong)}`;
  const repeat = withCommand ? markup`<br>${command(trial.command)}` : null;
  return markup`<li><b>${id}</b>: ${found}${trial.own === null ? " (a calm twin)" : trialLinks(id, trial)}${state === "broken" ? failures(trial) : null}${repeat}</li>`;
}

function trialList(row: PromiseSummary, trials: Trials): Content {
  if (row.trials.length === 0) return "none";
  const few = row.trials.length <= COMMANDS_MOST;
  const items = row.trials.map((id) => trialItem(id, trials.get(id), row, few));
  const repeat = few ? null : markup`<p class="aside">The command that repeats a trial stands by its verdicts.</p>`;
  return markup`<ul class="evidence">${items}</ul>${repeat}`;
}

function evidenceOf(row: PromiseSummary, trials: Trials): Markup {
  const { runner, promise, state, exposures, says } = row;
  const facts: [string, Content][] = [["vow", vow(row)]];
  const needed = test(promise);
  if (state === "untested" && needed !== null) facts.push(["would be tested by", needed]);
  if (state !== "not offered") facts.push(["chances to break it", count(exposures)]);
  if (says !== "" && says !== `Not offered: ${ruleOf(promise)?.about}.`) facts.push(["found", prose(says)]);
  if (state !== "not offered") facts.push(["trials", trialList(row, trials)]);
  const tone = state === "broken" ? "broken" : state === "kept" ? "kept" : "quiet";
  return foldedOf(
    { id: promiseAnchor(runner, promise) },
    markup`<b>${promise}</b>: <span class="${tone}">${promiseState(row)}</span>`,
    markup`<dl class="facts">${facts.map(([term, value]) => markup`<dt>${term}</dt><dd>${value}</dd>`)}</dl><p class="back"><a href="#${promiseCellAnchor(runner, promise)}">Back to the table<span class="unseen">, ${promise} of ${runner}</span></a></p>`,
  );
}

/** "1 broken, 6 kept, 5 not offered, 2 untested". */
function tally(rows: readonly PromiseSummary[]): string {
  const states = ["broken", "kept", "not offered", "untested"] as const;
  return states
    .map((state) => [state, rows.filter((row) => row.state === state).length] as const)
    .filter(([, n]) => n > 0)
    .map(([state, n]) => `${n} ${state}`)
    .join(", ");
}

/** Folded by runner, then by promise. */
export function promiseEvidence(summary: Summary): Markup {
  const trials = trialsOf(summary);
  const runners = promiseTable(summary).runners.map((runner) => {
    const rows = summary.promises.filter((row) => row.runner === runner);
    return foldedOf(
      { id: promisesOfAnchor(runner), runner },
      markup`${runnerName(summary, runner)}: ${tally(rows)}`,
      rows.map((row) => evidenceOf(row, trials)),
    );
  });
  return markup`${runners}`;
}
