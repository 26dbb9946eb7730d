/** What a reader is told before the numbers: which trials count, for whom, and whose the times are. */
import { describe, expect, test } from "vitest";
import type { Summary, TrialSummary } from "../harness/summary.ts";
import { FAILED_CALIBRATION } from "./fixture-calibration.ts";
import { FIXTURE_CERTIFICATE } from "./fixture-certificate.ts";
import { fixtureSummary } from "./fixture-summary.ts";
import { headlineRows } from "./headline.ts";
import { trustNotes } from "./trust.ts";

/** The fixture with every trial changed. */
function changed(change: (trial: TrialSummary) => TrialSummary): Summary {
  const summary = fixtureSummary();
  const scenarios = summary.scenarios.map((scenario) => ({
    ...scenario,
    results: scenario.results.map((result) => ({ ...result, trials: result.trials.map(change) })),
  }));
  return { ...summary, scenarios };
}

const withValidity = (of: Partial<TrialSummary["validity"]>): Summary =>
  changed((trial) => ({ ...trial, validity: { ...trial.validity, ...of } }));

const saying = (summary: Summary, wanted: RegExp) => trustNotes(summary).filter(({ says }) => wanted.test(says));

describe("trials", () => {
  test("lost ones are counted by runner, those that lost none included", () => {
    expect(trustNotes(fixtureSummary())[0]).toEqual({
      weight: "warn",
      says: "5 of 6 trials valid. Lost: memo none of 2; mailbox none of 2; journal 1 of 2 void.",
    });
  });

  test("failed isolation is counted apart from void", () => {
    const summary = fixtureSummary();
    const scenarios = summary.scenarios.map((scenario) => ({
      ...scenario,
      voids: { ...scenario.voids, rates: scenario.voids.rates.map((rate) => ({ ...rate, failedIsolation: 1 })) },
    }));
    expect(saying({ ...summary, scenarios }, /Lost:/)[0]?.says).toContain(
      "journal 1 of 2 void, 2 of 2 failed isolation.",
    );
  });

  test("a scenario in which the lost trials leave no comparison is named with the reason", () => {
    const [note] = saying(fixtureSummary(), /^Not comparable/);
    expect(note?.says).toMatch(/^Not comparable in hoard\. Of the trials of journal 100 % say nothing/);
  });

  test("a campaign without a valid trial says so before everything else, and reassures about nothing", () => {
    const summary = withValidity({ verdict: "void", reasons: ["late"], gateable: false });
    const notes = trustNotes(summary);
    expect(notes[0]).toMatchObject({ weight: "alarm", says: expect.stringMatching(/^0 of 6 trials valid\./) });
    expect(saying(summary, /checker verdict|turns started/)).toEqual([]);
  });

  test("each that does not count is named with its reason", () => {
    expect(trustNotes(fixtureSummary()).filter(({ trial }) => trial !== undefined)).toEqual([
      {
        weight: "warn",
        trial: "1-hoard-journal",
        says: "1-hoard-journal does not count: driver start lag p99.9 was 48 ms (limit 10 ms).",
      },
    ]);
  });

  test("those on shared cores cannot gate, and the matrix says so", () => {
    const summary = withValidity({ pinned: false, gateable: false });
    expect(saying(summary, /^Cannot gate/)[0]?.says).toContain("harness and runtime shared their cores");
    const [scenario] = summary.scenarios;
    const trust = scenario && headlineRows(summary, scenario).at(-1);
    expect(trust?.cells[0]).toEqual({ text: "valid, not pinned, cannot gate, one block", tone: "notable" });
    expect(saying(fixtureSummary(), /^Cannot gate/)).toEqual([]);
  });
});

test("a campaign whose pairs decided how long it went on says so", () => {
  const summary = fixtureSummary();
  const pairs = { baseline: "memo", candidate: "journal", limits: [], alpha: 0.01, pairsMost: 20 };
  expect(saying(summary, /looking at pairs/)).toHaveLength(0);
  expect(saying({ ...summary, campaign: { ...summary.campaign, pairs } }, /looking at pairs/)).toHaveLength(1);
});

describe("the instrument", () => {
  test("a failed calibration stands before the trials", () => {
    const summary = { ...fixtureSummary(), calibration: { passed: false, runs: [FAILED_CALIBRATION] } };
    expect(trustNotes(summary)[0]?.says).toMatch(/^Calibration failed/);
  });

  test("a limit that was passed by too few turns to judge is told all the same", () => {
    const [first, ...others] = FIXTURE_CERTIFICATE.guarded;
    if (first === undefined) throw new Error("the fixture has guarded figures");
    const guarded = [{ ...first, measured: 18.04, kept: null }, ...others];
    const summary = withValidity({ certificate: { ...FIXTURE_CERTIFICATE, guarded } });
    expect(saying(summary, /^Over a limit/)[0]).toEqual({
      weight: "warn",
      says: expect.stringContaining("start lag of the driver (p99) up to 18 ms (limit 3 ms) in 5 trials"),
    });
    expect(saying(fixtureSummary(), /^Over a limit/)).toEqual([]);
  });
});

describe("the machine", () => {
  const withOthers = (foreignShare: number, stealShare: number): Summary => {
    const cores = { cores: "1", ownShare: 0.3, foreignShare, stealShare };
    const machine = { harness: { ...cores, foreignShare: 0, stealShare: 0 }, runtime: cores, pressure: null };
    return withValidity({ certificate: { ...FIXTURE_CERTIFICATE, machine } });
  };

  test("other programs on the runtime's cores are a warning with the share and the trial", () => {
    expect(saying(withOthers(0.33, 0), /^Other programs/)[0]).toEqual({
      weight: "warn",
      says: expect.stringContaining("up to 33 % of the runtime's cores (1-strike-memo)."),
    });
  });

  test("where nothing was pinned they had a share of all cores", () => {
    const harness = { cores: null, ownShare: 0.3, foreignShare: 0.71, stealShare: 0 };
    const machine = { harness, runtime: null, pressure: null };
    const summary = withValidity({ certificate: { ...FIXTURE_CERTIFICATE, machine } });
    expect(saying(summary, /^Other programs/)[0]?.says).toContain("used up to 71 % of all cores (1-strike-memo).");
  });

  test("what is within the noise of the counters is not told", () => {
    expect(saying(withOthers(0.03, 0.01), /Other programs|hypervisor/)).toEqual([]);
  });

  test("steal is told", () => {
    expect(saying(withOthers(0, 0.11), /hypervisor/)[0]?.says).toContain("up to 11 % of the runtime's cores");
  });
});

test("no row of the matrix stands without a figure for anybody, whatever is void", () => {
  const summary = withValidity({ verdict: "void", reasons: ["late"], gateable: false });
  for (const scenario of summary.scenarios)
    expect(headlineRows(summary, scenario).map(({ label }) => label)).toEqual(["trust"]);
});
