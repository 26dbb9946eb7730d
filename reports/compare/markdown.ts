/** A comparison as Markdown, for a pull request. Promises: the words of the terminal, names that cannot break out of a cell. */
import type { Comparison, ScenarioComparison } from "../../harness/compare/comparison.ts";
import { count, NOTHING } from "../format.ts";
import { escapeMarkdown, tableLines } from "../markdown.ts";
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

const written = (value: number | null): string => (value === null ? NOTHING : count(value));

function matchLines(scenario: ScenarioComparison): string[] {
  const figures = scenario.figures
    .filter(({ a, b }) => a !== null || b !== null)
    .map((one) => {
      const answer = escapeMarkdown(answerText(one));
      const cells = [
        figureName(one, scenario),
        figureValue(one.a, one.unit),
        figureValue(one.b, one.unit),
        ratioCell(one),
      ];
      return [
        ...cells.map(escapeMarkdown),
        one.answer === "better" || one.answer === "worse" ? `**${answer}**` : answer,
      ];
    });
  const counts = scenario.counts.map((row) => [escapeMarkdown(row.count), written(row.a), written(row.b)]);
  const shifts = scenario.shifts
    .filter(({ measure }) => measure === "overhead")
    .map((shift) => `- Shift of ${escapeMarkdown(shiftName(shift, scenario))}: ${namedRatios(shift)}`);
  return [
    `## ${escapeMarkdown(matchName(scenario))}`,
    "",
    ...matchNotes(scenario).map((note) => `- ${escapeMarkdown(note)}`),
    "",
    ...tableLines(["figure", "a", "b", "b/a", "answer: b is"], figures),
    "",
    ...tableLines(["counted", "a", "b"], counts),
    "",
    ...(shifts.length === 0 ? [] : [...shifts, ""]),
  ];
}

/** The whole text. */
export function renderComparisonMarkdown(comparison: Comparison): string {
  const differing = comparison.differences.map(
    ({ what, a, b, kind }) => `- Differs (${kind}): ${escapeMarkdown(`${what}: ${a} against ${b}`)}.`,
  );
  return [
    "# Agent Derby: comparison",
    "",
    ...sideLines(comparison).map((line) => `- ${escapeMarkdown(line)}`),
    "",
    ...comparison.scenarios.flatMap(matchLines),
    "## What to know before believing it",
    "",
    ...comparison.notes.map((note) => `- ${escapeMarkdown(note)}`),
    ...differing,
    `- ${escapeMarkdown(methodNote(comparison))}`,
    "",
  ].join("\n");
}
