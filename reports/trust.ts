/**
 * Whether the run can be trusted, in sentences. Promises: names every trial that does not count, every limit that was passed and every
 * reduction; says nothing reassuring that the summary does not hold; what upsets everything else comes first.
 */
import type { Summary, TrialSummary } from "../harness/summary.ts";
import { counted, listed } from "./format.ts";
import { everyTrial } from "./readings.ts";
import { calibrationNotes, machineNotes } from "./trust-machine.ts";
import { fine, type TrustNote, warn } from "./trust-note.ts";
import { trialNotes } from "./trust-trials.ts";

function blockNote(summary: Summary): TrustNote {
  const { blocks } = summary.campaign;
  if (blocks === 1) {
    return warn(
      "One block: every figure is one draw of a point value without an interval. Facts (lost, forgotten, doubled) stand; small differences in time do not.",
    );
  }
  return fine(
    `${blocks} blocks: figures are given as lowest to highest of the blocks, and with their medians in the scenarios. Nothing is ranked.`,
  );
}

function runtimeNotes(summary: Summary, valid: readonly TrialSummary[]): TrustNote[] {
  const named = (test: (trial: TrialSummary) => boolean) => listed(valid.filter(test).map(({ id }) => id));
  const saturated = named((trial) => trial.validity.saturated);
  const idle = named((trial) => trial.gc?.exercised === false);
  const certified = summary.contestants.filter((row) => row.certificate === "none").map((row) => row.name);
  return [
    ...(saturated === ""
      ? []
      : [warn(`Saturated in calm already, so their times are not comparable and cannot gate: ${saturated}.`)]),
    ...(idle === "" ? [] : [warn(`GC not exercised (too few major collections to mean anything): ${idle}.`)]),
    ...(certified.length === 0 ? [] : [warn(`Without a certificate of conformance: ${listed(certified)}.`)]),
    ...summary.campaign.reductions.map((says) => warn(`Less than asked for: ${says}`)),
  ];
}

function verdictNotes(trials: readonly TrialSummary[]): TrustNote[] {
  if (trials.length === 0) return [];
  const verdicts = trials.flatMap((trial) => trial.verdicts);
  const unknown = verdicts.filter((verdict) => verdict.result === "unknown").length;
  const says = `${counted(verdicts.length, "checker verdict")}, ${unknown === 0 ? "none" : unknown} of them unknown. Unknown never passes.`;
  return [unknown === 0 ? fine(says) : warn(says)];
}

const LOOKED_AT_PAIRS =
  "The number of blocks was chosen by looking at pairs of the contestants. The gate's answer allows for that; intervals and comparisons here do not.";

/** All notes: alarms, then what became of the trials, the instrument, the machine and the runtimes. */
export function trustNotes(summary: Summary): readonly TrustNote[] {
  const valid = everyTrial(summary)
    .map(({ trial }) => trial)
    .filter((trial) => trial.validity.verdict === "valid");
  const notes = [
    ...trialNotes(summary, valid),
    ...calibrationNotes(summary),
    blockNote(summary),
    ...(summary.campaign.until === undefined ? [] : [warn(summary.campaign.until.says)]),
    ...(summary.campaign.pairs === undefined ? [] : [warn(LOOKED_AT_PAIRS)]),
    ...machineNotes(valid),
    ...runtimeNotes(summary, valid),
    ...verdictNotes(valid),
  ];
  return [...notes.filter(({ weight }) => weight === "alarm"), ...notes.filter(({ weight }) => weight !== "alarm")];
}
