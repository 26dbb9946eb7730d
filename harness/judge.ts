/** Judge: from a recorded history to verdicts. Pure; what a verdict means for a runner's vows is decided in promises.ts. */
import type { Checker, CheckInput, Verdict } from "./checkers/checker.ts";
import { buildIndex } from "./checkers/history-index.ts";
import { CHECKERS } from "./checkers/index.ts";
import type { History } from "./history.ts";
import type { Promises } from "./runner.ts";
import type { TrialPlan } from "./trial.ts";

/** One verdict. A checker that throws has found nothing out: the verdict is unknown and carries the message. */
export function judgeWith(checker: Checker, input: CheckInput): Verdict {
  const { id, claim } = checker;
  try {
    return { checker: id, claim, ...checker.check(input) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const reason = `The checker failed: ${message}`;
    return { checker: id, claim, result: "unknown", reason, exposures: 0, violations: 0, evidence: [] };
  }
}

/**
 * Judges one trial by all checkers.
 * @param promises what the runner vows; some claims are judged by other witnesses where reads are offered
 */
export function judgeTrial(history: History<TrialPlan>, promises: Promises): Verdict[] {
  const input: CheckInput = { history, index: buildIndex(history), promises };
  return Object.values(CHECKERS).map((checker) => judgeWith(checker, input));
}
