import { describe, expect, test } from "vitest";
import type { Cause } from "../harness/observation.ts";
import type { RunnerResult, ScenarioSummary, TrialSummary } from "../harness/summary.ts";
import { type Diagnosis, diagnosisOf } from "./diagnosis.ts";
import { fixtureResult } from "./fixture-series.ts";
import { fixtureSummary } from "./fixture-summary.ts";
import { fixtureAttribution } from "./fixture-waits.ts";

function scenarioOf(name: string): ScenarioSummary {
  const found = fixtureSummary().scenarios.find(({ scenario }) => scenario === name);
  if (found === undefined) throw new Error(`no scenario ${name}`);
  return found;
}

function trialOf(name: string, runner: string): TrialSummary {
  const trial = scenarioOf(name).results.find((result) => result.runner === runner)?.trials[0];
  if (trial === undefined) throw new Error(`no trial of ${runner}`);
  return trial;
}

/** Late turns of the load, and of them by cause. */
type Block = readonly [number, readonly (readonly [Cause, number])[]];

/** The scenario without faults, with one trial per block. */
function load(...blocks: readonly Block[]): RunnerResult {
  const trials = blocks.map(([late, causes], index) => ({
    ...trialOf("hoard", "mailbox"),
    block: index + 1,
    attribution: fixtureAttribution("bystanders", late, causes),
  }));
  return fixtureResult("mailbox", trials);
}

const inLoad = (...blocks: readonly Block[]): Diagnosis => diagnosisOf(scenarioOf("hoard"), load(...blocks));
const says = (diagnosis: Diagnosis): string => (diagnosis.found ? diagnosis.says : diagnosis.why);

describe("a diagnosis", () => {
  test("says what most late turns waited for, with what was seen of it", () => {
    expect(inLoad([640, [["major-gc", 518]]])).toEqual({
      found: true,
      cause: "major-gc",
      says: "81 % of the 640 late turns of bystanders under load overlap major collections of 10 ms or longer (2 such collections of any length, the longest 41 ms)",
    });
  });

  test("tells after a kill when the runtime was ready again", () => {
    const scenario = scenarioOf("strike");
    const [memo] = scenario.results;
    expect(memo === undefined ? "" : says(diagnosisOf(scenario, memo))).toBe(
      "90 % of the 212 late turns of chatty under fault waited for the runtime to come back (it was ready again 400 ms after each fault)",
    );
  });

  test("holds in each of several blocks", () => {
    const diagnosis = inLoad([100, [["stall", 81]]], [40, [["stall", 30]]]);
    expect(says(diagnosis)).toBe(
      "75 % to 81 % of the 40 to 100 late turns of bystanders under load in each of 2 blocks overlap stalls of 20 ms or longer in its event loop",
    );
  });

  test("says so where other programs had much of the runtime's cores, and never rounds up to all", () => {
    const trial = trialOf("hoard", "mailbox");
    const { machine } = trial.validity.certificate;
    if (machine === null || machine.runtime === null) throw new Error("no machine in the fixture");
    const crowded = { ...machine, runtime: { ...machine.runtime, foreignShare: 0.514 } };
    const validity = { ...trial.validity, certificate: { ...trial.validity.certificate, machine: crowded } };
    const attribution = fixtureAttribution("bystanders", 1000, [["core", 999]]);
    const result = fixtureResult("mailbox", [{ ...trial, validity, attribution }]);
    expect(says(diagnosisOf(scenarioOf("hoard"), result))).toBe(
      "99 % of the 1,000 late turns of bystanders under load waited for a core: the runtime was ready to run and the kernel did not let it (in calm it used 41 % of its core; other programs used up to 51 % of its cores)",
    );
  });

  test("looks at calm where too few turns were late under load", () => {
    const trial = trialOf("hoard", "mailbox");
    const attribution = fixtureAttribution("bystanders", 50, [["busy", 40]]).map((row) => ({
      ...row,
      phase: row.phase === "calm" ? ("fault" as const) : ("calm" as const),
    }));
    const result = fixtureResult("mailbox", [{ ...trial, attribution }]);
    expect(says(diagnosisOf(scenarioOf("hoard"), result))).toBe(
      "80 % of the 50 late turns of bystanders in calm fell into seconds in which its event loop was all but saturated (in calm it used 41 % of its core)",
    );
  });
});

describe("no diagnosis", () => {
  test.each<[string, readonly Block[], string]>([
    [
      "where a cause has just half",
      [[100, [["stall", 50]]]],
      "no single cause accounts for more than half of 100 late turns: what most turns waited for has at most 50 %",
    ],
    [
      "where most late turns have no named cause",
      [[100, [["core", 20]]]],
      "no single cause accounts for more than half of 100 late turns: what most turns waited for has at most 20 %",
    ],
    ["where no cause was named at all", [[100, []]], "no single cause accounts for more than half of 100 late turns"],
    ["of too few late turns", [[19, [["stall", 19]]]], "too few turns were late (19; 20 are needed)"],
    [
      "where one block has too few",
      [
        [100, [["stall", 90]]],
        [4, [["stall", 4]]],
      ],
      "too few turns were late (4 to 100; 20 are needed in every block)",
    ],
    ["where no turn was late", [[0, []]], "no turn was late"],
    [
      "where blocks have different causes",
      [
        [100, [["stall", 90]]],
        [100, [["core", 80]]],
      ],
      "no single cause accounts for more than half of 100 late turns in every block: what most turns waited for has at most 90 %",
    ],
  ])("%s", (_, blocks, why) => {
    expect(inLoad(...blocks)).toEqual({ found: false, why });
  });

  test("of a void trial, whose reason is given", () => {
    const scenario = scenarioOf("hoard");
    const journal = scenario.results.find(({ runner }) => runner === "journal");
    expect(journal === undefined ? "" : says(diagnosisOf(scenario, journal))).toContain("start lag");
  });

  test("where nobody looked inside", () => {
    const trial = {
      ...trialOf("hoard", "mailbox"),
      observation: { inside: false, watched: 0, silences: 0, stalls: 0, samplesPerSecond: 10 },
      attribution: fixtureAttribution("bystanders", 100, []),
    };
    expect(diagnosisOf(scenarioOf("hoard"), fixtureResult("mailbox", [trial]))).toEqual({
      found: false,
      why: "nobody looked inside, so no cause is known of 100 late turns",
    });
  });
});
