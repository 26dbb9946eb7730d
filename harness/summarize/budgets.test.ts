import { expect, test } from "vitest";
import { FIXTURE_PRIMITIVES, summaryWithBudgets } from "../../reports/fixture-budgets.ts";
import { budgetsOf } from "./budgets.ts";

const { budgets = [], scenarios, contestants } = summaryWithBudgets();

test("every valid trial is held against the floor of its machine, void ones are not", () => {
  const valid = scenarios.flatMap(({ results }) =>
    results.flatMap(({ trials }) => trials.filter(({ validity }) => validity.verdict === "valid").map(({ id }) => id)),
  );
  expect(budgets.map(({ trial }) => trial)).toEqual(valid);
  expect(budgets.every(({ floorIfKeptMs }) => Math.abs(floorIfKeptMs - (4 * 0.2 + 1.5)) < 1e-9)).toBe(true);
});

test("a commit belongs to the floor of who promises to keep turns", () => {
  const commit = (wanted: string) => budgets.find(({ runner }) => runner === wanted)?.floor.commitMs;
  expect([commit("journal"), commit("memo")]).toEqual([1.5, 0]);
});

test("only runners whose very files the parts were measured beside have a sum", () => {
  expect(budgets.find(({ runner }) => runner === "memo")?.turn).toBeNull();
  const journal = budgets.find(({ runner }) => runner === "journal")?.turn;
  expect(journal?.predictedMs).toBeCloseTo(0.4 + 2 * 1.2 + 60 * 0.02 + 4 * 0.25, 9);
  expect(journal?.measuredMs).toBe(6);
});

test("without measured parts, or counts in older summaries, nothing is said", () => {
  expect(budgetsOf(null, scenarios, contestants)).toEqual({});
  const older = scenarios.map((scenario) => ({
    ...scenario,
    results: scenario.results.map((result) => ({
      ...result,
      trials: result.trials.map(({ work: _, ...trial }) => trial),
    })),
  }));
  expect(budgetsOf(FIXTURE_PRIMITIVES, older, contestants).budgets).toEqual([]);
});
