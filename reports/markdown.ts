/**
 * The report as Markdown, for a pull request or a job summary. Promises: the same sentences and figures as the HTML report, tables that
 * any renderer shows, names that cannot break out of a cell. Leaves to others: charts and details (HTML), raw numbers (summary.json).
 */
import type { ScenarioSummary, Summary } from "../harness/summary.ts";
import { count, counted, NOTHING } from "./format.ts";
import { blocksNote, type HeadlineCell, headlineRows } from "./headline.ts";
import { promiseState, promiseTable } from "./promise-table.ts";
import { verdictSentence } from "./sentences.ts";
import { trustNotes } from "./trust.ts";

/** Text that Markdown and inline HTML leave alone, on one line. */
function escapeMarkdown(text: string): string {
  return text
    .replace(/\s+/g, " ")
    .replace(/[\\`*_|[\]]/g, (character) => `\\${character}`)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}

/** Code on one line, in more backticks than it holds. */
function code(text: string): string {
  const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(longest + 1);
  const padded = longest > 0 ? ` ${text} ` : text;
  return `${fence}${padded.replace(/\s+/g, " ")}${fence}`;
}

function tableLines(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, index) => (index === 0 ? "---" : "---:"))), ...rows.map(line)];
}

function cellText(cell: HeadlineCell): string {
  const text = escapeMarkdown(cell.text);
  return cell.tone === "notable" || cell.tone === "broken" ? `**${text}**` : text;
}

function scenarioLines(summary: Summary, scenario: ScenarioSummary): string[] {
  const verdicts = scenario.results.map(
    (result) =>
      `- **${escapeMarkdown(result.runner)}**: ${escapeMarkdown(verdictSentence(summary, scenario, result))}.`,
  );
  const rows = headlineRows(summary, scenario).map((row) => [escapeMarkdown(row.label), ...row.cells.map(cellText)]);
  const faults = scenario.faults.length === 0 ? [] : [`Faults: ${scenario.faults.map(escapeMarkdown).join("; ")}.`, ""];
  return [
    `## ${escapeMarkdown(scenario.scenario)}`,
    "",
    escapeMarkdown(scenario.asks),
    "",
    ...verdicts,
    "",
    ...faults,
    ...tableLines([blocksNote(summary), ...scenario.results.map((result) => escapeMarkdown(result.runner))], rows),
    "",
  ];
}

function promiseLines(summary: Summary): string[] {
  if (summary.promises.length === 0) return [];
  const { runners, rows } = promiseTable(summary);
  const cells = rows.map((row) => [
    escapeMarkdown(row.promise),
    ...row.cells.map((cell) =>
      cell === null ? NOTHING : cell.state === "broken" ? `**${promiseState(cell)}**` : promiseState(cell),
    ),
  ]);
  const broken = summary.promises
    .filter((row) => row.state === "broken")
    .map(
      (row) => `- **${escapeMarkdown(row.runner)} broke ${escapeMarkdown(row.promise)}**: ${escapeMarkdown(row.says)}`,
    );
  return [
    "## Promises",
    "",
    ...tableLines(["promise", ...runners.map(escapeMarkdown)], cells),
    "",
    ...(broken.length === 0 ? [] : [...broken, ""]),
  ];
}

function footerLines(summary: Summary): string[] {
  const { campaign, environment } = summary;
  return [
    "## Can this run be trusted?",
    "",
    ...trustNotes(summary).map((note) => `- ${note.weight === "warn" ? "⚠ " : ""}${escapeMarkdown(note.says)}`),
    "",
    `Seed ${code(campaign.seed)}, profile ${code(campaign.profile)}, ${counted(campaign.blocks, "block")}, recorded ${escapeMarkdown(campaign.recorded)}, ` +
      `${escapeMarkdown(environment.cpuModel)}, ${counted(environment.cores, "core")}, ${count(environment.memoryMb)} MB, ` +
      `Node ${escapeMarkdown(environment.node)}, agent-derby ${escapeMarkdown(environment.agentDerby)}.`,
    "",
    `Repeat it: ${code(campaign.command)}`,
    "",
  ];
}

/** The whole Markdown report. */
export function renderMarkdown(summary: Summary): string {
  const lines = [
    "# Agent Derby",
    "",
    "Which agent runtime keeps its tail short and its promises when things break?",
    "",
    ...summary.scenarios.flatMap((scenario) => scenarioLines(summary, scenario)),
    ...promiseLines(summary),
    ...footerLines(summary),
  ];
  return lines.join("\n");
}
