/**
 * Matchers for Vitest: `expect.extend(derbyMatchers)`. A trial that is void decides nothing and fails the test with its reason, under `not` too.
 */
import type {} from "vitest";
import type { TrialSummary } from "../harness/summary.ts";
import { doublesNoEffects, type Found, keepsAcknowledgedTurns, recoversWithin } from "./expectations.ts";
import type { TrialResult } from "./run-trial.ts";

type Received = TrialResult | TrialSummary;

const trialOf = (received: Received): TrialSummary => ("trial" in received ? received.trial : received);

/** The report is where a failed expectation is understood. */
function answer(received: Received, { pass, says }: Found, expected: string) {
  const { id } = trialOf(received);
  const report = "report" in received ? `\nReport: ${received.report}` : "";
  return { pass, message: () => `Expected trial ${id} ${pass ? "not " : ""}${expected}; ${says}.${report}` };
}

export const derbyMatchers = {
  /** Passes where no acknowledged turn was lost or forgotten. */
  toKeepAcknowledgedTurns: (received: Received) =>
    answer(received, keepsAcknowledgedTurns(trialOf(received)), "to keep every acknowledged turn"),
  /** Passes where every session that was hit worked again, with its memory, within so many milliseconds. */
  toRecoverWithin: (received: Received, limitMs: number) =>
    answer(received, recoversWithin(trialOf(received), limitMs), `to recover within ${limitMs} ms`),
  /** Passes where no effect was applied more than once; `{plain: false}` asks only of tools that honour an idempotency key. */
  toDoubleNoEffects: (received: Received, options?: { readonly plain?: boolean }) =>
    answer(received, doublesNoEffects(trialOf(received), options), "to double no effects"),
};

declare module "vitest" {
  interface Matchers<R> {
    /** No acknowledged turn was lost or forgotten. */
    toKeepAcknowledgedTurns(): R;
    /** Every session that was hit worked again, with its memory, within so many milliseconds. */
    toRecoverWithin(limitMs: number): R;
    /** No effect was applied more than once; `{plain: false}` asks only of tools that honour an idempotency key. */
    toDoubleNoEffects(options?: { readonly plain?: boolean }): R;
  }
}
