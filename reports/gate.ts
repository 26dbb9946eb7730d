/** A gate's report as text for the terminal and as Markdown for a job summary: what decided first, then everything else. */
import type { GateLine, GateReport } from "../harness/gate.ts";
import { escapeMarkdown, tableLines } from "./markdown.ts";

const ORDER = ["regression", "inconclusive", "pass", "untested"] as const;
const WORD = { pass: "PASS", regression: "REGRESSION", inconclusive: "INCONCLUSIVE" } as const;

/** Lines in the order in which they matter. */
export function inOrder(lines: readonly GateLine[]): readonly GateLine[] {
  return ORDER.flatMap((answer) => lines.filter((line) => line.answer === answer));
}

const where = ({ runner, scenario }: GateLine): string => (scenario === null ? runner : `${runner} in ${scenario}`);
const against = ({ candidate, baseline }: GateReport): string =>
  baseline === null ? candidate : `${candidate} against ${baseline}`;

/** Control characters of names must not reach a terminal. */
const plain = (text: string): string => text.replace(/\p{Cc}+/gu, " ");

export function renderGateText(report: GateReport): string {
  const lines = inOrder(report.lines).map(
    (line) => `  ${line.answer.padEnd(12)}  ${line.rule}: ${line.what}, ${where(line)}. ${line.says}`,
  );
  const voids = report.void.map(({ trial, reason }) => `  does not count  ${trial}: ${reason}`);
  const machine = report.machine.map((sentence) => `  this machine  ${sentence}`);
  return [`${WORD[report.answer]}: ${against(report)}. ${report.says}`, ...lines, ...voids, ...machine]
    .map(plain)
    .join("\n");
}

export function renderGateMarkdown(report: GateReport): string {
  const rows = inOrder(report.lines).map((line) =>
    [line.answer, `${line.rule}: ${line.what}`, where(line), line.says].map(escapeMarkdown),
  );
  const voids = report.void.map(({ trial, reason }) => `- ${escapeMarkdown(trial)}: ${escapeMarkdown(reason)}`);
  return [
    `## Gate: ${WORD[report.answer].toLowerCase()}`,
    "",
    `${escapeMarkdown(against(report))}. ${escapeMarkdown(report.says)}.`,
    "",
    ...tableLines(["answer", "rule", "who", "number"], rows),
    "",
    ...(voids.length === 0 ? [] : ["Trials that do not count:", "", ...voids, ""]),
    ...report.machine.flatMap((sentence) => [escapeMarkdown(sentence), ""]),
  ].join("\n");
}
