import { describe, expect, test } from "vitest";
import { type Contestant, syntheticSummary } from "./compare/testing/synthetic.ts";
import { INVARIANTS } from "./gate/invariants.ts";
import { checkPolicy, DEFAULT_POLICY, type GatePolicy } from "./gate/policy.ts";
import { type GateLine, gate } from "./gate.ts";
import type { PromiseSummary, Summary, TrialSummary } from "./summary.ts";

const FORMAT = "agent-derby-gate/1" as const;
const BLOCKS = 14;

const campaign = (does: Contestant, blocks = BLOCKS): Summary => ({
  ...syntheticSummary({ backend: does }, { blocks, noise: 0.03 }),
  promises: [],
});
const policy = (changes: Partial<GatePolicy>): GatePolicy => ({ format: FORMAT, promises: false, ...changes });
const only = (lines: readonly GateLine[]): GateLine => {
  expect(lines).toHaveLength(1);
  return lines[0] as GateLine;
};

function promise(
  state: PromiseSummary["state"],
  vowed: string | null = "true",
  name = "durable-turns",
): PromiseSummary {
  return { runner: "backend", promise: name, vowed, state, exposures: 9, says: "", trials: [] };
}
const promising = (...promises: PromiseSummary[]): Summary => ({ ...campaign({}, 1), promises });

describe("promises at the gate", () => {
  const asked = policy({ promises: true });
  test.each([
    ["kept", "pass"],
    ["broken", "regression"],
    ["untested", "inconclusive"],
  ] as const)("one that is %s passes nothing but what was shown: %s", (state, answer) => {
    expect(gate(promising(promise(state)), asked, null).answer).toBe(answer);
  });

  test("one that is no longer made is a regression", () => {
    const report = gate(promising(promise("not offered", null)), asked, promising(promise("kept")));
    expect(report.answer).toBe("regression");
    expect(only(report.lines).says).toContain("no longer promised");
  });

  test("a weaker vow is a regression, and a stronger one is not", () => {
    const weak = promising(promise("kept", "process"));
    const strong = promising(promise("kept", "database-process"));
    expect(gate(weak, asked, strong).answer).toBe("regression");
    expect(gate(strong, asked, weak).answer).toBe("pass");
  });

  test("those of a runner that the candidate's campaign lacks are inconclusive, whatever else passes", () => {
    const other = { ...promise("kept"), runner: "another" };
    const report = gate(promising(promise("kept")), asked, promising(promise("kept"), other));
    expect(report.answer).toBe("inconclusive");
    expect(report.lines.map(({ runner, answer }) => [runner, answer])).toEqual([
      ["backend", "pass"],
      ["another", "inconclusive"],
    ]);
  });

  test("one that the baseline tested and the candidate did not is inconclusive, never passed", () => {
    const report = gate(
      promising(promise("untested"), promise("kept", "true", "readable")),
      asked,
      promising(promise("kept")),
    );
    expect(report.answer).toBe("inconclusive");
  });
});

test("a runtime that was refused is a regression with its reason, whatever the policy asks", () => {
  const summary = campaign({}, 1);
  const refused = (trial: TrialSummary): TrialSummary => ({
    ...trial,
    validity: { ...trial.validity, verdict: "refused", reasons: ["It did not start: no such file."] },
  });
  const scenarios = summary.scenarios.map((scenario) => ({
    ...scenario,
    results: scenario.results.map((result) => ({ ...result, trials: result.trials.map(refused) })),
  }));
  const report = gate({ ...summary, scenarios }, policy({}), null);
  expect(report.answer).toBe("regression");
  expect(only(report.lines)).toMatchObject({ rule: "admission", says: expect.stringContaining("no such file") });
});

describe("invariants at the gate", () => {
  const asked = policy({ invariants: { "sessions stuck": 0, "acknowledged turns forgotten": 0 } });

  test("no damage passes, and each line says in how many trials", () => {
    const report = gate(campaign({}), asked, null);
    expect(report.answer).toBe("pass");
    for (const line of report.lines) expect(line.says).toContain(`${BLOCKS} valid of ${BLOCKS}`);
  });

  test("any damage beyond the limit is a regression, with its number", () => {
    const summary = changed(({ memory }) => ({ memory: { ...memory, forgotten: 2 } }));
    const line = gate(summary, asked, null).lines.find(({ what }) => what === "acknowledged turns forgotten");
    expect(line).toMatchObject({ answer: "regression", value: 2 * BLOCKS, limit: 0 });
  });

  test("a campaign whose trials are all void is inconclusive", () => {
    const voids = Array.from({ length: BLOCKS }, (_, index) => index + 1);
    expect(gate(campaign({ voids }), asked, null).answer).toBe("inconclusive");
  });
});

/** The campaign with each of its trials changed. */
function changed(change: (trial: TrialSummary) => Partial<TrialSummary>): Summary {
  const summary = campaign({});
  return {
    ...summary,
    scenarios: summary.scenarios.map((scenario) => ({
      ...scenario,
      results: scenario.results.map((result) => ({
        ...result,
        trials: result.trials.map((trial) => ({ ...trial, ...change(trial) })),
      })),
    })),
  };
}

describe("a 0 that could not have been more", () => {
  test("passes no invariant where nothing was hit, sold or acknowledged", () => {
    const nothing = changed(({ memory, effects, economy, recovery }) => ({
      memory: { ...memory, acknowledged: 0, lostByRead: 0, forgotten: 0 },
      effects: { keyed: { ...effects.keyed, logicalCalls: 0 }, plain: { ...effects.plain, logicalCalls: 0 } },
      economy: { ...economy, bought: { ...economy.bought, calls: 0 } },
      recovery: recovery.map((row) => ({ ...row, touched: 0, never: 0 })),
    }));
    const all = Object.fromEntries(Object.keys(INVARIANTS).map((what) => [what, 0]));
    const report = gate(nothing, policy({ invariants: all }), null);
    expect(report.lines.map(({ answer }) => answer)).toEqual(report.lines.map(() => "untested"));
    expect(report.answer).toBe("inconclusive");
  });

  test("is inconclusive where a fault did not land, and damage is a regression all the same", () => {
    const asked = policy({ invariants: { "acknowledged turns forgotten": 0 } });
    const missed = ({ verdicts }: TrialSummary) =>
      verdicts.map((one) =>
        one.checker === "C17" ? { ...one, result: "unknown" as const, reason: "f1 missed." } : one,
      );
    const unlanded = changed((trial) => ({ verdicts: missed(trial) }));
    expect(only(gate(unlanded, asked, null).lines)).toMatchObject({
      answer: "inconclusive",
      says: expect.stringContaining("f1 missed"),
    });
    const damaged = changed((trial) => ({ verdicts: missed(trial), memory: { ...trial.memory, forgotten: 1 } }));
    expect(gate(damaged, asked, null).answer).toBe("regression");
  });
});

describe("objectives at the gate", () => {
  const most = (limit: number): GatePolicy =>
    policy({ objectives: [{ figure: "overhead p50", phase: "calm", most: limit }] });
  const medianOf = (summary: Summary): number => only(gate(summary, most(1e9), null).lines).value ?? Number.NaN;

  test("a figure whose interval lies below its limit passes, above it is a regression, across it is inconclusive", () => {
    const summary = campaign({ medianMs: 20 });
    const middle = medianOf(summary);
    expect(gate(summary, most(middle * 2), null).answer).toBe("pass");
    expect(gate(summary, most(middle / 2), null).answer).toBe("regression");
    expect(gate(summary, most(middle), null).answer).toBe("inconclusive");
  });

  test("each line says which change its blocks would have seen, and one block none", () => {
    const asked = most(medianOf(campaign({ medianMs: 20 })) * 2);
    const seen = (noise: number, blocks: number): number | null => {
      const summary = { ...syntheticSummary({ backend: { medianMs: 20 } }, { blocks, noise }), promises: [] };
      return only(gate(summary, asked, null).lines).detectable;
    };
    expect(seen(0.5, 14)).toBeGreaterThan(seen(0.03, 14) ?? Number.NaN);
    expect(seen(0.1, 1)).toBeNull();
  });

  test("times of a saturated runtime pass nothing", () => {
    const line = only(gate(campaign({ saturated: true }), most(1e9), null).lines);
    expect(line).toMatchObject({ answer: "inconclusive", says: expect.stringContaining("saturated") });
  });

  test("a figure that no trial gives is inconclusive, once", () => {
    const asked = policy({ objectives: [{ figure: "overhead p50", scenario: "elsewhere", most: 1 }] });
    expect(only(gate(campaign({}), asked, null).lines)).toMatchObject({ answer: "inconclusive", runner: "all" });
  });
});

describe("relative limits at the gate", () => {
  const asked = policy({ relative: [{ figure: "overhead p90", phase: "calm", worseBy: 0.1 }] });

  test("a candidate like its baseline passes, with the ratio, its interval and the smallest change that could be seen", () => {
    const line = only(gate(campaign({}), asked, campaign({})).lines);
    expect(line).toMatchObject({ answer: "pass", limit: 1.1 });
    expect(line.value).toBeCloseTo(1, 1);
    expect(line.detectable).not.toBeNull();
  });

  test("half as long again is a regression", () => {
    const report = gate(campaign({ factor: 1.5 }), asked, campaign({}));
    expect(report.answer).toBe("regression");
    expect(only(report.lines).value).toBeCloseTo(1.5, 1);
  });

  test("faster passes", () => {
    expect(gate(campaign({ factor: 0.5 }), asked, campaign({})).answer).toBe("pass");
  });

  test("too few pairs are inconclusive and say how many are needed", () => {
    const line = only(gate(campaign({}, 3), asked, campaign({}, 3)).lines);
    expect(line).toMatchObject({ answer: "inconclusive", says: expect.stringMatching(/3 pairs; .* below \d+/) });
  });

  test("another machine is inconclusive", () => {
    const other = campaign({});
    const report = gate(campaign({}), asked, { ...other, environment: { ...other.environment, cpuModel: "another" } });
    expect(only(report.lines)).toMatchObject({ answer: "inconclusive", says: expect.stringContaining("machine") });
  });

  test("without a baseline they are inconclusive", () => {
    expect(gate(campaign({}), asked, null).answer).toBe("inconclusive");
  });
});

describe("a policy file", () => {
  test("the default is one", () => {
    expect(checkPolicy(JSON.parse(JSON.stringify(DEFAULT_POLICY)), "gate.json")).toEqual(DEFAULT_POLICY);
  });

  test("names every problem: the key, what was given and what exists", () => {
    const wrong = { format: FORMAT, invariant: {}, objectives: [{ figure: "overhead p98", most: -1 }] };
    const attempt = () => checkPolicy(wrong, "gate.json");
    expect(attempt).toThrow(/gate\.json: top level: .*"invariant".*invariants/);
    expect(attempt).toThrow(/objectives\[0\]\.figure: .*"overhead p98".*overhead p90/);
    expect(attempt).toThrow(/objectives\[0\]\.most: expected a number/);
  });

  test("one that asks for nothing passes nothing", () => {
    expect(gate(campaign({}), policy({}), null)).toMatchObject({
      answer: "inconclusive",
      says: "The policy asks for nothing.",
    });
  });
});
