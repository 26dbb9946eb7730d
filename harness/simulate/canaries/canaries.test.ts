/** Each planted bug is found by exactly the checkers that must find it, and its healthy twin by none. */
import { describe, expect, test } from "vitest";
import { CHECKERS } from "../../checkers/index.ts";
import { findingsIn, tryCanary } from "./canary.ts";
import { CANARIES } from "./index.ts";

const SEEDS = 6;

test("there are at least 40 planted bugs, each with a name of its own and a claim of what it does", () => {
  expect(CANARIES.length).toBeGreaterThanOrEqual(40);
  expect(new Set(CANARIES.map(({ name }) => name)).size).toBe(CANARIES.length);
  expect(CANARIES.filter(({ says, must }) => says === "" || must.length === 0)).toEqual([]);
});

test("every checker that can find something has a bug that it must find", () => {
  const needed = new Set<string>(CANARIES.flatMap(({ must }) => must));
  // An empty trial breaks nothing: C17 is true or unknown.
  expect(Object.keys(CHECKERS).filter((checker) => !needed.has(checker))).toEqual(["C17"]);
});

describe("a bug is found by those that must find it, and by no stranger", () => {
  test.each(CANARIES)("$name $says", (canary) => {
    const { caught, strangers } = tryCanary(canary, SEEDS);
    expect(strangers).toEqual([]);
    expect(caught).toBeGreaterThan(0);
  });
});

test("without the bug the same trials are clean", () => {
  const found = CANARIES.flatMap((canary) =>
    [...findingsIn(canary, 1, false)].map(([checker, says]) => `${canary.name}, ${checker}: ${says}`),
  );
  expect(found).toEqual([]);
});
