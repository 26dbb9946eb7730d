/** `explain`: one trial in sentences: why it is void, what the checkers found and where to look. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import type { Verdict } from "../harness/checkers/checker.ts";
import { UsageError, unknownName } from "../harness/errors.ts";
import { HISTORY_FILES } from "../harness/history.ts";
import type { Summary, TrialSummary } from "../harness/summary.ts";
import { commandLine } from "./invocation.ts";
import { chosenCampaign } from "./results.ts";

function verdictLines(verdict: Verdict): string[] {
  const { checker, claim, result, reason, exposures, violations, evidence } = verdict;
  if (result === "unknown") return [`${checker} unknown: "${claim}" ${reason}`];
  if (result) return [`${checker} holds in ${exposures} exposures: "${claim}"`];
  return [
    `${checker} is violated ${violations} times in ${exposures} exposures: "${claim}" ${reason}`,
    ...evidence.map(({ witness, index, says }) => `    ${HISTORY_FILES[witness]}:${index + 1}  ${says}`),
  ];
}

/** A trial in sentences, what went wrong first. */
export function explainTrial(trial: TrialSummary): string {
  const { validity, verdicts } = trial;
  const wrong = verdicts.filter(({ result }) => result === false);
  const unknown = verdicts.filter(({ result }) => result === "unknown");
  const right = verdicts.filter(({ result }) => result === true);
  return [
    `Trial ${trial.id} is ${validity.verdict}.`,
    ...validity.reasons.map((reason) => `  ${reason}`),
    ...(validity.saturated ? ["  The runtime had no core to spare in calm, so it is not ranked."] : []),
    "",
    ...[...wrong, ...unknown, ...right].flatMap(verdictLines),
    "",
    `Repeat it alone with: ${trial.command}`,
  ].join("\n");
}

function readSummary(folder: string): Summary {
  try {
    return JSON.parse(readFileSync(join(folder, "summary.json"), "utf8")) as Summary;
  } catch (error) {
    throw new UsageError(`${(error as Error).message}; write the summary with ${commandLine("report", "DIR")} first.`);
  }
}

export function addExplainCommand(program: Command): void {
  program
    .command("explain")
    .description("say in sentences what became of a trial, and why it is void or unknown")
    .argument("<trial>", "id of a trial, as in the report")
    .argument("[dir]", "folder of a campaign (default: the newest in results/)")
    .action((id: string, dir: string | undefined) => {
      const summary = readSummary(chosenCampaign(dir).folder);
      const trials = summary.scenarios.flatMap(({ results }) => results.flatMap(({ trials }) => trials));
      const found = trials.find((trial) => trial.id === id);
      const missing = summary.void.find(({ trial }) => trial === id);
      const known = new Set([...trials.map((trial) => trial.id), ...summary.void.map(({ trial }) => trial)]);
      if (found !== undefined) process.stdout.write(`${explainTrial(found)}\n`);
      else if (missing !== undefined) process.stdout.write(`Trial ${id} says nothing: ${missing.reason}\n`);
      else throw new UsageError(unknownName("trial", id, [...known]));
    });
}
