/** Made-up calibrations for the tests of reports. Promises: the same values at every call. Used by tests only. */
import type { CalibrationFigure, CalibrationRow, CalibrationRun, CalibrationTable } from "../harness/calibration.ts";

function row(figure: CalibrationFigure, trueMs: number, errorMs: number, limitMs: number): CalibrationRow {
  const passed = Math.abs(errorMs) <= limitMs;
  const measuredMs = trueMs + errorMs;
  return { figure, trueMs, measuredMs, errorMs, limitMs, servedMs: trueMs, passed, fault: passed ? null : "driver" };
}

function table(server: string, attempt: number, rows: readonly CalibrationRow[]): CalibrationTable {
  return {
    server,
    attempt,
    turns: 250,
    unanswered: 0,
    rows,
    errorMs: { p50: 0.4, p99: 1.3, max: 2.2 },
    serverLateMs: { p50: 0.1, p99: 0.3, max: 0.6 },
    passed: rows.every(({ passed }) => passed),
  };
}

/** One that passed, one server at the second try. */
export const FIXTURE_CALIBRATION: CalibrationRun = {
  beforeTrial: "1-strike-journal",
  recorded: "2026-11-20",
  pinned: true,
  passed: true,
  tables: [
    table("constant 100 ms", 1, [row("p50", 100, 0.4, 1), row("p99", 100, 3.4, 2), row("max", 100, 6.1, 5)]),
    table("frozen for 2 s", 1, [row("p50", 650, 2.6, 6.5), row("p99", 1910, 0.7, 38.2), row("max", 1990, 0.5, 5)]),
    table("constant 100 ms", 2, [row("p50", 100, 0.4, 1), row("p99", 100, 1.2, 2), row("max", 100, 2.2, 5)]),
  ],
  problem: null,
};

/** One in which the same server was off both times. */
export const FAILED_CALIBRATION: CalibrationRun = {
  ...FIXTURE_CALIBRATION,
  passed: false,
  tables: [
    ...FIXTURE_CALIBRATION.tables.slice(0, 2),
    table("constant 100 ms", 2, [row("p50", 100, 0.4, 1), row("p99", 100, 5.2, 2), row("max", 100, 9.1, 5)]),
  ],
};
