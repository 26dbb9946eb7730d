/**
 * Whether a run can be trusted, in one word and a few facts. Promises: "yes" only where every planned trial counts and the driver was
 * calibrated; what stands in the way is named. Leaves to others: the whole list of notes (trust.ts).
 */
import type { Summary } from "../harness/summary.ts";
import { everyTrial, voidTrials } from "./readings.ts";
import { trustNotes } from "./trust.ts";

export interface TrustAnswer {
  /** no: nothing below may be read as it stands. in part: some of it may not. */
  readonly verdict: "yes" | "in part" | "no";
  readonly valid: number;
  /** Trials that were summarized or named as missing. */
  readonly trials: number;
  readonly calibration: "passed" | "failed" | "none";
  readonly blocks: number;
  /** Whether every planned trial was recorded. */
  readonly complete: boolean;
  /** Scenarios in which lost trials leave no comparison. */
  readonly incomparable: readonly string[];
  /** Trials that do not count, with their reasons. */
  readonly lost: readonly { readonly trial: string; readonly reason: string }[];
}

function verdictOf(answer: Omit<TrustAnswer, "verdict">, alarmed: boolean): TrustAnswer["verdict"] {
  if (alarmed || answer.valid === 0) return "no";
  const whole = answer.complete && answer.lost.length === 0 && answer.incomparable.length === 0;
  return whole && answer.calibration === "passed" ? "yes" : "in part";
}

export function trustAnswer(summary: Summary): TrustAnswer {
  const { calibration, campaign, scenarios } = summary;
  const all = everyTrial(summary);
  const lost = voidTrials(summary);
  const known = new Set(all.map(({ trial }) => trial.id));
  const answer = {
    valid: all.filter(({ trial }) => trial.validity.verdict === "valid").length,
    trials: all.length + lost.filter(({ trial }) => !known.has(trial)).length,
    calibration:
      calibration === null ? ("none" as const) : calibration.passed ? ("passed" as const) : ("failed" as const),
    blocks: campaign.blocks,
    complete: campaign.complete,
    incomparable: scenarios.filter(({ voids }) => !voids.comparable).map(({ scenario }) => scenario),
    lost,
  };
  const alarmed = trustNotes(summary).some(({ weight }) => weight === "alarm");
  return { verdict: verdictOf(answer, alarmed), ...answer };
}
