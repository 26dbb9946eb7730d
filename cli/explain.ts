/** `explain`: one trial in sentences: why it is void, what the checkers found and where to look; or one failure as a story. */
import { readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { Command } from "commander";
import { storyOf } from "../harness/capsule/story.ts";
import type { Capsule } from "../harness/capsule.ts";
import type { Verdict } from "../harness/checkers/checker.ts";
import { UsageError, unknownName } from "../harness/errors.ts";
import { HISTORY_FILES } from "../harness/history.ts";
import type { Summary, TrialSummary } from "../harness/summary.ts";
import { renderLanePage } from "../reports/html/lane-page.ts";
import { certificateLines } from "./certificate-lines.ts";
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

/** A trial in sentences, what went wrong first. @param capsules files in which its failures can be looked at one by one */
export function explainTrial(trial: TrialSummary, capsules: readonly string[] = []): string {
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
    ...certificateLines(validity.certificate),
    "",
    ...(capsules.length === 0 ? [] : ["Failures, each with its story:"]),
    ...capsules.map((file) => `    ${commandLine("explain", file)}`),
    ...(capsules.length === 0 ? [] : [""]),
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

/** Reads a capsule. @throws UsageError for a file that is none */
function readCapsule(file: string): Capsule {
  let content: Partial<Capsule> | null;
  try {
    content = JSON.parse(readFileSync(file, "utf8")) as Partial<Capsule> | null;
  } catch (error) {
    throw new UsageError(`${file} cannot be read as a capsule: ${(error as Error).message}`);
  }
  if (content?.format !== "agent-derby-capsule/1")
    throw new UsageError(`${file} is no capsule; capsules lie in trials/TRIAL/capsules/ of a campaign's folder.`);
  return content as Capsule;
}

/** The story of a capsule. @throws UsageError for a file that is none */
export function explainCapsule(file: string): string {
  return storyOf(readCapsule(file)).join("\n");
}

/** Writes the lane and the story of a capsule as a page. @throws UsageError for a file that is no capsule, and a page that cannot be written */
export function drawCapsule(file: string, page: string): void {
  const capsule = readCapsule(file);
  try {
    writeFileSync(page, renderLanePage(capsule, storyOf(capsule)));
  } catch (error) {
    throw new UsageError(`${page} cannot be written: ${(error as Error).message}`);
  }
}

export function addExplainCommand(program: Command): void {
  program
    .command("explain")
    .description(
      "say in sentences what became of a trial, and why it is void or unknown; or tell the story of a failure",
    )
    .argument("<trial>", "id of a trial, as in the report, or the file of a capsule")
    .argument("[dir]", "folder of a campaign (default: the newest in results/)")
    .option("--html <file>", "write the failure as a page with a drawing of its session (capsules only)")
    .action((id: string, dir: string | undefined, { html }: { html?: string }) => {
      if (id.endsWith(".json")) {
        if (html === undefined) process.stdout.write(`${explainCapsule(id)}\n`);
        else {
          drawCapsule(id, html);
          process.stdout.write(`Page: ${html}\n`);
        }
        return;
      }
      if (html !== undefined)
        throw new UsageError(
          "--html draws a capsule: name its file, trials/TRIAL/capsules/….json, in place of a trial.",
        );
      const campaign = chosenCampaign(dir);
      const summary = readSummary(campaign.folder);
      const trials = summary.scenarios.flatMap(({ results }) => results.flatMap(({ trials }) => trials));
      const found = trials.find((trial) => trial.id === id);
      const missing = summary.void.find(({ trial }) => trial === id);
      const known = new Set([...trials.map((trial) => trial.id), ...summary.void.map(({ trial }) => trial)]);
      if (found !== undefined && !("certificate" in found.validity))
        throw new UsageError(
          `The summary was written by an older version; write it anew with ${commandLine("report", "DIR")} first.`,
        );
      if (found !== undefined) {
        const capsules = campaign.capsules(id).map((file) => relative(process.cwd(), join(campaign.folder, file)));
        process.stdout.write(`${explainTrial(found, capsules)}\n`);
      } else if (missing !== undefined) process.stdout.write(`Trial ${id} says nothing: ${missing.reason}\n`);
      else throw new UsageError(unknownName("trial", id, [...known]));
    });
}
