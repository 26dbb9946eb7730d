import { describe, expect, test } from "vitest";
import { type Contestant, syntheticSummary } from "./compare/testing/synthetic.ts";
import { type UntilInputs, type UntilSummary, untilSummary } from "./until.ts";

/** The state after so many blocks of one minute. */
function stateAfter(blocks: number, changes: Partial<UntilInputs["rule"]> = {}, does: Contestant = {}): UntilSummary {
  const results = syntheticSummary({ one: {}, two: does }, { blocks }).scenarios.flatMap(
    (scenario) => scenario.results,
  );
  const rule = { percent: 15, budgetMinutes: 60, ...changes };
  return untilSummary({ rule, results, blocks, complete: true, blockMs: 60_000 });
}

describe("a campaign that goes on until its figures are precise", () => {
  test("decides nothing before five blocks, however precise it asks to be", () => {
    expect(stateAfter(4, { percent: 100 })).toMatchObject({ state: "open", widestPercent: null });
    expect(stateAfter(5, { percent: 100 }).state).toBe("reached");
  });

  test("goes on while an interval is too wide, and ends when none is", () => {
    const states = Array.from({ length: 50 }, (_, index) => stateAfter(index + 5).state);
    const end = states.indexOf("reached");
    expect(end).toBeGreaterThan(3);
    expect(new Set(states.slice(0, end))).toEqual(new Set(["open"]));
    const reached = stateAfter(end + 5);
    expect(reached.widestPercent).toBeLessThanOrEqual(15);
    expect(reached.says).toMatch(
      new RegExp(
        `^Reached ±15 % after ${end + 5} blocks \\(widest interval ±[\\d.]+ %\\)\\. The number of blocks was chosen by looking`,
      ),
    );
  });

  test("ends when one more block would pass the budget, and says how wide it still was", () => {
    expect(stateAfter(9, { percent: 1, budgetMinutes: 10 }).state).toBe("open");
    const ended = stateAfter(10, { percent: 1, budgetMinutes: 10 });
    expect(ended.state).toBe("budget used up");
    expect(ended.says).toMatch(/^Budget used up: ±[\d.]+ % after 10 blocks; one more would pass 10 minutes\./);
  });

  test("waits for the runner with the widest interval, and for one whose trials were void", () => {
    expect(stateAfter(5, { percent: 100 }, { voids: [1] })).toMatchObject({ state: "open", widestPercent: null });
  });

  test("is open while a planned trial is missing", () => {
    const results = syntheticSummary({ one: {} }, { blocks: 5 }).scenarios.flatMap((scenario) => scenario.results);
    const rule = { percent: 100, budgetMinutes: 60 };
    expect(untilSummary({ rule, results, blocks: 5, complete: false, blockMs: 60_000 }).state).toBe("open");
  });

  test("does not wait for a runner that never took part", () => {
    const { results } = { results: syntheticSummary({ one: {}, two: {} }, { blocks: 5 }).scenarios[0]?.results ?? [] };
    const refused = results.map(({ runner, trials, overBlocks }) =>
      runner === "one"
        ? { runner, trials, overBlocks }
        : {
            runner,
            trials: trials.map((trial) => ({ ...trial, validity: { ...trial.validity, verdict: "refused" as const } })),
            overBlocks: { ...overBlocks, blocks: 0, figures: [] },
          },
    );
    const rule = { percent: 100, budgetMinutes: 60 };
    expect(untilSummary({ rule, results: refused, blocks: 5, complete: true, blockMs: 60_000 }).state).toBe("reached");
  });
});
