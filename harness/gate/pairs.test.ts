/** Decisions by pairs, on made-up campaigns whose truth is known. */
import { describe, expect, it } from "vitest";
import { type Contestant, syntheticSummary } from "../compare/testing/synthetic.ts";
import { gate } from "../gate.ts";
import type { Summary } from "../summary.ts";
import type { PairsRule } from "../trial.ts";
import { pairsState } from "./pairs.ts";
import { PAIRS_POLICY } from "./policy.ts";

const RULE: PairsRule = {
  baseline: "baseline",
  candidate: "candidate",
  limits: [{ figure: "overhead p50", phase: "calm", worseBy: 0.05 }],
  alpha: 0.01,
  pairsMost: 14,
};

function campaign(candidate: Contestant, blocks: number, noise = 0.02, baseline: Contestant = {}): Summary {
  const made = syntheticSummary({ baseline, candidate }, { blocks, noise });
  return { ...made, promises: [], campaign: { ...made.campaign, pairs: RULE } };
}

function stateOf({ scenarios }: Summary, blocks: number, rule = RULE) {
  const given = scenarios.map(({ scenario, results, headlineCohorts }) => ({
    scenario,
    results,
    cohorts: headlineCohorts,
  }));
  return pairsState(rule, given, blocks, true);
}

const relative = (summary: Summary) =>
  gate(summary, { format: "agent-derby-gate/1", promises: false }, null).lines.map(({ answer, says }) => ({
    answer,
    says,
  }));

describe("a campaign of pairs", () => {
  it("goes on until its pairs have decided, and no longer", () => {
    expect(stateOf(campaign({ factor: 1.5 }, 7), 7).state).toBe("open");
    expect(stateOf(campaign({ factor: 1.5 }, 8), 8)).toEqual({
      state: "decided",
      says: "1 of 1 figures are decided after 8 pairs of at most 14.",
    });
  });

  it("ends at the most blocks there may be when nothing is decided", () => {
    expect(stateOf(campaign({}, 13, 0.5), 13).state).toBe("open");
    expect(stateOf(campaign({}, 14, 0.5), 14).state).not.toBe("open");
  });

  it("ends when its first blocks gave no valid pair, or no figure that is asked about", () => {
    const voids = [1, 2, 3, 4, 5, 6, 7, 8];
    expect(stateOf(campaign({ voids }, 8), 8).state).toBe("no pairs");
    const other = { ...RULE, limits: [{ figure: "memory of nothing", worseBy: 0.1 }] };
    expect(stateOf(campaign({}, 8), 8, other).state).toBe("no pairs");
  });

  it("waits for a figure that is still open when another is decided", () => {
    const two = { ...RULE, limits: [...RULE.limits, { figure: "memory per session", worseBy: 0.001 }] };
    const state = stateOf(campaign({}, 12, 0.015), 12, two);
    expect(state).toMatchObject({ state: "open", says: expect.stringMatching(/^1 of 2 figures/) });
  });
});

describe("the gate on a campaign of pairs", () => {
  it("calls a candidate that is a tenth slower a regression, with its interval and what could have been seen", () => {
    const [line, ...rest] = relative(campaign({ factor: 1.1, medianMs: 60 }, 14, 0.02, { medianMs: 60 }));
    expect(rest).toHaveLength(0);
    expect(line).toMatchObject({
      answer: "regression",
      says: expect.stringMatching(
        /^1\.1\d? times the baseline \(1\.0\d+ to 1\.\d+\) in \d+ pairs, limit 1\.05\. 14 pairs would find [\d.]+ % in 9 of 10 cases\.$/,
      ),
    });
  });

  it("passes a candidate that is the same, and is inconclusive where the spread hides the limit", () => {
    expect(relative(campaign({}, 14))).toMatchObject([{ answer: "pass" }]);
    expect(relative(campaign({}, 14, 0.4))).toMatchObject([
      { answer: "inconclusive", says: expect.stringContaining("All pairs are used up.") },
    ]);
  });

  it("asks nothing of pairs when a runtime was saturated", () => {
    expect(relative(campaign({ saturated: true, factor: 2 }, 14))).toMatchObject([
      { answer: "inconclusive", says: expect.stringContaining("saturated") },
    ]);
  });

  it("holds damage against the candidate alone, and its promises against the baseline's", () => {
    const promise = (runner: string, state: "kept" | "not offered") =>
      ({ runner, promise: "readable", vowed: "true", state, exposures: 3, says: "", trials: [] }) as const;
    const summary = {
      ...campaign({}, 14),
      promises: [promise("baseline", "kept"), promise("candidate", "not offered")],
    };
    const report = gate(summary, PAIRS_POLICY, null);
    expect(report.answer).toBe("regression");
    expect(report.baseline).toBe("baseline");
    expect(new Set(report.lines.map(({ runner }) => runner))).toEqual(new Set(["candidate"]));
    expect(report.lines.find(({ rule }) => rule === "promise")?.says).toContain("no longer promised");
  });
});
