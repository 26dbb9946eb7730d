/** Decisions on planted regressions as they are kept: one line of JSON each, with the values from which the decision follows. */
import { existsSync, readFileSync } from "node:fs";
import { flooredLogRatio } from "../harness/compare/figure-pairs.ts";
import type { LedgerEntry, LedgerFigure } from "../harness/gate/ledger.ts";
import { middleOf } from "../harness/statistics/median-interval.ts";
import { decideSequentially } from "../harness/statistics/sequential.ts";
import { spreadOf } from "../harness/statistics/spread.ts";

/** What is asked of the pairs of a planted regression. */
export const PLANTED_LIMIT = { figure: "overhead p50", phase: "calm", worseBy: 0.05 } as const;
const ALPHA = 0.01;

/** One decision. */
export interface PlantedOutcome extends Pick<LedgerEntry, "recorded" | "machine" | "load" | "runner" | "scenario"> {
  readonly stretch: number;
  readonly seed: string;
  readonly answer: string;
  readonly says: string;
  /** By which the turns of the candidate were really longer, over all its trials. */
  readonly realised: number | null;
  readonly trials: number;
  readonly voids: number;
  readonly pairsMost: number;
  /** The figure that was decided on; null where no pair gave it. */
  readonly figure: LedgerFigure | null;
}

export function outcomesIn(file: string): PlantedOutcome[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n").filter(Boolean);
  return lines.map((line) => JSON.parse(line) as PlantedOutcome);
}

/** ln(candidate / baseline) of every pair. */
export const logRatiosOf = ({ figure }: PlantedOutcome): number[] =>
  (figure?.pairs ?? []).map(([a, b]) => flooredLogRatio(a, b, figure?.resolution ?? 0));

/** What the rule says of the pairs. */
const ruled = (outcome: PlantedOutcome): string =>
  decideSequentially(logRatiosOf(outcome), {
    alpha: ALPHA,
    pairsMost: outcome.pairsMost,
    worseBy: PLANTED_LIMIT.worseBy,
  }).answer;

/** The answer that the gate gives to the pairs now: a difference that is smaller than what measuring can tell apart is no regression to it. */
export function replayed(outcome: PlantedOutcome): string {
  const answer = ruled(outcome);
  const { pairs = [], resolution = 0 } = outcome.figure ?? {};
  const difference = middleOf(pairs.map(([a, b]) => b - a)) ?? 0;
  return answer === "regression" && Math.abs(difference) < resolution ? "inconclusive" : answer;
}

/** Standard deviation of the log ratios within decisions; null of fewer than two in any. */
export function spreadWithin(outcomes: readonly PlantedOutcome[]): number | null {
  const each = outcomes.map(logRatiosOf).filter(({ length }) => length >= 2);
  const degrees = each.reduce((sum, { length }) => sum + length - 1, 0);
  const squares = each.reduce((sum, own) => sum + spreadOf(own) ** 2 * (own.length - 1), 0);
  return degrees === 0 ? null : Math.sqrt(squares / degrees);
}

const DECIDED = ["regression", "pass", "inconclusive"] as const;
const STRETCH_KNOWN_WITHIN = 0.01;

/** Of so many decisions on a stretch, at least so many have to be regressions. */
const FOUND_LEAST: readonly { readonly stretch: number; readonly of: number; readonly found: number }[] = [
  { stretch: 1.1, of: 20, found: 18 },
  { stretch: 1.5, of: 20, found: 20 },
];
const INCONCLUSIVE_MOST = 2;

/** Which of the stretches were found too seldom, or not tried often enough to know. */
export function foundTooSeldom(outcomes: readonly PlantedOutcome[]): string[] {
  return FOUND_LEAST.flatMap(({ stretch, of, found }) => {
    const own = outcomes.filter((one) => one.stretch === stretch);
    const count = (answer: string): number => own.filter((one) => one.answer === answer).length;
    const [regressions, inconclusive] = [count("regression"), count("inconclusive")];
    if (own.length >= of && regressions >= (own.length * found) / of && inconclusive <= INCONCLUSIVE_MOST) return [];
    return [
      `${regressions} of ${own.length} decisions on ${stretch} times found it and ${inconclusive} were inconclusive; expected at least ${of} decisions, ${found} of ${of} found and at most ${INCONCLUSIVE_MOST} inconclusive`,
    ];
  });
}

/** What the decisions on one stretch say together, line by line. */
export function plantedLines(outcomes: readonly PlantedOutcome[], stretch: number): string[] {
  const counted = DECIDED.map((answer) => `${outcomes.filter((one) => one.answer === answer).length} ${answer}`);
  const near = outcomes.filter(
    ({ realised }) => realised !== null && Math.abs(realised - stretch) <= STRETCH_KNOWN_WITHIN,
  );
  const pairs = outcomes.map((one) => logRatiosOf(one).length);
  const spread = spreadWithin(outcomes);
  return [
    `Planted: ${stretch} times what a turn takes beyond its script; ${outcomes.length} decisions: ${counted.join(", ")}`,
    `  really added: within 1 % of it in ${near.length} of ${outcomes.length}`,
    `  ${Math.min(...pairs)} to ${Math.max(...pairs)} pairs a decision${spread === null ? "" : `, spread of the log ratios ${(spread * 100).toFixed(1)} %`}`,
    ...outcomes.map(
      ({ seed, answer, says, realised }) => `  ${seed} ${answer}, really ${realised?.toFixed(4) ?? "unknown"}: ${says}`,
    ),
  ];
}
