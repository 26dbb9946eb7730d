import { describe, expect, it } from "vitest";
import type { Verdict } from "../harness/checkers/checker.ts";
import type { PromiseSummary, Summary, TrialSummary, Validity } from "../harness/summary.ts";
import { FIXTURE_CERTIFICATE } from "../reports/fixture-certificate.ts";
import { certificateLines } from "./certificate-lines.ts";
import { renderConform } from "./conform.ts";
import { explainTrial } from "./explain.ts";
import { renderVerdicts } from "./judge.ts";
import { exitCodeOf } from "./run.ts";

const violated: Verdict = {
  checker: "C1",
  claim: "Acknowledged turns are kept.",
  result: false,
  reason: "Two turns are gone.",
  exposures: 40,
  violations: 2,
  evidence: [{ witness: "driver", index: 11, says: "turn 3 of s1 is not in the read" }],
};
const unknown: Verdict = {
  ...violated,
  checker: "C4",
  result: "unknown",
  reason: "No reads are offered.",
  violations: 0,
  evidence: [],
};
const holds: Verdict = {
  ...violated,
  checker: "C2",
  claim: "There are no phantom turns.",
  result: true,
  violations: 0,
  evidence: [],
};

/** The parts of a summary that these commands read. */
function summaryOf(
  validities: readonly Validity["verdict"][],
  states: readonly PromiseSummary["state"][] = [],
): Summary {
  const trials = validities.map((verdict, index) => ({
    id: `${index + 1}-storm-a`,
    validity: {
      verdict,
      reasons: verdict === "valid" ? [] : ["The start lag was 80 ms."],
      saturated: false,
      certificate: FIXTURE_CERTIFICATE,
    },
    verdicts: [holds, violated, unknown],
    command: "npm run bench -- storm a",
  }));
  const promises = states.map((state) => ({
    runner: "a",
    promise: "durable-turns",
    state,
    says: "kept in 40 kills",
    trials: [],
  }));
  return {
    scenarios: [{ scenario: "storm", results: [{ runner: "a", trials }] }],
    promises,
    void: [],
  } as unknown as Summary;
}

describe("the exit code of a run", () => {
  it.each([
    ["is 0 when all trials are valid and promises kept", ["valid", "valid"], ["kept", "untested", "not offered"], 0],
    ["is 1 when a promise is broken", ["valid"], ["kept", "broken"], 1],
    ["is 0 when some trials are void, since the others still say something", ["valid", "void"], [], 0],
    ["is 0 when all are void: nothing was compared, and nobody is to blame", ["void", "void"], [], 0],
    ["is 2 when there are no trials at all", [], [], 2],
    ["is 2 when a runtime did not start, whatever the others did", ["valid", "refused"], ["broken"], 2],
  ] as const)("%s", (_sentence, validities, states, code) => {
    expect(exitCodeOf(summaryOf(validities, states))).toBe(code);
  });
});

describe("a trial in sentences", () => {
  const [trial] = summaryOf(["void"]).scenarios[0]?.results[0]?.trials ?? [];

  it("begins with what is wrong and names file and line of the evidence", () => {
    expect(explainTrial(trial as TrialSummary).split("\n")).toEqual([
      "Trial 1-storm-a is void.",
      "  The start lag was 80 ms.",
      "",
      'C1 is violated 2 times in 40 exposures: "Acknowledged turns are kept." Two turns are gone.',
      "    driver.ndjson:12  turn 3 of s1 is not in the read",
      'C4 unknown: "Acknowledged turns are kept." No reads are offered.',
      'C2 holds in 40 exposures: "There are no phantom turns."',
      "",
      ...certificateLines(FIXTURE_CERTIFICATE),
      "",
      "Repeat it alone with: npm run bench -- storm a",
    ]);
  });
});

it("judge shows a row per verdict and a row per promise", () => {
  const text = renderVerdicts(summaryOf(["valid"], ["kept"]));
  expect(text).toMatch(/^1-storm-a +C1 +FALSE +2 +40 +Two turns are gone\.$/m);
  expect(text).toMatch(/^1-storm-a +C2 +true +0 +40 +There are no phantom turns\.$/m);
  expect(text).toMatch(/^a +durable-turns +kept +kept in 40 kills$/m);
});

it("conform shows the checks by group, failures in capitals, and the verdict", () => {
  const checks = [
    { group: "http", name: "healthz answers", result: "pass", says: "200" },
    { group: "tools", name: "a Fence is sent", result: "not offered", says: "not promised" },
    { group: "http", name: "repeats are equal", result: "fail", says: "other bytes" },
  ] as const;
  expect(renderConform({ runner: "a", checks, passed: false }).split("\n")).toEqual([
    "http",
    "  pass         healthz answers: 200",
    "  FAIL         repeats are equal: other bytes",
    "tools",
    "  not offered  a Fence is sent: not promised",
    "",
    "a does not conform: 1 of 3 checks failed.",
  ]);
});
