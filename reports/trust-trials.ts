/**
 * Which trials count, for whom, and for what, in sentences. Promises: every trial that does not count is named with its reason, and every
 * runner with the share of its trials that was lost. Leaves to others: the instrument and the machine (trust-machine.ts).
 */
import type { Summary, TrialSummary } from "../harness/summary.ts";
import type { VoidRate } from "../harness/validity/void-rates.ts";
import { counted, listed } from "./format.ts";
import { everyTrial, voidTrials } from "./readings.ts";
import { alarm, fine, sentence, type TrustNote, warn } from "./trust-note.ts";

type Lost = Pick<VoidRate, "trials" | "void" | "failedIsolation">;

/** Lost trials of each runner over all scenarios, in the order in which scenarios name them. */
export function lostByRunner(summary: Summary): ReadonlyMap<string, Lost> {
  const lost = new Map<string, Lost>();
  for (const rate of summary.scenarios.flatMap(({ voids }) => voids.rates)) {
    const known = lost.get(rate.runner) ?? { trials: 0, void: 0, failedIsolation: 0 };
    lost.set(rate.runner, {
      trials: known.trials + rate.trials,
      void: known.void + rate.void,
      failedIsolation: known.failedIsolation + rate.failedIsolation,
    });
  }
  return lost;
}

/** "memo 1 of 3 void", "journal none of 3", "mailbox 1 of 3 failed isolation". */
function lostText(runner: string, lost: Lost): string {
  const parts = [
    ...(lost.void === 0 ? [] : [`${lost.void} of ${lost.trials} void`]),
    ...(lost.failedIsolation === 0 ? [] : [`${lost.failedIsolation} of ${lost.trials} failed isolation`]),
  ];
  return `${runner} ${parts.length === 0 ? `none of ${lost.trials}` : parts.join(", ")}`;
}

/** Who lost trials and who did not; nothing where nobody did. */
function rates(summary: Summary): string {
  const lost = [...lostByRunner(summary)];
  if (lost.every(([, one]) => one.void + one.failedIsolation === 0)) return "";
  return ` Lost: ${lost.map(([runner, one]) => lostText(runner, one)).join("; ")}.`;
}

function countNote(summary: Summary): TrustNote {
  const all = everyTrial(summary);
  const valid = all.filter(({ trial }) => trial.validity.verdict === "valid").length;
  const says = `${valid} of ${counted(all.length, "trial")} valid.${rates(summary)}`;
  if (all.length > 0 && valid === 0)
    return alarm(`${says} This run shows no figures and says nothing about any runtime; the reasons stand below.`);
  return valid === all.length && all.length > 0 ? fine(says) : warn(says);
}

/** Trials that count but that no gate compares. A saturated one is named where saturation is. */
function gateNotes(valid: readonly TrialSummary[]): TrustNote[] {
  const loose = valid.filter(({ validity }) => !validity.pinned).map(({ id }) => id);
  if (loose.length === 0) return [];
  return [
    warn(
      `Cannot gate, since harness and runtime shared their cores: ${loose.length === valid.length ? "every trial" : listed(loose)}.`,
    ),
  ];
}

/** Scenarios in which the lost trials leave no comparison, those with one reason together. */
function incomparableNotes(summary: Summary): TrustNote[] {
  const incomparable = summary.scenarios.filter(({ voids }) => voids.reason !== null);
  return [...Map.groupBy(incomparable, ({ voids }) => voids.reason ?? "")].map(([reason, scenarios]) =>
    warn(`Not comparable in ${listed(scenarios.map(({ scenario }) => scenario))}. ${sentence(reason)}`),
  );
}

/** Of all trials first, then of each that does not count. */
export function trialNotes(summary: Summary, valid: readonly TrialSummary[]): TrustNote[] {
  const each = voidTrials(summary).map(({ trial, reason }) => ({
    ...warn(`${trial} does not count: ${sentence(reason)}`),
    trial,
  }));
  const missing = summary.campaign.complete
    ? []
    : [warn("The campaign is not complete: planned trials are missing. It can be resumed from its recordings.")];
  return [countNote(summary), ...incomparableNotes(summary), ...each, ...missing, ...gateNotes(valid)];
}
