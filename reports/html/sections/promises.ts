/**
 * Promises of each runner: kept in how many exposures, broken, not offered or untested. Promises: every cell leads to what it rests on.
 * Leaves to others: the evidence itself (`promise-evidence.ts`), every judgement (the summary).
 */
import type { PromiseSummary, Summary } from "../../../harness/summary.ts";
import { promiseState, promiseTable } from "../../promise-table.ts";
import { type Markup, markup } from "../markup.ts";
import { promiseAnchor, promiseCellAnchor } from "../places.ts";
import { runnerName } from "../runner-name.ts";
import { type Cell, table } from "../table.ts";
import { promiseEvidence } from "./promise-evidence.ts";

/** The state as a link to its evidence; the name of the link says which cell it is in. */
function stateCell(row: PromiseSummary): Cell {
  const { runner, promise, state } = row;
  const link = markup`<a id="${promiseCellAnchor(runner, promise)}" href="#${promiseAnchor(runner, promise)}">${promiseState(row)}<span class="unseen">: ${promise} of ${runner}, evidence</span></a>`;
  switch (state) {
    case "kept":
      return markup`<span class="kept">${link}</span>`;
    case "broken":
      return { content: link, tone: "broken" };
    default:
      return { content: link, tone: "quiet" };
  }
}

function matrix(summary: Summary): Markup {
  const { runners, rows } = promiseTable(summary);
  return table({
    caption:
      "Each cell leads to what it rests on. Losing what was never promised is a fact in the tables of the scenarios, not a broken promise.",
    columns: [
      { head: "promise", align: "text" },
      ...runners.map((runner) => ({ head: runnerName(summary, runner), align: "text" as const })),
    ],
    rows: rows.map(({ promise, cells }) => ({
      cells: [promise, ...cells.map((row): Cell => (row === null ? { content: "–", tone: "quiet" } : stateCell(row)))],
    })),
  });
}

export function promisesSection(summary: Summary): Markup {
  const body =
    summary.promises.length === 0
      ? markup`<p>No promise was judged.</p>`
      : markup`${matrix(summary)}<h3>What each judgement rests on</h3>${promiseEvidence(summary)}`;
  return markup`<section id="promises"><h2>Promises</h2>${body}</section>`;
}
