import { describe, expect, it, test } from "vitest";
import { randomOf } from "../random.ts";
import { upperBound } from "./binomial.ts";
import {
  decideSequentially,
  fewestPairs,
  foundAbove,
  sequentialAnswer,
  sequentialDetectable,
  sequentialInterval,
} from "./sequential.ts";
import { ERRORS, type PairModel, simulatePairs } from "./testing/pair-model.ts";

const RULE = { alpha: 0.01, pairsMost: 12 };
const pairsOf = (change: Partial<PairModel>, seed: number): number[] =>
  simulatePairs({ pairs: 12, spread: 0.05, errors: "normal", drift: 0, ratio: 1, ...change }, randomOf(seed, "test"));

/** The group-sequential test by its definition: every choice of signs, sorted at each look. */
function foundByDefinition(values: readonly number[], { alpha, pairsMost }: typeof RULE): number | null {
  const choices = 2 ** values.length;
  let inside = Array.from({ length: choices }, (_, bits) => ({ bits, sum: 0 }));
  for (const [index, value] of values.entries()) {
    for (const one of inside) one.sum += (one.bits >> index) % 2 === 1 ? -value : value;
    const allowed = Math.floor((alpha * (index + 1) * choices) / pairsMost + 1e-9) - (choices - inside.length);
    inside.sort((a, b) => b.sum - a.sum);
    let out = Math.max(0, allowed);
    while (out > 0 && (inside[out - 1]?.sum ?? 0) - (inside[out]?.sum ?? 0) < 1e-12) out -= 1;
    if (inside.slice(0, out).some(({ bits }) => bits === 0)) return index + 1;
    inside = inside.slice(out);
  }
  return null;
}

describe("pairs that are looked at one after the other", () => {
  it("are found to lie above 0 at the same pair as by counting every choice of signs", () => {
    const found: (number | null)[] = [];
    for (let seed = 0; seed < 60; seed++) {
      const values = pairsOf({ ratio: 1 + 0.03 * (seed % 4), errors: ERRORS[seed % 4] ?? "normal" }, seed);
      found.push(foundAbove(values, RULE));
      expect(found.at(-1)).toBe(foundByDefinition(values, RULE));
    }
    expect(new Set(found).size).toBeGreaterThan(3);
  });

  it("find nothing where there is nothing more often than it may, whatever the errors", {
    timeout: 20_000,
  }, () => {
    const decisions = 2_000;
    let found = 0;
    for (let index = 0; index < decisions; index++) {
      // Above 13 pairs the choices of signs are a part of all.
      const pairs = index % 3 === 0 ? 12 : 20;
      const values = pairsOf({ pairs, errors: ERRORS[index % 4] ?? "normal", drift: (index >> 2) % 2 }, index);
      if (foundAbove(values, { alpha: 0.01, pairsMost: pairs }) !== null) found += 1;
    }
    expect(upperBound(found, decisions, 0.99)).toBeLessThan(0.018);
    // A rule that never finds anything would pass this too.
    expect(found).toBeGreaterThan(5);
  });

  it("answer after eight of them where b is half as slow again, and not before", () => {
    expect(fewestPairs(RULE)).toBe(8);
    const values = pairsOf({ ratio: 1.5 }, 1);
    expect(sequentialAnswer(values, { ...RULE, worseBy: 0.05 })).toEqual({ answer: "regression", pairs: 8 });
    expect(sequentialAnswer(values.slice(0, 7), { ...RULE, worseBy: 0.05 })).toEqual({ answer: "open", pairs: 7 });
  });

  it("pass what is the same, and an answer stands whatever comes later", () => {
    const same = pairsOf({ spread: 0.02 }, 2);
    const early = decideSequentially(same, { ...RULE, worseBy: 0.1 });
    expect(early).toMatchObject({ answer: "pass", pairs: 8 });
    const later = [...same.slice(0, 8), 9, 9, 9, 9];
    expect(decideSequentially(later, { ...RULE, worseBy: 0.1 })).toEqual(early);
  });

  it("are inconclusive when they are used up between no change and one that matters", () => {
    const wide = pairsOf({ spread: 0.3 }, 3);
    expect(sequentialAnswer(wide, { ...RULE, worseBy: 0.05 })).toEqual({ answer: "inconclusive", pairs: 12 });
  });

  it("that are worse by less than matters are no regression", () => {
    const small = pairsOf({ ratio: 1.04, spread: 0.005 }, 4);
    expect(foundAbove(small, RULE)).toBe(8);
    expect(sequentialAnswer(small, { ...RULE, worseBy: 0.1 }).answer).toBe("pass");
  });

  it("cannot answer when there may be too few", () => {
    expect(fewestPairs({ alpha: 0.01, pairsMost: 6 })).toBeNull();
    expect(sequentialInterval([1, 1, 1, 1, 1, 1], { alpha: 0.01, pairsMost: 6 })).toBeNull();
    expect(sequentialDetectable(0.05, { alpha: 0.01, pairsMost: 6, worseBy: 0.05 })).toBeNull();
  });
});

describe("the interval of pairs that are looked at one after the other", () => {
  test("lies above 0 exactly where they are found to", () => {
    for (let seed = 0; seed < 40; seed++) {
      const values = pairsOf({ ratio: 1 + 0.02 * (seed % 4), errors: ERRORS[seed % 4] ?? "normal" }, 100 + seed);
      const interval = sequentialInterval(values, RULE);
      expect((interval?.low ?? 0) > 0).toBe(foundAbove(values, RULE) !== null);
    }
  });

  test("moves with the values", () => {
    const values = pairsOf({}, 5);
    const moved = values.map((value) => value + 0.3);
    const [here, there] = [sequentialInterval(values, RULE), sequentialInterval(moved, RULE)];
    expect((there?.low ?? 0) - (here?.low ?? 0)).toBeCloseTo(0.3, 4);
    expect((there?.high ?? 0) - (here?.high ?? 0)).toBeCloseTo(0.3, 4);
  });
});

test("the smallest change that would be found is found in about nine of ten cases", { timeout: 20_000 }, () => {
  const question = { ...RULE, worseBy: 0.01 };
  const change = sequentialDetectable(0.05, question) ?? 0;
  const decisions = 300;
  let found = 0;
  for (let seed = 0; seed < decisions; seed++)
    if (sequentialAnswer(pairsOf({ ratio: 1 + change }, 1_000 + seed), question).answer === "regression") found += 1;
  expect(found / decisions).toBeGreaterThan(0.84);
  expect(found / decisions).toBeLessThan(0.95);
});
