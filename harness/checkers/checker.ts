/**
 * Checker: a claim judged on a history. Pure; true, false with evidence, or unknown with a reason. Unknown never passes.
 */
import type { History } from "../history.ts";
import type { Promises } from "../runner.ts";
import type { TrialPlan } from "../trial.ts";

/** One event that shows a violation: which witness saw it, its index in that witness's file (line number from 0), and a sentence. */
export interface Evidence {
  readonly witness: "driver" | "world" | "trial";
  readonly index: number;
  readonly session?: string;
  readonly turn?: number;
  readonly says: string;
}

export interface Verdict {
  /** "C1" … "C19". */
  readonly checker: string;
  /** What is claimed, as a sentence that can be true or false. */
  readonly claim: string;
  readonly result: true | false | "unknown";
  /** Why it is unknown, or what was found, in one sentence. */
  readonly reason: string;
  /** How many chances the claim had to fail. */
  readonly exposures: number;
  /** Violations found in all; `evidence` holds at most the first 20. */
  readonly violations: number;
  readonly evidence: readonly Evidence[];
}

/** What a checker looks at: the history, its index (built once per trial), and what the runner vowed. */
export interface CheckInput {
  readonly history: History<TrialPlan>;
  readonly index: HistoryIndex;
  readonly promises: Promises;
}

export interface Checker {
  readonly id: string;
  readonly claim: string;
  check(input: CheckInput): Omit<Verdict, "checker" | "claim">;
}

/** Filled in by `checkers/history-index.ts`: histories grouped by session and turn, built in one pass. */
export type { HistoryIndex } from "./history-index.ts";

import type { HistoryIndex } from "./history-index.ts";
