import { expect, test } from "vitest";
import { Shape } from "../shape.ts";
import { checkBudget } from "./budget-shape.ts";

function problemsOf(budget: unknown): readonly string[] {
  const shape = new Shape({ budget }, [], "");
  checkBudget(shape);
  return shape.problems;
}

test("a budget of known parts and counts has no problems, and neither has a runner without one", () => {
  expect(problemsOf({ idle: { perSecond: 1 }, commit: { perTurn: 1, perModelCall: 1.5 } })).toEqual([]);
  expect(problemsOf(undefined)).toEqual([]);
});

test("a part that nobody measures, a count that no trial has, and a number that makes no sense are each named", () => {
  const problems = problemsOf({ comit: { perTurn: 1 }, turn: { perturn: 1 }, frame: { perFrame: -1 }, idle: 3 });
  expect(problems).toHaveLength(4);
  expect(problems.join("\n")).toContain('Unknown key "comit". Did you mean "commit"?');
  expect(problems.join("\n")).toContain("budget.frame.perFrame");
  expect(problems.join("\n")).toContain("budget.idle: expected an object");
});
