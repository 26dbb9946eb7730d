/**
 * Self-test: what the gate says where there is nothing to see. Worked out from the lines of a ledger (`ledger.ts`): pure, the same lines give
 * the same figures.
 *
 * Three figures, none of which stands for another: the spread of the log ratios of pairs of the same; the false alarms of the decisions
 * that were made by such pairs, with the bound that so few decisions allow; and those of decisions made of the same runs once more, put
 * together to pairs at random. The last are resampled: they share their runs and say how the rule behaves on values like these, not how
 * often a new measurement would go wrong.
 */
import { flooredLogRatio } from "../compare/figure-pairs.ts";
import { randomOf, shuffled } from "../random.ts";
import { upperBound } from "../statistics/binomial.ts";
import {
  fewestPairs,
  foundAbove,
  type PairsQuestion,
  sequentialAnswer,
  sequentialDetectable,
} from "../statistics/sequential.ts";
import { spreadOf } from "../statistics/spread.ts";
import { nameOf } from "./figures.ts";
import type { LedgerEntry, LedgerFigure } from "./ledger.ts";
import { percent } from "./relative.ts";

/** What self-tests say of one figure. Shares, not percent. */
export interface SelfTestFigure {
  readonly figure: string;
  readonly pairs: number;
  /** Standard deviation of the log ratios; null below two pairs. */
  readonly spread: number | null;
  /** Self-tests with so many pairs that the rule could have found something: of the others no alarm could come. */
  readonly decisions: number;
  readonly alarms: number;
  /** The largest rate that these decisions do not rule out, at 99 %. */
  readonly rateAtMost: number;
  readonly resampled: { readonly runs: number; readonly decisions: number; readonly alarms: number } | null;
  /** Smallest change that the rule finds in 9 of 10 cases with all its pairs, at this spread; null where unknown. */
  readonly detectable: number | null;
}

const SEED = 1;
/** Fewer runs make too few different pairs. */
const RUNS_RESAMPLED_LEAST = 16;

const logRatiosOf = ({ pairs, resolution }: LedgerFigure): number[] =>
  pairs.map(([a, b]) => flooredLogRatio(a, b, resolution));

/** The first test is the cheaper one and mostly enough. */
const isAlarm = (logRatios: readonly number[], question: PairsQuestion): boolean =>
  foundAbove(logRatios, question) !== null && sequentialAnswer(logRatios, question).answer === "regression";

/** Decisions of the runs of one self-test, put together to pairs at random. */
function resampledAlarms(figure: LedgerFigure, question: PairsQuestion, decisions: number): number {
  const runs = figure.pairs.flat();
  const pairs = Math.min(question.pairsMost, Math.floor(runs.length / 2));
  const random = randomOf(SEED, "resampled", figure.figure, runs.length);
  return Array.from({ length: decisions }, () => {
    const order = shuffled(runs, random);
    const logRatios = Array.from({ length: pairs }, (_, index) =>
      flooredLogRatio(order[2 * index] ?? 0, order[2 * index + 1] ?? 0, figure.resolution),
    );
    return isAlarm(logRatios, { ...question, pairsMost: pairs });
  }).filter(Boolean).length;
}

function resampled(tests: readonly LedgerFigure[], question: PairsQuestion, decisions: number) {
  // Runs of different self-tests may differ by more than chance, so each is resampled by itself.
  const large = tests.filter(({ pairs }) => 2 * pairs.length >= RUNS_RESAMPLED_LEAST);
  if (decisions === 0 || large.length === 0) return null;
  const each = Math.ceil(decisions / large.length);
  return {
    runs: large.reduce((sum, { pairs }) => sum + 2 * pairs.length, 0),
    decisions: each * large.length,
    alarms: large.reduce((sum, figure) => sum + resampledAlarms(figure, question, each), 0),
  };
}

/**
 * @param entries self-tests of one scenario on one machine
 * @param question of the decision that they stand beside; `pairsMost` for self-tests with more pairs
 * @param decisions how many are resampled; 0 for none, which is quick
 */
export function selfTestFigures(
  entries: readonly LedgerEntry[],
  question: PairsQuestion,
  decisions: number,
): SelfTestFigure[] {
  const names = [...new Set(entries.flatMap(({ figures }) => figures.map(nameOf)))];
  return names.map((name) => {
    const tests = entries.flatMap(({ figures }) => figures.filter((one) => nameOf(one) === name));
    const logRatios = tests.map(logRatiosOf);
    const all = logRatios.flat();
    const fewest = fewestPairs(question) ?? Number.POSITIVE_INFINITY;
    const able = logRatios.filter(({ length }) => length >= fewest);
    const alarms = able.filter((own) => isAlarm(own, question)).length;
    const spread = all.length < 2 ? null : spreadOf(all);
    return {
      figure: name,
      pairs: all.length,
      spread,
      decisions: able.length,
      alarms,
      rateAtMost: upperBound(alarms, able.length, 0.99),
      resampled: resampled(tests, question, decisions),
      detectable: spread === null ? null : sequentialDetectable(spread, question),
    };
  });
}

/** One sentence or two on one figure. */
export function figureSays(test: SelfTestFigure, { pairsMost }: PairsQuestion): string {
  const { figure, pairs, spread, decisions, alarms, rateAtMost, resampled: again, detectable } = test;
  const wide = spread === null ? "" : `, spread ${percent(spread)}`;
  const made =
    decisions === 0
      ? "too few in any self-test for a false alarm to be possible"
      : `${alarms} false alarms in ${decisions} decisions (a rate of at most ${percent(rateAtMost)})`;
  const more = again === null ? "" : `, ${again.alarms} in ${again.decisions} resampled ones of ${again.runs} runs`;
  const seen = detectable === null ? "" : ` ${pairsMost} pairs find ${percent(detectable)} in 9 of 10 cases.`;
  return `${figure}, the same against itself: ${pairs} pairs${wide}; ${made}${more}.${seen}`;
}
