/** Promises of each runner: kept in how many exposures, broken, not offered or untested. */
import type { PromiseSummary, Summary } from "../../../harness/summary.ts";
import { counted } from "../../format.ts";
import { promised, promiseState, promiseTable } from "../../promise-table.ts";
import { type Markup, markup } from "../markup.ts";
import { runnerName } from "../runner-name.ts";
import { type Cell, table } from "../table.ts";

const WORDS: Readonly<Record<PromiseSummary["state"], (row: PromiseSummary) => Cell>> = {
  kept: (row) => markup`<span class="kept">${promiseState(row)}</span>`,
  broken: (row) => ({ content: promiseState(row), tone: "broken" }),
  "not offered": (row) => ({ content: promiseState(row), tone: "quiet" }),
  untested: (row) => ({ content: promiseState(row), tone: "quiet" }),
};

export function promisesSection(summary: Summary): Markup {
  const { runners, rows } = promiseTable(summary);
  const matrix = table({
    caption: "Losing what was never promised is a fact in the tables above, not a broken promise.",
    columns: [
      { head: "promise", align: "text" },
      ...runners.map((runner) => ({ head: runnerName(summary, runner), align: "text" as const })),
    ],
    rows: rows.map(({ promise, cells }) => ({
      cells: [
        promise,
        ...cells.map((row): Cell => (row === null ? { content: "–", tone: "quiet" } : WORDS[row.state](row))),
      ],
    })),
  });
  const reasons = table({
    caption: "What each judgement rests on",
    columns: ["runner", "promise", "promised", "state", "because", "trials"].map((head) => ({
      head,
      align: "text" as const,
    })),
    rows: summary.promises
      .filter((row) => row.says !== "" || row.state === "kept" || row.state === "broken")
      .map((row) => ({
        cells: [
          runnerName(summary, row.runner),
          row.promise,
          promised(row) ?? (row.state === "not offered" ? "no" : "yes"),
          WORDS[row.state](row),
          row.says === "" ? counted(row.exposures, "exposure") : row.says,
          row.trials.join(", "),
        ],
      })),
  });
  return markup`<section id="promises"><h2>Promises</h2>${summary.promises.length === 0 ? markup`<p>No promise was judged.</p>` : [matrix, reasons]}</section>`;
}
