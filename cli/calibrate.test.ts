/** How a calibration looks in the terminal. */
import { expect, test } from "vitest";
import { FAILED_CALIBRATION, FIXTURE_CALIBRATION } from "../reports/fixture-calibration.ts";
import { renderCalibration, renderTables } from "./calibrate.ts";

test("each table is one line: true, measured and error of each figure, and the verdict with who was late", () => {
  const [, , first, , second] = renderTables(FIXTURE_CALIBRATION.tables).split("\n");
  expect(first).toMatch(/^constant 100 ms +1 +250 +100\.0 → 100\.4 +\+0\.40 +100\.0 → 103\.4 +\+3\.40 /);
  expect(first).toMatch(/ OFF: p99 \(driver\), max \(driver\)$/);
  expect(second).toMatch(/^constant 100 ms +2 .* true$/);
});

test("a table without a single answer says so", () => {
  const [table] = FIXTURE_CALIBRATION.tables;
  if (table === undefined) throw new Error("the fixture has no table");
  const none = { ...table, turns: 0, unanswered: 250, rows: [], passed: false };
  expect(renderTables([none])).toMatch(/^constant 100 ms +1 +0 +- +- +- .* OFF: 250 unanswered$/m);
});

test("what it comes to stands last, and cores that could not be kept apart are told", () => {
  expect(renderCalibration(FIXTURE_CALIBRATION)).toMatch(/\n\nCalibrated: in 2 tables .*\.$/);
  const failed = renderCalibration({ ...FAILED_CALIBRATION, pinned: false });
  expect(failed).toMatch(/\n\nCalibration failed: off in 1 of 2 tables\..*\.$/);
  expect(failed).toContain("Cores could not be kept apart");
});
