/**
 * A comparison as one HTML page that opens from disk and fetches nothing: tables, and the shift plot of every cohort and phase.
 * Promises: a pure function of the comparison; no name can become markup. Leaves to others: every number and every answer.
 */
import type { Comparison, FigureComparison, ScenarioComparison } from "../../harness/compare/comparison.ts";
import { count, NOTHING } from "../format.ts";
import { script, styles } from "../html/browser-files.ts";
import { chartLibrary } from "../html/chart-library.ts";
import { DARK, LIGHT } from "../html/look.ts";
import { jsonIsland, Markup, markup } from "../html/markup.ts";
import { POLICY } from "../html/render.ts";
import { type Cell, denseTable, table } from "../html/table.ts";
import {
  answerText,
  figureName,
  figureValue,
  matchName,
  matchNotes,
  methodNote,
  quantileName,
  ratioCell,
  shiftName,
  sideLines,
} from "./wording.ts";

function answerCell(figure: FigureComparison): Cell {
  const content = answerText(figure);
  if (figure.answer === "better" || figure.answer === "worse") return { content, tone: "notable" };
  return figure.answer === "no difference" ? content : { content, tone: "quiet" };
}

function figureTable(scenario: ScenarioComparison): Markup {
  return table({
    caption: markup`<b>Figures</b>: medians over the pairs, ratio b/a with its interval, and the answer`,
    columns: [
      { head: "figure", align: "text" },
      { head: "a" },
      { head: "b" },
      { head: "b/a" },
      { head: "answer: b is", align: "text" },
    ],
    rows: scenario.figures
      .filter(({ a, b }) => a !== null || b !== null)
      .map((one) => ({
        cells: [
          figureName(one, scenario),
          figureValue(one.a, one.unit),
          figureValue(one.b, one.unit),
          ratioCell(one),
          answerCell(one),
        ],
      })),
  });
}

function countTable({ counts }: ScenarioComparison): Markup {
  const cell = (value: number | null): Cell =>
    value === null ? { content: NOTHING, tone: "quiet" } : value === 0 ? { content: "0", tone: "quiet" } : count(value);
  return table({
    caption: markup`<b>Damage</b>: sums over the trials compared`,
    columns: [{ head: "counted", align: "text" }, { head: "a" }, { head: "b" }],
    rows: counts.map(({ count: name, a, b }) => ({ cells: [name, cell(a), cell(b)] })),
  });
}

/** The plots of a match, each with its numbers folded below for whoever cannot see it. */
function shiftPlots(scenario: ScenarioComparison, position: number): Markup[] {
  return scenario.shifts.map((shift, index) => {
    const name = shiftName(shift, scenario);
    const band = shift.band === "interval" ? "interval of the median ratio" : "lowest to highest pair";
    const rows = shift.points.map(({ q, ratio, low, high }) => [
      quantileName(q),
      ratio.toFixed(3),
      low.toFixed(3),
      high.toFixed(3),
    ]);
    return markup`<figure><figcaption><b>Shift of ${name}</b>: ratio b/a at each quantile, median of ${shift.pairs} ${shift.pairs === 1 ? "pair" : "pairs"}; band: ${band}. Above 1, b waits longer.</figcaption>
<div class="plot"><canvas data-match="${position}" data-shift="${index}" role="img" aria-label="Shift of ${name}"></canvas></div>
<details><summary>Numbers</summary>${denseTable(`Shift of ${name}`, ["quantile", "b/a", "low", "high"], rows)}</details></figure>`;
  });
}

function matchSection(scenario: ScenarioComparison, position: number): Markup {
  const notes = matchNotes(scenario).map((note) => markup`<p>${note}</p>`);
  return markup`<section><h2>${matchName(scenario)}</h2>${notes}${figureTable(scenario)}${shiftPlots(scenario, position)}${countTable(scenario)}</section>`;
}

function caveats(comparison: Comparison): Markup {
  const rows = comparison.differences.map(({ what, a, b, kind }) => ({ cells: [what, a, b, kind] }));
  const columns = (["what", "a", "b", "kind"] as const).map((head) => ({ head, align: "text" as const }));
  const differing =
    rows.length === 0 ? null : table({ caption: "In what the sides differ beside this", columns, rows });
  return markup`<section><h2>What to know before believing it</h2>${comparison.notes.map((note) => markup`<p>${note}</p>`)}<p>${methodNote(comparison)}</p>${differing}</section>`;
}

/** The whole page. */
export function renderComparisonHtml(comparison: Comparison): string {
  const title = `${comparison.b.label} against ${comparison.a.label}`;
  const page = markup`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>Agent Derby: ${title}</title>${styles(["page.css"])}</head>
<body><header><h1>Agent Derby: comparison</h1>${sideLines(comparison).map((line) => markup`<p class="meta">${line}</p>`)}</header>
<main>${comparison.scenarios.map(matchSection)}
${caveats(comparison)}</main>
<footer>Everything on this page comes from the comparison that it carries; nothing is fetched.</footer>
${jsonIsland("comparison", comparison)}
${jsonIsland("look", { light: LIGHT, dark: DARK })}
<script>${new Markup(chartLibrary())}</script>
${script("shift.js")}
</body></html>
`;
  return page.text;
}
