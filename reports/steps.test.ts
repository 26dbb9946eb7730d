import { describe, expect, test } from "vitest";
import { fixtureSteps } from "./fixture-steps.ts";
import { fixtureSummary } from "./fixture-summary.ts";
import { headlineRows } from "./headline.ts";
import { STEP_COLUMNS, stepFigures, stepName, stepRows, whyNoStep } from "./steps.ts";

describe("step faults in reports", () => {
  test("a sample that is too small, and a fault that was missed, say so and show no figure", () => {
    const said = fixtureSteps(true).map((step) => [whyNoStep(step), stepFigures(step)?.length ?? null]);
    expect(said).toEqual([
      [null, STEP_COLUMNS.length],
      [null, STEP_COLUMNS.length],
      ["not enough: 11 were held, 30 are needed", null],
      ['missed: only 4 of 40 sessions stood in turn 3 at "answered" in time', null],
    ]);
  });

  test("every step has a name that tells it from the others", () => {
    const [step] = fixtureSteps(false);
    if (step === undefined) throw new Error("the fixture has no step");
    const points = ["delivered", "asked", "first", "last", "tool", "applied", "told", "answered"] as const;
    const names = points.map((at) => stepName({ ...step, at, tool: "save_note" }));
    expect(new Set(names).size).toBe(points.length);
    expect(names).toContain("effect applied: save_note");
  });

  test("headline rows list turns, dollars and doubled effects of each step", () => {
    const [scenario] = fixtureSummary().scenarios;
    if (scenario === undefined) throw new Error("the fixture has no scenario");
    const rows = stepRows(scenario).map(({ label, cells }) => [label, cells[0]?.text, cells[0]?.tone]);
    expect(rows.slice(0, 4)).toEqual([
      ["lost by kill at each step", "turns / $ / doubled", "plain"],
      ["- model asked, step 1", "0 / $0 / 0", "quiet"],
      ["- effect applied: save_note", "80 / $0.18 / 80", "notable"],
      ["- request delivered", "not enough (n 11)", "quiet"],
    ]);
  });

  test("recovery has a row for each restart delay, where faults differ in it", () => {
    const summary = fixtureSummary();
    const [scenario] = summary.scenarios;
    if (scenario === undefined) throw new Error("the fixture has no scenario");
    const figures = { touched: 60, recovered: 60, amnesiac: 0, never: 0, medianMs: 2_400, p90Ms: 2_900, maxMs: 3_100 };
    const byRestart = [{ restartAfterMs: 2_000, ...figures }];
    const results = scenario.results.map((result) => ({
      ...result,
      trials: result.trials.map((trial) => ({
        ...trial,
        recovery: trial.recovery.map((recovery) => ({ ...recovery, byRestart })),
      })),
    }));
    const rows = headlineRows(summary, { ...scenario, results });
    const row = rows.find(({ label }) => label === "- started again after 2.00 s");
    expect(row?.cells.map(({ text }) => text)).toEqual(["2.40 s / 3.10 s", "2.40 s / 3.10 s", "2.40 s / 3.10 s"]);
  });
});
