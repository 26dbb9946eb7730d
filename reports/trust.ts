/**
 * Whether the run can be trusted, in sentences. Promises: names every trial that does not count, every limit that was passed and every
 * reduction; says nothing reassuring that the summary does not hold.
 */
import type { Summary, TrialSummary } from "../harness/summary.ts";
import type { Quantiles } from "../harness/trial.ts";
import { counted, duration, listed } from "./format.ts";
import { everyTrial, voidTrials } from "./readings.ts";

export interface TrustNote {
  readonly says: string;
  /** warn: read this before the numbers. */
  readonly weight: "fine" | "warn";
}

const fine = (says: string): TrustNote => ({ says, weight: "fine" });
const warn = (says: string): TrustNote => ({ says, weight: "warn" });

/** The trial in which the harness itself did worst, by p99. */
function worst(trials: readonly TrialSummary[], of: (trial: TrialSummary) => Quantiles | null): Quantiles | null {
  let found: Quantiles | null = null;
  for (const trial of trials) {
    const quantiles = of(trial);
    if (quantiles !== null && (found === null || quantiles.p99 > found.p99)) found = quantiles;
  }
  return found;
}

function validityNotes(summary: Summary): TrustNote[] {
  const all = everyTrial(summary);
  const valid = all.filter(({ trial }) => trial.validity.verdict === "valid");
  const says = `${valid.length} of ${counted(all.length, "trial")} valid.`;
  const notes = [valid.length === all.length && all.length > 0 ? fine(says) : warn(says)];
  for (const row of voidTrials(summary))
    notes.push(warn(`${row.trial} does not count: ${row.reason.replace(/\.?$/, ".")}`));
  if (!summary.campaign.complete)
    notes.push(
      warn("The campaign is not complete: planned trials are missing. It can be resumed from its recordings."),
    );
  return notes;
}

function lagNotes(trials: readonly TrialSummary[]): TrustNote[] {
  const start = worst(trials, (trial) => trial.validity.startLagMs);
  const frames = worst(trials, (trial) => trial.validity.frameLatenessMs);
  if (start === null && frames === null) return [warn("The harness's own lag was not measured.")];
  const parts = [
    ...(start === null
      ? []
      : [`turns started at most ${duration(start.p99)} late (p99; p99.9 ${duration(start.p999)})`]),
    ...(frames === null
      ? []
      : [`scripted frames left at most ${duration(frames.p99)} late (p99; p99.9 ${duration(frames.p999)})`]),
  ];
  const bar = 2 * Math.max(start?.p99 ?? 0, frames?.p99 ?? 0);
  return [
    fine(
      `In the worst trial ${listed(parts)}. Differences in overhead below ${duration(bar)} are within that and are none.`,
    ),
  ];
}

function blockNote(summary: Summary): TrustNote {
  const { blocks } = summary.campaign;
  if (blocks === 1) {
    return warn(
      "One block: every figure is one draw of a point value without an interval. Facts (lost, forgotten, doubled) stand; small differences in time do not.",
    );
  }
  return fine(`${blocks} blocks: figures are given as lowest to highest of the blocks. Nothing is ranked.`);
}

function machineNotes(summary: Summary): TrustNote[] {
  const valid = everyTrial(summary).filter(({ trial }) => trial.validity.verdict === "valid");
  const named = (test: (trial: TrialSummary) => boolean) =>
    listed(valid.filter(({ trial }) => test(trial)).map(({ trial }) => trial.id));
  const saturated = named((trial) => trial.validity.saturated);
  const loose = named((trial) => !trial.validity.pinned);
  const idle = named((trial) => trial.gc?.exercised === false);
  const certified = summary.contestants.filter((row) => row.certificate === "none").map((row) => row.name);
  return [
    ...(saturated === "" ? [] : [warn(`Saturated in calm already, so their times are not comparable: ${saturated}.`)]),
    ...(loose === "" ? [] : [warn(`Not pinned to cores: ${loose}.`)]),
    ...(idle === "" ? [] : [warn(`GC not exercised (too few major collections to mean anything): ${idle}.`)]),
    ...(certified.length === 0 ? [] : [warn(`Without a certificate of conformance: ${listed(certified)}.`)]),
    ...summary.campaign.reductions.map((says) => warn(`Reduced to fit this machine: ${says}`)),
  ];
}

function verdictNote(trials: readonly TrialSummary[]): TrustNote {
  const verdicts = trials.flatMap((trial) => trial.verdicts);
  const unknown = verdicts.filter((verdict) => verdict.result === "unknown").length;
  const says = `${counted(verdicts.length, "checker verdict")}, ${unknown === 0 ? "none" : unknown} of them unknown. Unknown never passes.`;
  return unknown === 0 ? fine(says) : warn(says);
}

/** All notes, the trials that do not count first. */
export function trustNotes(summary: Summary): readonly TrustNote[] {
  const valid = everyTrial(summary)
    .map(({ trial }) => trial)
    .filter((trial) => trial.validity.verdict === "valid");
  return [
    ...validityNotes(summary),
    blockNote(summary),
    ...lagNotes(valid),
    ...machineNotes(summary),
    verdictNote(valid),
  ];
}
