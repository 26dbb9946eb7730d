/** One line of a gate's report. */

export type GateAnswer = "pass" | "regression" | "inconclusive";

export interface GateLine {
  readonly rule: "admission" | "promise" | "invariant" | "objective" | "relative limit";
  /** What is held to the rule: a promise, a kind of damage, a figure. */
  readonly what: string;
  readonly runner: string;
  /** Null where the line speaks of the whole campaign. */
  readonly scenario: string | null;
  /** untested: the campaign did not ask. It passes nothing and fails nothing. */
  readonly answer: GateAnswer | "untested";
  /** The number, its interval and the limit, in a sentence. */
  readonly says: string;
  /** The number, in the unit of its figure; a ratio candidate/baseline for relative limits. Null where there is none. */
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly limit: number | null;
  /** Smallest change that so many pairs or blocks with this spread would find in 9 of 10 cases, as a share: of the ratio, or of an objective's limit. */
  readonly detectable: number | null;
}

export const NO_NUMBER = { value: null, low: null, high: null, limit: null, detectable: null } as const;

const ORDER = ["regression", "inconclusive", "pass", "untested"] as const;

/** "1 regression, 2 inconclusive, 7 pass". */
export function tally(lines: readonly GateLine[]): string {
  const parts = ORDER.map((answer) => [answer, lines.filter((line) => line.answer === answer).length] as const);
  return parts
    .filter(([, count]) => count > 0)
    .map(([answer, count]) => `${count} ${answer}`)
    .join(", ");
}
