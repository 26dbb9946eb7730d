/**
 * Gate: whether a candidate may pass, by a policy (`gate/policy.ts`). Pure: the same summaries give the same report.
 *
 * Every line is a pass, a regression, inconclusive or untested. Unknown and void never pass: what no valid trial shows is
 * inconclusive, and what the trials cannot tell from the limit is so too. A regression is one that the trials show: a
 * broken promise, damage that was counted, or a figure whose whole interval lies beyond its limit.
 */
import { invariantLines, objectiveLines } from "./gate/absolute.ts";
import { type GateAnswer, type GateLine, tally } from "./gate/line.ts";
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
  /** Trials of the candidate that do not count, with the reason. */
  readonly void: Summary["void"];
}

function answerOf(lines: readonly GateLine[]): GateAnswer {
  const some = (answer: GateLine["answer"]): boolean => lines.some((line) => line.answer === answer);
  if (some("regression")) return "regression";
  return some("inconclusive") || !some("pass") ? "inconclusive" : "pass";
}

/** @param baseline what the candidate is held against; without it relative limits are inconclusive */
export function gate(candidate: Summary, policy: GatePolicy, baseline: Summary | null): GateReport {
  const lines = [
    ...(policy.promises === false ? [] : promiseLines(candidate, baseline)),
    ...invariantLines(candidate, policy.invariants ?? {}),
    ...objectiveLines(candidate, policy.objectives ?? []),
    ...relativeLines(candidate, baseline, policy.relative ?? []),
  ];
  return {
    format: "agent-derby-gate-report/1",
    answer: answerOf(lines),
    says: lines.length === 0 ? "The policy asks for nothing." : tally(lines),
    candidate: candidate.campaign.id,
    baseline: baseline?.campaign.id ?? null,
    policy,
    lines,
    void: candidate.void,
  };
}
