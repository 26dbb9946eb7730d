/**
 * What a reader sees without scrolling: alarms, then the answers to what everybody asks. Below them, one verdict per runner and scenario,
 * everything that bears on trust, and the matrix of headline figures.
 */
import type { RunnerResult, ScenarioSummary, Summary } from "../../../harness/summary.ts";
import { count, listed } from "../../format.ts";
import { blocksNote, headlineRows } from "../../headline.ts";
import type { HeadlineCell, HeadlineRow } from "../../headline-row.ts";
import { verdictSentence } from "../../sentences.ts";
import { trustNotes } from "../../trust.ts";
import type { TrustNote } from "../../trust-note.ts";
import { anchor, folded, type Markup, markup, prose } from "../markup.ts";
import { runnerKey, runnerName } from "../runner-name.ts";
import { answerTable } from "./answer-table.ts";
import { answerRows, isCrowded } from "./answers.ts";
import { diagnosisMarkup } from "./diagnosis.ts";

function diagnosed(scenario: ScenarioSummary, result: RunnerResult): Markup | null {
  const says = diagnosisMarkup(scenario, result);
  return says === null ? null : markup` <span class="diagnosis">Diagnosis: ${says}.</span>`;
}

function verdicts(summary: Summary): Markup {
  const groups = summary.scenarios.map((scenario) => {
    const items = scenario.results.map(
      (result) =>
        markup`<li data-runner="${result.runner}">${runnerKey(summary, result.runner)}<b>${result.runner}</b>: ${prose(verdictSentence(summary, scenario, result))}.${diagnosed(scenario, result)}</li>`,
    );
    return markup`<h3><a href="#${anchor("scenario", scenario.scenario)}">${scenario.scenario}</a> <small>${scenario.asks}</small></h3><ul>${items}</ul>`;
  });
  return markup`<section class="verdicts"><h2>Verdicts</h2>${groups}</section>`;
}

/** More trials than this that do not count are folded away: their runners' verdicts give the reasons too. */
const NAMED_MOST = 1;

function noteItem({ weight, says }: TrustNote): Markup {
  return markup`<li class="${weight}">${prose(says)}</li>`;
}

function trust(notes: readonly TrustNote[]): Markup {
  const ofTrials = notes.filter(({ trial }) => trial !== undefined);
  const shown = ofTrials.length <= NAMED_MOST ? notes : notes.filter(({ trial }) => trial === undefined);
  const rest =
    ofTrials.length <= NAMED_MOST
      ? null
      : markup`<li class="warn">${folded(`Why ${count(ofTrials.length)} trials do not count`, markup`<ul>${ofTrials.map(noteItem)}</ul>`)}</li>`;
  return markup`<section class="trust" id="trust"><h2>Can this run be trusted?</h2><ul>${shown.map(noteItem)}${rest}</ul><p><a href="#validity">Every trial's certificate</a> · <a href="#calibration">calibration</a></p></section>`;
}

/** What nothing below may be read without. */
function alarms(notes: readonly TrustNote[]): Markup | null {
  if (notes.length === 0) return null;
  return markup`<div class="alarms" role="note">${notes.map(({ says }) => markup`<p>${prose(says)}</p>`)}</div>`;
}

/** The runners of the whole campaign, in the order in which scenarios name them. */
function runnersOf(summary: Summary): readonly string[] {
  return [...new Set(summary.scenarios.flatMap((scenario) => scenario.results.map((result) => result.runner)))];
}

function matrixCell(cell: HeadlineCell | undefined): Markup {
  if (cell === undefined) return markup`<td class="quiet">–</td>`;
  return cell.tone === "plain" ? markup`<td>${cell.text}</td>` : markup`<td class="${cell.tone}">${cell.text}</td>`;
}

/** Damage that happened to nobody is said in one line instead of a row of zeros. */
function isUneventful(row: HeadlineRow): boolean {
  return row.cells.every((cell) => cell.tone === "quiet");
}

function matrixRows(summary: Summary, scenario: ScenarioSummary, runners: readonly string[]): Markup {
  const rows = headlineRows(summary, scenario);
  const positions = runners.map((runner) => scenario.results.findIndex((result) => result.runner === runner));
  const trustRow = rows[rows.length - 1];
  const shown = rows.filter((row) => row === trustRow || !isUneventful(row));
  const uneventful = rows
    .filter((row) => row !== trustRow && isUneventful(row))
    .map((row) => row.label.replace(/: .*$/, ""));
  const lines = shown.map(
    (row) =>
      markup`<tr><th scope="row">${row.label}</th>${positions.map((position) => matrixCell(row.cells[position]))}</tr>`,
  );
  const rest =
    uneventful.length === 0
      ? null
      : markup`<tr><th scope="row" class="quiet">none for anyone</th><td class="note" colspan="${runners.length}">${listed(uneventful)}</td></tr>`;
  return markup`<tbody><tr class="section"><th scope="rowgroup" colspan="${runners.length + 1}"><a href="#${anchor("scenario", scenario.scenario)}">${scenario.scenario}</a> <span class="aside">${scenario.asks}</span>${scenario.voids.comparable ? null : markup` <span class="notable">not comparable</span>`}</th></tr>${lines}${rest}</tbody>`;
}

function matrix(summary: Summary): Markup {
  const runners = runnersOf(summary);
  return markup`<h2 id="matrix">Matrix</h2><div class="scroll" tabindex="0"><table class="matrix"><caption>Headline figures (${blocksNote(summary)}). Runners stand in the order of the run; nothing is ranked.</caption>
<thead><tr><th scope="col"></th>${runners.map((runner) => markup`<th scope="col">${runnerName(summary, runner)}</th>`)}</tr></thead>
${summary.scenarios.map((scenario) => matrixRows(summary, scenario, runners))}</table></div>`;
}

export function firstScreen(summary: Summary): Markup {
  const notes = trustNotes(summary);
  const loud = notes.filter(({ weight }) => weight === "alarm");
  const quiet = notes.filter(({ weight }) => weight !== "alarm");
  const answers =
    summary.scenarios.length === 0
      ? null
      : markup`<section class="answers${isCrowded(summary) ? " crowded" : ""}" id="answers" aria-label="Answers">${answerRows(summary)}${answerTable(summary)}</section>`;
  return markup`${alarms(loud)}${answers}<div class="opening">${verdicts(summary)}${trust(quiet)}</div>${matrix(summary)}`;
}
