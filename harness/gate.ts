/**
 * Gate: whether a candidate may pass, by a policy (`gate/policy.ts`). Pure: the same summaries give the same report.
 *
 * Every line is a pass, a regression, inconclusive or untested. Unknown and void never pass: what no valid trial shows is
 * inconclusive, and what the trials cannot tell from the limit is so too. A regression is one that the trials show: a
 * broken promise, damage that was counted, a figure whose whole interval lies beyond its limit, or a runtime that was refused.
 */

import { invariantLines, objectiveLines } from "./gate/absolute.ts";
import { admissionLines } from "./gate/admission.ts";
import { type GateAnswer, type GateLine, tally } from "./gate/line.ts";
import { onlyContestant, pairedLines } from "./gate/paired.ts";
import type { GatePolicy } from "./gate/policy.ts";
import { promiseLines } from "./gate/promises.ts";
import { relativeLines } from "./gate/relative.ts";
import type { Summary } from "./summary.ts";

export type { GateAnswer, GateLine };

export interface GateReport {
  readonly format: "agent-derby-gate-report/1";
  readonly answer: GateAnswer;
  /** Why, in one sentence. */
  readonly says: string;
  /** Ids of the campaigns. */
  readonly candidate: string;
  readonly baseline: string | null;
  readonly policy: GatePolicy;
  readonly lines: readonly GateLine[];
  /** What is known of the gate's own errors on this machine, in sentences. */
  readonly machine: readonly string[];
  /** Trials of the candidate that do not count, with the reason. */
  readonly void: Summary["void"];
}

function answerOf(lines: readonly GateLine[]): GateAnswer {
  const some = (answer: GateLine["answer"]): boolean => lines.some((line) => line.answer === answer);
  if (some("regression")) return "regression";
  return some("inconclusive") || !some("pass") ? "inconclusive" : "pass";
}

/** Lines of everything that a policy asks but limits against a baseline. */
function ownLines(candidate: Summary, policy: GatePolicy, baseline: Summary | null): GateLine[] {
  return [
    ...admissionLines(candidate),
    ...(policy.promises === false ? [] : promiseLines(candidate, baseline)),
    ...invariantLines(candidate, policy.invariants ?? {}),
    ...objectiveLines(candidate, policy.objectives ?? []),
  ];
}

/**
 * @param candidate a campaign; of one that was recorded in pairs the candidate among its contestants, and the relative limits are
 *   those of the rule that counted its pairs, not the policy's
 * @param baseline what the candidate is held against; without it, and without pairs, relative limits are inconclusive
 * @param machine what is known of gates on this machine, in sentences (`gate/ledger.ts`)
 */
export function gate(
  candidate: Summary,
  policy: GatePolicy,
  baseline: Summary | null,
  machine: readonly string[] = [],
): GateReport {
  const { pairs } = candidate.campaign;
  const lines =
    pairs === undefined
      ? [...ownLines(candidate, policy, baseline), ...relativeLines(candidate, baseline, policy.relative ?? [])]
      : [
          ...ownLines(
            onlyContestant(candidate, pairs.candidate, pairs.candidate),
            policy,
            onlyContestant(candidate, pairs.baseline, pairs.candidate),
          ),
          ...pairedLines(candidate, pairs),
        ];
  return {
    format: "agent-derby-gate-report/1",
    answer: answerOf(lines),
    says: lines.length === 0 ? "The policy asks for nothing." : tally(lines),
    candidate: candidate.campaign.id,
    baseline: pairs?.baseline ?? baseline?.campaign.id ?? null,
    policy: pairs === undefined ? policy : { ...policy, relative: pairs.limits },
    lines,
    machine,
    void: candidate.void,
  };
}
