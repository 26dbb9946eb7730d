/** Claims on trial: what the figures of a campaign make of them. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { fixtureSummary } from "../reports/fixture-summary.ts";
import { claimProblems, readClaims } from "./claims/claim-files.ts";
import { type Claim, type ClaimTest, withClaims } from "./claims.ts";
import { sourceRoot } from "./package-root.ts";
import type { Summary, TrialSummary } from "./summary.ts";

const FORGETS: ClaimTest = {
  runners: ["memo"],
  scenario: "strike",
  figure: "turns lost or forgotten",
  is: "at least",
  value: 1,
};

function judged(tests: readonly ClaimTest[], summary: Summary = fixtureSummary()) {
  const claim: Claim = { id: "c", says: "It is so.", who: "somebody", source: "https://example.org/", tests };
  const found = withClaims(summary, [claim]).claims?.[0];
  if (found === undefined) throw new Error("the claim was judged");
  return { ...found, found: found.findings.map((one) => `${one.runner} ${one.holds}: ${one.found}`) };
}

/** The fixture with the trials of "strike" changed, each in as many blocks as there are changes. */
function strike(...blocks: readonly ((trial: TrialSummary) => Partial<TrialSummary>)[]): Summary {
  const summary = fixtureSummary();
  const scenarios = summary.scenarios.map((scenario) => {
    if (scenario.scenario !== "strike") return scenario;
    const results = scenario.results.map((result) => ({
      ...result,
      trials: blocks.flatMap((change, index) =>
        result.trials.map((trial) => ({
          ...trial,
          id: `${index + 1}-${trial.id}`,
          block: index + 1,
          ...change(trial),
        })),
      ),
    }));
    return { ...scenario, results };
  });
  return { ...summary, scenarios };
}

const overhead = (p50: number) => (trial: TrialSummary) => ({
  latency: trial.latency.map((row) => ({ ...row, overheadMs: { ...row.overheadMs, p50 } })),
});

describe("a claim", () => {
  test("is supported where every test holds for every runner that took part", () => {
    const { verdict, found, findings } = judged([{ ...FORGETS, runners: ["memo", "mailbox", "nobody"] }]);
    expect(verdict).toBe("supported");
    expect(found).toEqual(["memo true: 5212", "mailbox true: 5212"]);
    expect(findings[0]).toMatchObject({ asks: "turns lost or forgotten at least 1", trials: ["1-strike-memo"] });
  });

  test("is not decided by a trial whose faults did not land", () => {
    const missed = strike(({ verdicts }) => ({
      verdicts: [
        ...verdicts.filter(({ checker }) => checker !== "C17"),
        {
          checker: "C17",
          claim: "",
          result: "unknown",
          reason: "f1 missed.",
          exposures: 0,
          violations: 0,
          evidence: [],
        },
      ],
    }));
    const { verdict, found } = judged([FORGETS], missed);
    expect(verdict).toBe("inconclusive");
    expect(found).toEqual(["memo null: the trial could have found nothing: f1 missed."]);
  });

  test("is refuted by one runner of which it is not true", () => {
    expect(judged([{ ...FORGETS, runners: ["memo", "journal"] }]).verdict).toBe("refuted");
    expect(judged([{ ...FORGETS, runners: ["journal"], is: "at most", value: 0 }]).verdict).toBe("supported");
  });

  test.each<[string, Partial<ClaimTest>]>([
    ["runner", { runners: ["nobody"] }],
    ["scenario", { scenario: "elsewhere" }],
    ["valid trial", { runners: ["journal"], scenario: "hoard" }],
  ])("without a %s that could test it is not tested", (_what, changes) => {
    expect(judged([{ ...FORGETS, ...changes }])).toMatchObject({ verdict: "not tested", findings: [] });
  });

  test("of which a part was not tested is not supported, but can be refuted", () => {
    const elsewhere = { ...FORGETS, scenario: "elsewhere" };
    expect(judged([FORGETS, elsewhere]).verdict).toBe("inconclusive");
    expect(judged([{ ...FORGETS, is: "at most", value: 0 }, elsewhere]).verdict).toBe("refuted");
  });

  test("is inconclusive where blocks disagree", () => {
    const kept = (trial: TrialSummary) => ({ memory: { ...trial.memory, forgotten: 0, lostByRead: 0 } });
    const { verdict, found } = judged(
      [FORGETS],
      strike(() => ({}), kept),
    );
    expect(verdict).toBe("inconclusive");
    expect(found).toEqual(["memo null: 5212 · 0"]);
  });
});

describe("a time", () => {
  const FAST: ClaimTest = {
    runners: ["memo"],
    scenario: "strike",
    figure: "overhead p50 in calm",
    is: "at most",
    value: 20,
  };

  test("decides in one block only where it is clearly beyond its limit, and in five wherever it is", () => {
    expect(judged([FAST], strike(overhead(12))).verdict).toBe("supported");
    expect(judged([FAST], strike(overhead(31))).verdict).toBe("refuted");
    expect(judged([FAST], strike(overhead(18))).found).toEqual(["memo null: 18 ms; too close for one block"]);
    const five = Array.from({ length: 5 }, () => overhead(18));
    expect(judged([FAST], strike(...five)).verdict).toBe("supported");
  });

  test("is held against another figure of the same block, raised to what can be told apart", () => {
    const twice = { ...FAST, is: "at least", value: 2, timesThat: { figure: "overhead p99 in calm" } } as const;
    const { findings, found } = judged([twice]);
    expect(findings[0]?.asks).toBe("overhead p50 in calm at least 2 × overhead p99 in calm");
    expect(found[0]).toMatch(/^memo false: 12 ms, limit 185 ms/);
    const nothing = { ...FAST, is: "at least", value: 2, timesThat: { figure: "overhead p50 in calm" } } as const;
    expect(judged([nothing], strike(overhead(-1))).verdict).toBe("refuted");
  });

  test("of a saturated runtime and one without enough samples decide nothing", () => {
    const saturated = strike((trial) => ({ validity: { ...trial.validity, saturated: true } }));
    expect(judged([FAST], saturated).found[0]).toContain("saturated");
    const few = strike((trial) => ({
      silent: { ...(trial.silent ?? { resumedMedianMs: null }), interrupted: 9, resumed: 0 },
    }));
    const stalled = "share of waiting sessions stalled at once beside long collections";
    const idle = { ...FAST, scenario: "hoard", runners: ["mailbox"], figure: stalled } as const;
    expect(judged([idle]).found).toEqual(["mailbox null: too few samples, or not exercised"]);
    const resumed = { ...FAST, figure: "share resumed unasked", is: "at least", value: 0.95 } as const;
    expect(judged([resumed], few)).toMatchObject({
      verdict: "inconclusive",
      found: ["memo null: too few samples, or not exercised"],
    });
  });

  test("of two runners is not compared where one side lost too many trials", () => {
    const summary = strike(overhead(12));
    const scenarios = summary.scenarios.map((one) => ({ ...one, voids: { ...one.voids, comparable: false } }));
    const other = { ...FAST, value: 9, timesThat: { figure: "overhead p50 in calm", runner: "journal" } } as const;
    expect(judged([other], summary).verdict).toBe("supported");
    expect(judged([other], { ...summary, scenarios }).verdict).toBe("inconclusive");
  });
});

describe("the files in claims/", () => {
  test("are sound, and name runners and scenarios that exist", () => {
    const claims = readClaims(join(sourceRoot, "claims"));
    expect(claims.length).toBeGreaterThanOrEqual(5);
    const folders = readdirSync(join(sourceRoot, "runners"));
    const scenarios = readdirSync(join(sourceRoot, "scenarios")).map((name) => name.replace(/\.(ts|js)$/, ""));
    for (const one of claims.flatMap(({ tests }) => tests)) {
      expect(scenarios).toContain(one.scenario);
      for (const runner of one.runners) expect(folders).toContain(runner.split(":")[0]);
    }
  });

  test("are refused with every problem named", () => {
    expect(claimProblems({ says: "", tests: [{ ...FORGETS, figure: "happiness", is: "about", wrong: 1 }] })).toEqual([
      'says: expected a text, got "".',
      "who: expected a text, got nothing.",
      "source: expected a text, got nothing.",
      expect.stringContaining('tests[0]: Unknown key "wrong"'),
      expect.stringContaining('Unknown figure "happiness"'),
      expect.stringContaining('Unknown is "about"'),
    ]);
    expect(claimProblems({ says: "a", who: "b", source: "c", tests: [] })).toHaveLength(1);
  });

  test("a folder that is not there holds none", () => {
    expect(readClaims(join(sourceRoot, "no-such-folder"))).toEqual([]);
    expect(withClaims(fixtureSummary(), [])).toEqual(fixtureSummary());
  });
});
