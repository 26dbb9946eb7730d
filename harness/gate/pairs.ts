/**
 * Pairs of a gate: whether two contestants of one campaign, interleaved block by block, have shown enough. Pure: the same recordings give the
 * same answer, so a campaign that was stopped and resumed ends where it would have ended.
 *
 * Every figure that a limit covers is a question of its own (`statistics/sequential.ts`); the error rate is split evenly among them. The
 * campaign ends when each is answered, or when there are as many blocks as there may be. An answer once given stands: pairs that came
 * later, for the sake of another question, are not asked again.
 */
import { type FigurePairs, pairedFigures } from "../compare/figure-pairs.ts";
import { pairsOf } from "../compare/pairs.ts";
import { type PairsQuestion, sequentialAnswer } from "../statistics/sequential.ts";
import type { RunnerResult } from "../summary.ts";
import type { PairsRule } from "../trial.ts";
import type { RelativeLimit } from "./policy.ts";

/** One figure of one scenario and what is asked of its pairs. */
export interface FigureQuestion<Figure extends Pick<FigurePairs, "figure" | "phase">> {
  readonly scenario: string;
  readonly figure: Figure;
  readonly limit: RelativeLimit;
  readonly question: PairsQuestion;
}

export const covers = (
  { figure, phase, scenario }: RelativeLimit,
  one: Pick<FigurePairs, "figure" | "phase">,
  name: string,
): boolean =>
  figure === one.figure &&
  (scenario === undefined || scenario === name) &&
  (phase === undefined || one.phase === null || phase === one.phase);

/** The questions that a rule asks about these figures. @param given figures by scenario, whether or not they have pairs yet */
export function questionsOf<Figure extends Pick<FigurePairs, "figure" | "phase">>(
  { limits, alpha, pairsMost }: Pick<PairsRule, "limits" | "alpha" | "pairsMost">,
  given: readonly { readonly scenario: string; readonly figures: readonly Figure[] }[],
): FigureQuestion<Figure>[] {
  const asked = given.flatMap(({ scenario, figures }) =>
    figures.flatMap((figure) =>
      limits.filter((limit) => covers(limit, figure, scenario)).map((limit) => ({ scenario, figure, limit })),
    ),
  );
  return asked.map((one) => ({
    ...one,
    question: { alpha: alpha / asked.length, pairsMost, worseBy: one.limit.worseBy },
  }));
}

/** What was recorded of one scenario. */
export interface PairedScenario {
  readonly scenario: string;
  readonly results: readonly RunnerResult[];
  readonly cohorts: readonly string[];
}

export interface PairsState {
  /** most blocks: there are as many as there may be, and not all is answered. no pairs: more blocks like these would answer nothing. */
  readonly state: "decided" | "most blocks" | "no pairs" | "open";
  /** "2 of 3 figures are decided after 9 pairs." */
  readonly says: string;
}

/** @param blocks planned so far @param complete whether all of them were recorded */
export function pairsState(
  rule: PairsRule,
  scenarios: readonly PairedScenario[],
  blocks: number,
  complete: boolean,
): PairsState {
  const given = scenarios.map(({ scenario, results, cohorts }) => {
    const side = (name: string): RunnerResult | undefined => results.find(({ runner }) => runner === name);
    const [a, b] = [side(rule.baseline), side(rule.candidate)];
    return { scenario, figures: a === undefined || b === undefined ? [] : pairedFigures(pairsOf(a, b), cohorts) };
  });
  const questions = questionsOf(rule, given);
  const answers = questions.map(({ figure, question }) => sequentialAnswer(figure.logRatios, question));
  const open = answers.filter(({ answer }) => answer === "open").length;
  const pairs = Math.max(0, ...questions.map(({ figure }) => figure.logRatios.length));
  const says = `${answers.length - open} of ${answers.length} figures are decided after ${pairs} pairs of at most ${rule.pairsMost}.`;
  if (complete && pairs === 0)
    return { state: "no pairs", says: `${blocks} blocks gave no valid pair of a figure that is asked about.` };
  if (complete && open === 0) return { state: "decided", says };
  return { state: complete && blocks >= rule.pairsMost ? "most blocks" : "open", says };
}
