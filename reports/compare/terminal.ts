/**
 * A comparison as text for the terminal. Promises: no line is longer than the given width, colour only adds to what words say, control
 * characters of names are taken out. Leaves to others: every decision.
 */
import type { Comparison, ScenarioComparison, Shift } from "../../harness/compare/comparison.ts";
import { count, NOTHING } from "../format.ts";
import { type TerminalOptions, wrap } from "../terminal.ts";
import {
  answerText,
  figureName,
  figureValue,
  matchName,
  matchNotes,
  methodNote,
  namedRatios,
  ratioCell,
  shiftName,
  sideLines,
} from "./wording.ts";

const BARS = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"] as const;
/** The lowest bar is half, the highest double. */
const BAR_SPAN = Math.LN2;
const GAP = "  ";
const LABEL_MOST = 44;

/** One bar per quantile: the middle of the scale is "equal". */
export function sparkline({ points }: Shift): string {
  return points
    .map(({ ratio }) => {
      const place = (Math.log(ratio) / BAR_SPAN + 1) / 2;
      return BARS[Math.min(BARS.length - 1, Math.max(0, Math.floor(place * BARS.length)))];
    })
    .join("");
}

const cut = (text: string, width: number): string => (text.length <= width ? text : `${text.slice(0, width - 1)}…`);

/** Rows in columns; the last one is wrapped within what is left of the width. */
function columns(rows: readonly (readonly string[])[], width: number): string[] {
  const fixed = (rows[0]?.length ?? 1) - 1;
  const widths = Array.from({ length: fixed }, (_, column) =>
    Math.min(LABEL_MOST, Math.max(...rows.map((row) => (row[column] ?? "").length))),
  );
  const used = widths.reduce((sum, one) => sum + one + GAP.length, 0);
  const room = width - used;
  return rows.flatMap((row) => {
    const cells = widths.map((one, column) => {
      const text = cut(row[column] ?? "", one);
      return column === 0 ? text.padEnd(one) : text.padStart(one);
    });
    const last = row[fixed] ?? "";
    // Where almost nothing is left, the answer stands on a line of its own.
    if (room < 20) return [cut(cells.join(GAP), width), ...wrap(last, width - 4).map((line) => `    ${line}`)];
    const lines = wrap(last, room);
    return (lines.length === 0 ? [""] : lines).map(
      (line, index) => (index === 0 ? cells.join(GAP) + GAP : " ".repeat(used)) + line,
    );
  });
}

const damaged = ({ a, b }: { readonly a: number | null; readonly b: number | null }): boolean =>
  (a ?? 0) + (b ?? 0) > 0;

function countLines({ counts }: ScenarioComparison, width: number): string[] {
  const some = counts.filter(damaged);
  const written = (value: number | null): string => (value === null ? NOTHING : count(value));
  if (counts.every(({ a, b }) => a === null && b === null)) return ["Counted: nothing, since no trial is valid."];
  if (some.length === 0)
    return wrap("Counted: nothing forgotten, lost, doubled or bought again on either side.", width).slice();
  return columns(
    [["counted over the trials", "a", "b", ""], ...some.map((row) => [row.count, written(row.a), written(row.b), ""])],
    width,
  ).map((line) => line.trimEnd());
}

function shiftLines(scenario: ScenarioComparison, width: number): string[] {
  const shown = scenario.shifts.filter(({ measure }) => measure === "overhead");
  if (shown.length === 0) return [];
  return [
    "",
    ...wrap(
      "Shift: median b/a at each quantile from p0 to the tail; ▁ half or less, between ▄ and ▅ equal, █ double or more",
      width,
    ),
    ...shown.flatMap((shift) => [
      cut(`  ${sparkline(shift)}  ${shiftName(shift, scenario)}`, width),
      ...wrap(namedRatios(shift), width - 4).map((line) => `    ${line}`),
    ]),
  ];
}

function matchLines(scenario: ScenarioComparison, width: number, bold: (text: string) => string): string[] {
  const rows = scenario.figures
    .filter(({ a, b }) => a !== null || b !== null)
    .map((one) => [
      figureName(one, scenario),
      figureValue(one.a, one.unit),
      figureValue(one.b, one.unit),
      ratioCell(one),
      answerText(one),
    ]);
  return [
    ...wrap(matchName(scenario), width).map(bold),
    ...matchNotes(scenario).flatMap((note) => wrap(note, width - 2).map((line) => `  ${line}`)),
    "",
    ...(rows.length === 0 ? [] : columns([["figure", "a", "b", "b/a", "answer: b is"], ...rows], width)),
    "",
    ...countLines(scenario, width),
    ...shiftLines(scenario, width),
    "",
  ];
}

/** The whole text, ending in a newline. */
export function renderComparisonTerminal(comparison: Comparison, options: TerminalOptions): string {
  const width = Math.max(60, options.width);
  const bold = (text: string): string => (options.color ? `\u001b[1m${text}\u001b[22m` : text);
  const differing = comparison.differences.map(
    ({ what, a, b, kind }) => `Differs (${kind}): ${what}: ${a} against ${b}.`,
  );
  return [
    ...sideLines(comparison).flatMap((line) => wrap(line, width)),
    "",
    ...comparison.scenarios.flatMap((scenario) => matchLines(scenario, width, bold)),
    ...[...comparison.notes, ...differing].flatMap((note) =>
      wrap(note, width - 4).map((line, i) => `${i === 0 ? "  ! " : "    "}${line}`),
    ),
    ...wrap(methodNote(comparison), width),
    "",
  ].join("\n");
}
