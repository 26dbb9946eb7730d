import { expect, test } from "vitest";
import type { BudgetCheck, Primitives } from "../../harness/budget/primitives.ts";
import { meanChecks, meanPrimitives } from "./rounds.ts";

const check = (changes: Partial<BudgetCheck>): BudgetCheck => ({
  scenario: "steady",
  runner: "async",
  chosenBy: true,
  valid: true,
  slowness: 1,
  predictedMs: 10,
  measuredMs: 10,
  ...changes,
});

test("sums and trials are held against each other round by round, and only valid trials count", () => {
  const rounds = [
    [
      check({ predictedMs: 10, measuredMs: 8, slowness: 0.8 }),
      check({ runner: "durable", valid: false, measuredMs: 99 }),
    ],
    [
      check({ predictedMs: 14, measuredMs: 12, slowness: 1.2 }),
      check({ runner: "durable", valid: true, measuredMs: 11 }),
    ],
    [check({ predictedMs: 99, valid: false })],
  ];
  expect(meanChecks(rounds)).toEqual([
    check({ predictedMs: 12, measuredMs: 10 }),
    check({ runner: "durable", measuredMs: 11 }),
  ]);
});

test("where no trial is valid the check says so", () => {
  expect(meanChecks([[check({ valid: false })], [check({ valid: false, measuredMs: 20 })]])).toEqual([
    check({ valid: false, measuredMs: 15 }),
  ]);
});

test("parts, tools and the table are means of the rounds", () => {
  const one = (value: number): Primitives =>
    ({
      partMs: { idle: value },
      toolMs: { burn_cpu: value },
      yardstickMs: value,
      roundTripMs: value,
      commitMs: value,
      table: [{ what: "x", value, unit: "ms" }],
    }) as unknown as Primitives;
  expect(meanPrimitives([one(1), one(3)])).toMatchObject({
    partMs: { idle: 2 },
    toolMs: { burn_cpu: 2 },
    yardstickMs: 2,
    roundTripMs: 2,
    commitMs: 2,
    table: [{ what: "x", value: 2, unit: "ms" }],
  });
});
