import { describe, expect, it } from "vitest";
import { foundTooSeldom, type PlantedOutcome } from "./planted-outcomes.ts";

/** So many decisions with each answer; nothing else of them is looked at. */
const decided = (stretch: number, answers: Readonly<Record<string, number>>): PlantedOutcome[] =>
  Object.entries(answers).flatMap(([answer, times]) =>
    Array.from({ length: times }, () => ({ stretch, answer }) as PlantedOutcome),
  );
const ALL_OF_HALF = decided(1.5, { regression: 20 });

describe("planted regressions", () => {
  it("are found often enough with 18 of 20 tenths and 20 of 20 halves", () => {
    expect(foundTooSeldom([...decided(1.1, { regression: 18, inconclusive: 2 }), ...ALL_OF_HALF])).toEqual([]);
  });

  it.each([
    { answers: { regression: 17, pass: 1, inconclusive: 2 }, what: "17 of 20" },
    { answers: { regression: 15, inconclusive: 1 }, what: "too few decisions" },
    { answers: { regression: 37, inconclusive: 3 }, what: "more than two that are inconclusive" },
  ])("are found too seldom with $what", ({ answers }) => {
    const [said, ...others] = foundTooSeldom([...decided(1.1, answers), ...ALL_OF_HALF]);
    expect(said).toMatch(new RegExp(`^${answers.regression} of \\d+ decisions on 1.1 times found it`));
    expect(others).toEqual([]);
  });

  it("are found too seldom where one half was missed", () => {
    const halves = decided(1.5, { regression: 19, inconclusive: 1 });
    expect(foundTooSeldom([...decided(1.1, { regression: 20 }), ...halves])).toEqual([
      "19 of 20 decisions on 1.5 times found it and 1 were inconclusive; expected at least 20 decisions, 20 of 20 found and at most 2 inconclusive",
    ]);
  });
});
