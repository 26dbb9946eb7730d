/** Whether a valid trial could have found anything: a count of 0 where no fault landed says nothing. Used by whoever reads 0 as good. */
import type { TrialSummary } from "./summary.ts";

/** What kept the trial from finding anything, in the words of C17; null where nothing did. */
export function whyVacuous({ verdicts }: Pick<TrialSummary, "verdicts">): string | null {
  const verdict = verdicts.find(({ checker }) => checker === "C17");
  return verdict === undefined || verdict.result === true ? null : verdict.reason;
}
