/**
 * The report as Markdown, for a pull request or a job summary. Promises: the same sentences and figures as the HTML report, tables that
 * any renderer shows, names that cannot break out of a cell. Leaves to others: charts and details (HTML), raw numbers (summary.json).
 */
import type { ScenarioSummary, Summary } from "../harness/summary.ts";
import { CAPACITY_READING, capacityHeads, capacityRows } from "./capacity.ts";
import { diagnosisOf } from "./diagnosis.ts";
import { count, counted, duration, NOT_ENOUGH, NOTHING } from "./format.ts";
import { blocksNote, headlineRows } from "./headline.ts";
import type { HeadlineCell } from "./headline-row.ts";
import { type LanguageTail, languagesOf, tailsByLanguage } from "./languages.ts";
import { localWorkSentence } from "./local-work.ts";
import { profiledTrials } from "./profiled.ts";
import { promiseState, promiseTable } from "./promise-table.ts";
import { recoveryCohorts, validTrials } from "./readings.ts";
import { RECOVERY_DEFAULTS, recoveryDefaults } from "./recovery-defaults.ts";
import { verdictSentence } from "./sentences.ts";
import { STEP_COLUMNS, stepFigures, stepName, whyNoStep } from "./steps.ts";
import { testedClaims } from "./tested-claims.ts";
import { trustNotes } from "./trust.ts";
import { waitingSentence } from "./waiting.ts";

/** Text that Markdown and inline HTML leave alone, on one line. */
export function escapeMarkdown(text: string): string {
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

export function tableLines(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, index) => (index === 0 ? "---" : "---:"))), ...rows.map(line)];
}

function cellText(cell: HeadlineCell): string {
  const text = escapeMarkdown(cell.text);
  return cell.tone === "notable" || cell.tone === "broken" ? `**${text}**` : text;
}

/** What the late turns of each runner waited for; nothing where none was late. */
function waitingLines(scenario: ScenarioSummary): string[] {
  const lines = scenario.results.flatMap((result) => {
    const says = waitingSentence(scenario, result);
    return says === null ? [] : [`- ${escapeMarkdown(result.runner)}: ${escapeMarkdown(says)}.`];
  });
  return lines.length === 0 ? [] : ["What late turns waited for:", "", ...lines, ""];
}

/** What most late turns of each runner waited for; nothing where the evidence carries no diagnosis. */
function diagnosisLines(scenario: ScenarioSummary): string[] {
  const lines = scenario.results.flatMap((result) => {
    const diagnosis = diagnosisOf(scenario, result);
    return diagnosis.found ? [`- ${escapeMarkdown(result.runner)}: ${escapeMarkdown(diagnosis.says)}.`] : [];
  });
  return lines.length === 0 ? [] : ["Diagnosis:", "", ...lines, ""];
}

/** What nothing below may be read without. */
function alarmLines(summary: Summary): string[] {
  return trustNotes(summary)
    .filter(({ weight }) => weight === "alarm")
    .flatMap(({ says }) => [`> ⚠ **${escapeMarkdown(says)}**`, ""]);
}

function scenarioLines(summary: Summary, scenario: ScenarioSummary): string[] {
  const verdicts = scenario.results.map(
    (result) =>
      `- **${escapeMarkdown(result.runner)}**: ${escapeMarkdown(verdictSentence(summary, scenario, result))}.`,
  );
  const rows = headlineRows(summary, scenario).map((row) => [escapeMarkdown(row.label), ...row.cells.map(cellText)]);
  const work = localWorkSentence(scenario);
  const faults = scenario.faults.length === 0 ? [] : [`Faults: ${scenario.faults.map(escapeMarkdown).join("; ")}.`, ""];
  return [
    `## ${escapeMarkdown(scenario.scenario)}`,
    "",
    escapeMarkdown(scenario.asks),
    "",
    ...verdicts,
    "",
    ...diagnosisLines(scenario),
    ...waitingLines(scenario),
    ...faults,
    ...(work === null ? [] : [escapeMarkdown(work), ""]),
    ...tableLines([blocksNote(summary), ...scenario.results.map((result) => escapeMarkdown(result.runner))], rows),
    "",
    ...stepLines(summary, scenario),
  ];
}

/** One table per trial with step faults, one row per step. */
function stepLines(summary: Summary, scenario: ScenarioSummary): string[] {
  const heads = STEP_COLUMNS.map(({ head, group }) => (group === undefined ? head : `${group}: ${head}`));
  return scenario.results.flatMap((result) =>
    validTrials(result).flatMap(({ steps, block }) => {
      if (steps.length === 0) return [];
      const whose = summary.campaign.blocks > 1 ? `${result.runner}, block ${block}` : result.runner;
      const rows = steps.map((step) => {
        const figures = stepFigures(step)?.map(({ text, harm }) => (harm ? `**${text}**` : text));
        const none = STEP_COLUMNS.map((_, index) => (index === 0 ? escapeMarkdown(whyNoStep(step) ?? "") : ""));
        return [escapeMarkdown(stepName(step)), ...(figures ?? none)];
      });
      return [
        `What a fault costs at each step, **${escapeMarkdown(whose)}**:`,
        "",
        ...tableLines(["step", ...heads], rows),
        "",
      ];
    }),
  );
}

/** Tails by language; nothing where all contestants share one. */
function languageLines(summary: Summary): string[] {
  const tails = tailsByLanguage(summary);
  if (tails.length === 0) return [];
  const rows = tails.map(({ scenario, cohort, phase, quantile, languages }) => [
    escapeMarkdown(`overhead ${quantile} of ${cohort} in ${scenario}, ${phase}`),
    ...languages.map((language) => (language === null ? NOT_ENOUGH : rangeText(language))),
  ]);
  return [
    "## Within a language, and across",
    "",
    "Within a column runtimes differ, from column to column whole stacks do.",
    "",
    ...tableLines(["", ...languagesOf(summary).map(escapeMarkdown)], rows),
    "",
  ];
}

/** "6.6 ms", or "31 ms to 44 ms (3 runners)". */
function rangeText({ runners, lowMs, highMs }: LanguageTail): string {
  if (runners.length === 1) return duration(lowMs);
  return `${duration(lowMs)} to ${duration(highMs)} (${counted(runners.length, "runner")})`;
}

/** Claims that this campaign put to the test; nothing where there are none. */
function claimLines(summary: Summary): string[] {
  const tested = testedClaims(summary);
  if (tested.length === 0) return [];
  const lines = tested.map(
    ({ verdict, says, who }) => `- **${verdict}**: “${escapeMarkdown(says)}” (${escapeMarkdown(who)})`,
  );
  return ["## Claims on trial", "", ...lines, ""];
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

/** Only where something had to recover. */
function recoveryLines(summary: Summary): string[] {
  const recovers = summary.scenarios.some((scenario) => recoveryCohorts(scenario).length > 0);
  const defaults = recovers ? recoveryDefaults(summary) : null;
  if (defaults === null) return [];
  const rows = defaults.rows.map(({ what, cells }) => [what, ...cells.map((cell) => cell ?? NOTHING)]);
  const escaped = rows.map((row) => row.map(escapeMarkdown));
  return [`## ${RECOVERY_DEFAULTS}`, "", ...tableLines(["", ...defaults.runners.map(escapeMarkdown)], escaped), ""];
}

/** Only where it was measured. */
function capacityLines({ capacity }: Summary): string[] {
  if (capacity === undefined) return [];
  const rows = capacityRows(capacity).map(({ runner, cells }) => [runner, ...cells].map(escapeMarkdown));
  const heads = ["", ...capacityHeads(capacity).map(escapeMarkdown)];
  return ["## Capacity", "", CAPACITY_READING, "", ...tableLines(heads, rows), ""];
}

/** Only where a profiler looked on. */
function profileLines(summary: Summary): string[] {
  const items = profiledTrials(summary).map(({ id, says, files }) => {
    const links = files.map(({ path, name }) => `, [${escapeMarkdown(name)}](${encodeURI(path)})`);
    return `- ${escapeMarkdown(id)}: ${escapeMarkdown(says)}${links.join("")}`;
  });
  return items.length === 0 ? [] : ["## Profiles", "", "Profiled, never ranked.", "", ...items, ""];
}

function footerLines(summary: Summary): string[] {
  const { campaign, environment } = summary;
  return [
    "## Can this run be trusted?",
    "",
    ...trustNotes(summary).map((note) => `- ${note.weight === "fine" ? "" : "⚠ "}${escapeMarkdown(note.says)}`),
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
    ...alarmLines(summary),
    ...summary.scenarios.flatMap((scenario) => scenarioLines(summary, scenario)),
    ...languageLines(summary),
    ...promiseLines(summary),
    ...claimLines(summary),
    ...recoveryLines(summary),
    ...capacityLines(summary),
    ...profileLines(summary),
    ...footerLines(summary),
  ];
  return lines.join("\n");
}
