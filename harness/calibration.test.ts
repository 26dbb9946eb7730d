/** What a calibration comes to, in sentences. */
import { expect, test } from "vitest";
import {
  type CalibrationFigure,
  type CalibrationRun,
  type CalibrationTable,
  calibrationSentence,
  decisiveTables,
  summarizeCalibrations,
} from "./calibration.ts";

function table(
  server: string,
  attempt: number,
  off: Partial<Record<CalibrationFigure, number>> = {},
): CalibrationTable {
  const rows = (["p50", "p99", "max"] as const).map((figure) => {
    const errorMs = off[figure] ?? 0.5;
    const limitMs = { p50: 1, p99: 2, max: 5 }[figure];
    const passed = errorMs <= limitMs;
    const fault = passed ? null : ("server" as const);
    return { figure, trueMs: 100, measuredMs: 100 + errorMs, errorMs, limitMs, servedMs: 100, passed, fault };
  });
  const none = { p50: 0, p99: 0, max: 0 };
  const passed = rows.every((row) => row.passed);
  return { server, attempt, turns: 10, unanswered: 0, rows, errorMs: none, serverLateMs: none, passed };
}

function run(tables: readonly CalibrationTable[], problem: string | null = null): CalibrationRun {
  const passed = problem === null && decisiveTables(tables).every((one) => one.passed);
  return { beforeTrial: null, recorded: "2026-11-20", pinned: true, passed, tables, problem };
}

test("a calibration that passed names the largest error of each figure and the limits", () => {
  expect(calibrationSentence(run([table("a", 1), table("b", 1, { p99: 1.5, max: 3.25 })]))).toBe(
    "Calibrated: in 2 tables with known answers the driver was off by at most 0.5 % at p50 (limit 1 %), 1.5 % at p99 (2 %) and 3.3 ms at the maximum (5 ms).",
  );
});

test("a server that was right at the second try only is named", () => {
  const tables = [table("a", 1, { max: 9 }), table("b", 1), table("a", 2)];
  expect(decisiveTables(tables).map(({ server, attempt }) => `${server} ${attempt}`)).toEqual(["a 2", "b 1"]);
  expect(calibrationSentence(run(tables))).toMatch(/ Only the second try counts for: a\.$/);
});

test("a server with two tables counts by the one that passed, whichever came last", () => {
  const tables = [
    table("turns", 1),
    table("sessions", 1, { max: 9 }),
    table("turns", 2, { max: 9 }),
    table("sessions", 2),
  ];
  expect(run(tables).passed).toBe(true);
});

test("a calibration that failed names how many tables are off and the worst row", () => {
  const tables = [table("a", 1, { p50: 3, p99: 2.5 }), table("b", 1), table("a", 2, { p50: 2 })];
  expect(calibrationSentence(run(tables))).toBe(
    "Calibration failed: off in 1 of 2 tables. Worst: a, p50 102 ms instead of 100 ms ± 1 ms, since the server itself was late.",
  );
});

test("one that broke says why, without the log that follows", () => {
  expect(calibrationSentence(run([], "The driver process ended (exit code 1).\nat x"))).toBe(
    "Calibration failed: The driver process ended (exit code 1).",
  );
});

test("a campaign is calibrated when all its calibrations passed, and not at all without one", () => {
  const good = run([table("a", 1)]);
  const bad = run([table("a", 1, { max: 9 })]);
  expect(summarizeCalibrations([])).toBeNull();
  expect(summarizeCalibrations([good, good])?.passed).toBe(true);
  expect(summarizeCalibrations([good, bad])).toEqual({ passed: false, runs: [good, bad] });
});
