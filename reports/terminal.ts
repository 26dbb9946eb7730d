/**
 * The table at the end of a run. Promises: no line is longer than the given width, colour only adds to what words already say, and
 * runners stand side by side; where they do not fit, the next ones follow in a table below. Leaves to others: everything else (HTML).
 */
import type { ScenarioSummary, Summary } from "../harness/summary.ts";
import { headlineRows } from "./headline.ts";
import type { HeadlineCell } from "./headline-row.ts";
import { verdictSentence } from "./sentences.ts";
import { testedClaims } from "./tested-claims.ts";
import { trustNotes } from "./trust.ts";
import type { TrustNote } from "./trust-note.ts";
import { waitingSentence } from "./waiting.ts";

export interface TerminalOptions {
  /** Whether to use ANSI colours. */
  readonly color: boolean;
  /** Columns of the terminal; at least 60 are used. */
  readonly width: number;
}

type Style = "bold" | "dim" | "yellow" | "red";
const CODES: Readonly<Record<Style, readonly [number, number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  yellow: [33, 39],
  red: [31, 39],
};
const TONES: Readonly<Record<HeadlineCell["tone"], Style | null>> = {
  plain: null,
  quiet: "dim",
  notable: "yellow",
  broken: "red",
};
const WEIGHTS: Readonly<Record<TrustNote["weight"], { readonly mark: string; readonly style: Style | null }>> = {
  fine: { mark: "  · ", style: null },
  warn: { mark: "  ! ", style: "yellow" },
  alarm: { mark: " !! ", style: "red" },
};
const GAP = 2;
const LABEL_MOST = 40;

type Paint = (text: string, style: Style | null) => string;

function painter(color: boolean): Paint {
  return (text, style) =>
    color && style !== null ? `\u001b[${CODES[style][0]}m${text}\u001b[${CODES[style][1]}m` : text;
}

/** Text from outside without control characters, so that a name cannot move the cursor. */
function plainText(text: string): string {
  return text.replace(/\p{Cc}+/gu, " ");
}

/** A space at which a line may end: not the one between a number and its unit. */
const BREAK = / (?!(?:ms|s|MB|%)(?![a-z]))/u;

/** Breaks text at spaces into lines of at most `width`; a word longer than that is cut. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of plainText(text)
    .split(BREAK)
    .flatMap((whole) => whole.match(new RegExp(`.{1,${width}}`, "gu")) ?? [])) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return line === "" ? lines : [...lines, line];
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}

/** A paragraph with a mark in front, the following lines set under its text. */
function bullet(mark: string, text: string, width: number): string[] {
  return wrap(text, width - mark.length).map((line, index) => (index === 0 ? mark : " ".repeat(mark.length)) + line);
}

/** Columns in groups that fit side by side. */
function fitting(widths: readonly number[], room: number): readonly (readonly number[])[] {
  const groups: number[][] = [];
  let used = 0;
  widths.forEach((width, index) => {
    const last = groups[groups.length - 1];
    if (last !== undefined && used + GAP + width <= room) {
      last.push(index);
      used += GAP + width;
    } else {
      groups.push([index]);
      used = GAP + width;
    }
  });
  return groups;
}

function scenarioTable(summary: Summary, scenario: ScenarioSummary, width: number, paint: Paint): string[] {
  const rows = headlineRows(summary, scenario);
  const labelWidth = Math.min(LABEL_MOST, Math.floor(width / 2), Math.max(...rows.map((row) => row.label.length)));
  const room = width - labelWidth;
  const names = scenario.results.map((result) => cut(plainText(result.runner), room - GAP));
  const text = (cell: HeadlineCell | undefined) => cut(plainText(cell?.text ?? ""), room - GAP);
  const widths = names.map((name, index) => Math.max(name.length, ...rows.map((row) => text(row.cells[index]).length)));
  return fitting(widths, room).flatMap((columns) => {
    const padded = (content: string, column: number, style: Style | null) =>
      " ".repeat(GAP + (widths[column] ?? 0) - content.length) + paint(content, style);
    const head = " ".repeat(labelWidth) + columns.map((column) => padded(names[column] ?? "", column, "bold")).join("");
    const body = rows.map((row) => {
      const cells = columns.map((column) =>
        padded(text(row.cells[column]), column, TONES[row.cells[column]?.tone ?? "plain"]),
      );
      return cut(plainText(row.label), labelWidth).padEnd(labelWidth) + cells.join("");
    });
    return [head, ...body, ""];
  });
}

/** What the late turns of each runner waited for; nothing where none was late. */
function waitingLines(scenario: ScenarioSummary, width: number): string[] {
  const lines = scenario.results.flatMap((result) => {
    const says = waitingSentence(scenario, result);
    return says === null ? [] : bullet("  ", `${result.runner}: ${says}.`, width);
  });
  return lines.length === 0 ? [] : ["What late turns waited for", ...lines, ""];
}

function promiseLines(summary: Summary, width: number, paint: Paint): string[] {
  const broken = summary.promises.filter((row) => row.state === "broken");
  if (broken.length === 0) {
    const tested = summary.promises.some((row) => row.state === "kept");
    return [tested ? "No promise was broken." : "No promise was tested.", ""];
  }
  return [
    paint("Promises broken", "bold"),
    ...broken.flatMap((row) =>
      bullet("  ✗ ", `${row.runner} · ${row.promise}: ${row.says}`, width).map((line) => paint(line, "red")),
    ),
    "",
  ];
}

function claimLines(summary: Summary, width: number, paint: Paint): string[] {
  const tested = testedClaims(summary);
  if (tested.length === 0) return [];
  return [
    paint("Claims on trial", "bold"),
    ...tested.flatMap(({ verdict, says }) => bullet("  ", `${verdict}: “${says}”`, width)),
    "",
  ];
}

/** The whole table, ending in a newline. */
export function renderTerminal(summary: Summary, options: TerminalOptions): string {
  const width = Math.max(60, options.width);
  const paint = painter(options.color);
  const scenarios = summary.scenarios.flatMap((scenario) => [
    ...wrap(`${scenario.scenario} · ${scenario.asks}`, width).map((line) => paint(line, "bold")),
    "",
    ...scenarioTable(summary, scenario, width, paint),
    ...scenario.results.flatMap((result) =>
      bullet("  ", `${result.runner}: ${verdictSentence(summary, scenario, result)}.`, width),
    ),
    "",
    ...waitingLines(scenario, width),
  ]);
  const trust = trustNotes(summary).flatMap(({ weight, says }) =>
    bullet(WEIGHTS[weight].mark, says, width).map((line) => paint(line, WEIGHTS[weight].style)),
  );
  return [
    ...scenarios,
    ...promiseLines(summary, width, paint),
    ...claimLines(summary, width, paint),
    paint("Can this run be trusted?", "bold"),
    ...trust,
    "",
  ].join("\n");
}
