/** The first page says whether the driver was held against known answers, and what came of it. */
import { expect, test } from "vitest";
import { FAILED_CALIBRATION, FIXTURE_CALIBRATION } from "./fixture-calibration.ts";
import { fixtureSummary } from "./fixture-summary.ts";
import { trustNotes } from "./trust.ts";

const notesOf = (calibration: ReturnType<typeof fixtureSummary>["calibration"]) =>
  trustNotes({ ...fixtureSummary(), calibration }).filter(({ says }) => /calibrat/i.test(says));

test("a calibration that passed is told with its largest errors", () => {
  const [note] = notesOf({ passed: true, runs: [FIXTURE_CALIBRATION] });
  expect(note?.weight).toBe("fine");
  expect(note?.says).toMatch(/^Calibrated: in 2 tables .* 2\.2 ms at the maximum \(5 ms\)\. Only the second try/);
});

test("one that failed comes before everything else, with the worst figure and what it means", () => {
  expect(notesOf({ passed: false, runs: [FAILED_CALIBRATION] })).toEqual([
    {
      weight: "alarm",
      says: expect.stringMatching(
        /^Calibration failed: off in 1 of 2 tables\. Worst: constant 100 ms, p99 105\.2 ms instead of 100 ms ± 2 ms\. So the driver got answers wrong/,
      ),
    },
  ]);
});

test("a campaign that was resumed shows each calibration with the trial it went before, the failed one first", () => {
  const resumed = { ...FAILED_CALIBRATION, beforeTrial: "2-strike-memo" };
  const notes = notesOf({ passed: false, runs: [FIXTURE_CALIBRATION, resumed] });
  expect(notes.map(({ weight, says }) => [weight, says.split(":")[0]])).toEqual([
    ["alarm", "Before 2-strike-memo"],
    ["fine", "Before 1-strike-journal"],
  ]);
});

test("a campaign without one says so as a warning", () => {
  expect(notesOf(null)).toEqual([
    {
      weight: "warn",
      says: "Not calibrated: the driver was not held against known answers before these trials.",
    },
  ]);
});
