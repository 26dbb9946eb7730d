/**
 * What a test may expect of a trial. Promises: a trial that could not have found anything decides nothing, so it is an error under `expect`
 * and under `expect.not` alike. Pure.
 */
import type { TrialSummary } from "../harness/summary.ts";
import { whyVacuous } from "../harness/vacuous.ts";

/** Whether it is as expected, and a sentence that says what was found either way. */
export interface Found {
  readonly pass: boolean;
  readonly says: string;
}

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);

/** @throws Error for a trial that is not valid, or in which no fault landed that was planned */
function requireTelling({ id, validity, verdicts }: TrialSummary): void {
  if (validity.verdict !== "valid")
    throw new Error(`Trial ${id} is ${validity.verdict} and decides nothing: ${validity.reasons.join(" ")}`);
  const vacuous = whyVacuous({ verdicts });
  if (vacuous !== null) throw new Error(`Trial ${id} could have found nothing: ${vacuous}`);
}

/** No acknowledged turn is missing from the last reads, and every one was shown to the model again when its conversation went on. */
export function keepsAcknowledgedTurns(trial: TrialSummary): Found {
  requireTelling(trial);
  const { acknowledged, forgotten, lostByRead } = trial.memory;
  if (acknowledged === 0) throw new Error(`Trial ${trial.id} acknowledged no turn, so none could be lost.`);
  const lost = lostByRead === null ? "offers no reads" : `${lostByRead} lost by read`;
  return {
    pass: forgotten === 0 && (lostByRead ?? 0) === 0,
    says: `of ${acknowledged} acknowledged turns ${forgotten} were forgotten; ${lost}`,
  };
}

/**
 * Every session that a fault hit gave an intact answer again, within so many milliseconds beyond what its script and calm take.
 * @throws Error for a limit that is no positive number, and where no session was hit
 */
export function recoversWithin(trial: TrialSummary, limitMs: number): Found {
  if (!(limitMs > 0)) throw new Error(`A recovery is limited by a positive number of milliseconds, not ${limitMs}.`);
  requireTelling(trial);
  const rows = trial.recovery.filter(({ touched }) => touched > 0);
  const touched = sum(rows.map((row) => row.touched));
  if (touched === 0) throw new Error(`In trial ${trial.id} no session was hit by a fault, so none could recover.`);
  const lost = sum(rows.map(({ amnesiac, never }) => amnesiac + never));
  const longestMs = Math.max(...rows.map(({ maxMs }) => maxMs ?? Number.POSITIVE_INFINITY));
  const says =
    lost > 0
      ? `${lost} of ${touched} sessions that were hit came back without memory or not at all`
      : `the longest of ${touched} recoveries took ${Math.round(longestMs)} ms`;
  return { pass: lost === 0 && longestMs <= limitMs, says };
}

/**
 * No tool took effect more than once for one call: neither those that honour a key, nor with `plain` those that do not.
 * @throws Error where no such tool was called
 */
export function doublesNoEffects(trial: TrialSummary, { plain = true }: { readonly plain?: boolean } = {}): Found {
  requireTelling(trial);
  const kinds = plain ? (["keyed", "plain"] as const) : (["keyed"] as const);
  const counts = kinds.map((kind) => ({ kind, ...trial.effects[kind] }));
  if (sum(counts.map(({ logicalCalls }) => logicalCalls)) === 0)
    throw new Error(`In trial ${trial.id} no such tool was called, so none could take effect twice.`);
  return {
    pass: counts.every(({ doubled }) => doubled === 0),
    says: counts
      .map(({ kind, doubled, logicalCalls }) => `${doubled} of ${logicalCalls} ${kind} effects were doubled`)
      .join(", "),
  };
}
