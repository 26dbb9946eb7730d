import { expect, test } from "vitest";
import { cleanKill } from "../checkers/history-builder.ts";
import { trialOf } from "../summarize/recording-builder.ts";
import type { Validity } from "../summary.ts";
import { voidRates } from "./void-rates.ts";

const trial = trialOf(cleanKill());
const trials = (verdicts: readonly Validity["verdict"][]) =>
  verdicts.map((verdict, at) => ({
    ...trial,
    id: `${at + 1}-x`,
    validity: { ...trial.validity, verdict, reasons: verdict === "valid" ? [] : ["Late."] },
  }));
const valid = (n: number): Validity["verdict"][] => Array.from({ length: n }, () => "valid");

test.each([
  ["nobody lost a trial", valid(3), valid(3), true],
  ["one in ten against none is ten points, and passes", [...valid(9), "void" as const], valid(10), true],
  ["one in nine against none is more", [...valid(8), "void" as const], valid(9), false],
  ["both lose the same share", [...valid(1), "void" as const], [...valid(1), "failed isolation" as const], true],
  ["failed isolation counts like void", [...valid(1), "failed isolation" as const], valid(2), false],
  ["a refused runtime has lost no trial to the harness", [...valid(1), "refused" as const], valid(2), true],
  ["a runner without trials is compared with nobody", [], ["void" as const], true],
])("%s", (_sentence, one, other, comparable) => {
  const rates = voidRates([
    { runner: "a", trials: trials(one) },
    { runner: "b", trials: trials(other) },
  ]);
  expect(rates.comparable).toBe(comparable);
  expect(rates.reason === null).toBe(comparable);
});

test("every lost trial is listed with its reason, and the sentence names both runners", () => {
  const { rates, reason } = voidRates([
    { runner: "a", trials: trials(["void", "failed isolation", "valid", "valid"]) },
    { runner: "b", trials: trials(valid(4)) },
  ]);
  expect(rates[0]).toEqual({
    runner: "a",
    trials: 4,
    void: 1,
    failedIsolation: 1,
    sharePercent: 50,
    reasons: ["1-x: Late.", "2-x: Late."],
  });
  expect(reason).toBe(
    "Of the trials of a 50 % say nothing, of those of b 0 %: more than 10 points apart, so a comparison is inconclusive.",
  );
});
