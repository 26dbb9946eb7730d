/** Which sessions a verdict's failures are looked at in: those that its evidence names first. */
import type { Evidence } from "../checkers/checker.ts";

/** For one broken claim as many sessions at most, those that its evidence names first. */
export const CAPSULES_PER_VERDICT = 5;

/** The sessions that the evidence of a verdict names first; null stands for evidence without a session. */
export function sessionsIn(evidence: readonly Evidence[]): (string | null)[] {
  return [...new Set(evidence.map(({ session }) => session ?? null))].slice(0, CAPSULES_PER_VERDICT);
}
