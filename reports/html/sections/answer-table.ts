/** The answers of the first screen as a table: one row per runner, every figure behind the sentences. A runner without an answer has its reason. */
import type { Summary } from "../../../harness/summary.ts";
import { type Answer, answersOf, type Cost, type Kept, type RunnerAnswers, type WorkedAgain } from "../../answers.ts";
import { count, dollars, duration, listed, NOTHING } from "../../format.ts";
import { type Markup, markup } from "../markup.ts";
import { runnerName } from "../runner-name.ts";
import { certificateAnchor } from "../trial-table.ts";

/** More rows than this scroll in a box of their own, so that the page does not begin with a wall. */
const ROWS_MOST = 8;
/** Characters of a reason that fit into a cell; the certificate has all of it. */
const REASON_MOST = 150;

type Unknown = Extract<Answer<never>, { readonly known: false }>;

interface Figure<Value> {
  readonly head: string;
  readonly of: (value: Value) => string;
  /** Whether it is damage. */
  readonly harm?: (value: Value) => boolean;
}

const KEPT: readonly Figure<Kept>[] = [
  {
    head: "turns forgotten",
    of: ({ forgotten, acknowledged }) => `${count(forgotten)} of ${count(acknowledged)}`,
    harm: ({ forgotten }) => forgotten > 0,
  },
  {
    head: "conversations",
    of: ({ sessionsForgotten, sessions }) => `${count(sessionsForgotten)} of ${count(sessions)}`,
    harm: ({ sessionsForgotten }) => sessionsForgotten > 0,
  },
  {
    head: "lost by read",
    of: ({ lostByRead }) => (lostByRead === null ? "no reads" : count(lostByRead)),
    harm: ({ lostByRead }) => (lostByRead ?? 0) > 0,
  },
];

const WORKED: readonly Figure<WorkedAgain>[] = [
  { head: "hit", of: ({ hit }) => count(hit) },
  { head: "recovered after", of: ({ longestMs }) => (longestMs === null ? NOTHING : duration(longestMs)) },
  { head: "amnesiac", of: ({ amnesiac }) => count(amnesiac), harm: ({ amnesiac }) => amnesiac > 0 },
  { head: "never", of: ({ never }) => count(never), harm: ({ never }) => never > 0 },
  { head: "process ready", of: ({ readyMs }) => (readyMs === null ? NOTHING : duration(readyMs)) },
];

const spent = ({ calls, dollars: paid }: Cost["avoidable"]): string => `${count(calls)} (${dollars(paid)})`;

const COST: readonly Figure<Cost>[] = [
  { head: "without need", of: ({ avoidable }) => spent(avoidable), harm: ({ avoidable }) => avoidable.calls > 0 },
  { head: "all", of: ({ bought }) => spent(bought) },
];

function figureCells<Value>(value: Value, figures: readonly Figure<Value>[]): Markup {
  return markup`${figures.map(({ of, harm }) =>
    harm?.(value) ? markup`<td class="notable">${of(value)}</td>` : markup`<td>${of(value)}</td>`,
  )}`;
}

/** Why there is no answer, across the cells of all answers that lack it. @param names what was asked */
function noneCell({ state, why, trial }: Unknown, names: string, span: number): Markup {
  const text = why.length <= REASON_MOST ? why : `${why.slice(0, REASON_MOST - 1)}…`;
  const link = trial === null ? null : markup` (<a href="#${certificateAnchor(trial)}">why</a>)`;
  return markup`<td class="note" colspan="${span}" data-none="${names}">${state}: ${text}${link}</td>`;
}

/** The cells of one answer, or its reason across all of them. */
function cells<Value>(name: string, answer: Answer<Value>, figures: readonly Figure<Value>[]): Markup {
  return answer.known ? figureCells(answer.value, figures) : noneCell(answer, name, figures.length);
}

/** What a kill did, and its price; one reason for all of it is said once. */
function killCells({ kept, workedAgain, cost }: RunnerAnswers): Markup {
  const one = !kept.known && !workedAgain.known && !cost.known && kept.why === cost.why;
  if (one) return noneCell(kept, "forgotten recovered cost", KEPT.length + WORKED.length + COST.length);
  return markup`${cells("forgotten", kept, KEPT)}${cells("recovered", workedAgain, WORKED)}${cells("cost", cost, COST)}`;
}

function promiseCells({ promises: { kept, broken, untested } }: RunnerAnswers): Markup {
  const broke =
    broken.length === 0 ? markup`<td class="quiet">0</td>` : markup`<td class="broken">${broken.length}</td>`;
  return markup`<td>${kept.length}</td>${broke}<td>${untested.length}</td>`;
}

function trialCell({ valid, trials }: RunnerAnswers): Markup {
  const text = `${valid} of ${trials}`;
  return valid === trials ? markup`<td>${text}</td>` : markup`<td class="notable">${text}</td>`;
}

function row(summary: Summary, answers: RunnerAnswers): Markup {
  const { runner } = answers;
  return markup`<tr data-runner="${runner}"><th scope="row">${runnerName(summary, runner)}</th>${killCells(answers)}${promiseCells(answers)}${trialCell(answers)}</tr>`;
}

function group(name: string, span: number): Markup {
  return markup`<th scope="colgroup" class="group" colspan="${span}">${name}</th>`;
}

function heads(names: readonly string[]): Markup {
  return markup`${names.map((name, index) =>
    index === 0 ? markup`<th scope="col" class="starts">${name}</th>` : markup`<th scope="col">${name}</th>`,
  )}`;
}

export function answerTable(summary: Summary): Markup {
  const { runners, kills, costIn } = answersOf(summary);
  const where = kills.length === 0 ? "" : ` of scenarios that kill (${listed(kills)})`;
  const groups = [
    group("What was kept", KEPT.length),
    group("Sessions that a kill hit", WORKED.length),
    group(costIn === "kills" ? "LLM calls bought" : "LLM calls bought, all scenarios", COST.length),
    group("Promises", 3),
    group("Trials", 1),
  ];
  const names = [KEPT, WORKED, COST].map((figures) => heads(figures.map(({ head }) => head)));
  const tall = runners.length > ROWS_MOST ? " tall" : "";
  return markup`<div class="scroll${tall}" tabindex="0"><table class="answer-table"><caption>The figures behind these answers, added up over the valid trials${where}; promises and trials of the whole run. Runners stand in the order of the run.</caption>
<thead><tr><td></td>${groups}</tr><tr><th scope="col" class="text">runner</th>${names}${heads(["kept", "broken", "untested"])}${heads(["that count"])}</tr></thead>
<tbody>${runners.map((answers) => row(summary, answers))}</tbody></table></div>`;
}
