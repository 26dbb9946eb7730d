/**
 * The table of one server: measured latencies against true ones, figure by figure and turn by turn. Pure.
 *
 * Like is compared with like: the truth's quantiles are taken over the very turns that were measured, by the same rank rule, so
 * no figure here estimates anything and few turns are enough.
 */
import {
  CALIBRATION_LIMITS,
  type CalibrationFigure,
  type CalibrationRow,
  type CalibrationTable,
  type ErrorQuantiles,
} from "../calibration.ts";
import { round } from "../statistics/round.ts";
import { nearestRank } from "../statistics/tail-quantiles.ts";

const FIGURES: readonly { readonly figure: CalibrationFigure; readonly rank: number }[] = [
  { figure: "p50", rank: 0.5 },
  { figure: "p99", rank: 0.99 },
  { figure: "max", rank: 1 },
];
const DECIMALS = 3;

/** What is compared, by turn (or by session). Milliseconds. */
export interface Compared {
  readonly server: string;
  readonly attempt: number;
  readonly trueMs: ReadonlyMap<string, number>;
  /** Without those that were not answered. */
  readonly measuredMs: ReadonlyMap<string, number>;
  /** How late the server itself was. */
  readonly serverLateMs: ReadonlyMap<string, number>;
}

const ascending = (values: readonly number[]): Float64Array => Float64Array.from(values).sort();

function limitOf(figure: CalibrationFigure, trueMs: number): number {
  return figure === "max" ? CALIBRATION_LIMITS.maxMs : trueMs * CALIBRATION_LIMITS[figure];
}

function quantilesOf(values: readonly number[]): ErrorQuantiles {
  const sorted = ascending(values);
  const at = (rank: number): number => (sorted.length === 0 ? 0 : round(nearestRank(sorted, rank), DECIMALS));
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}

function rowOf(figure: CalibrationFigure, trueMs: number, measuredMs: number, servedMs: number): CalibrationRow {
  const limitMs = limitOf(figure, trueMs);
  const errorMs = measuredMs - trueMs;
  const passed = Math.abs(errorMs) <= limitMs;
  const explained = Math.abs(measuredMs - servedMs) <= limitMs;
  return {
    figure,
    trueMs: round(trueMs, DECIMALS),
    measuredMs: round(measuredMs, DECIMALS),
    errorMs: round(errorMs, DECIMALS),
    limitMs: round(limitMs, DECIMALS),
    servedMs: round(servedMs, DECIMALS),
    passed,
    fault: passed ? null : explained ? "server" : "driver",
  };
}

/** Makes the table. Turns without an answer are left out of its figures and make it fail. */
export function tableOf({ server, attempt, trueMs, measuredMs, serverLateMs }: Compared): CalibrationTable {
  const turns = [...trueMs].flatMap(([key, truth]) => {
    const measured = measuredMs.get(key);
    return measured === undefined ? [] : [{ truth, measured, late: serverLateMs.get(key) ?? 0 }];
  });
  const truths = ascending(turns.map(({ truth }) => truth));
  const measured = ascending(turns.map((turn) => turn.measured));
  const served = ascending(turns.map(({ truth, late }) => truth + late));
  const rows =
    turns.length === 0
      ? []
      : FIGURES.map(({ figure, rank }) =>
          rowOf(figure, nearestRank(truths, rank), nearestRank(measured, rank), nearestRank(served, rank)),
        );
  const unanswered = trueMs.size - turns.length;
  return {
    server,
    attempt,
    turns: turns.length,
    unanswered,
    rows,
    errorMs: quantilesOf(turns.map((turn) => turn.measured - turn.truth)),
    serverLateMs: quantilesOf(turns.map(({ late }) => late)),
    passed: unanswered === 0 && rows.every((row) => row.passed),
  };
}
