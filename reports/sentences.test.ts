import { describe, expect, test } from "vitest";
import type { RunnerResult, Summary, TrialSummary } from "../harness/summary.ts";
import { fixtureResult } from "./fixture-series.ts";
import { fixtureSummary } from "./fixture-summary.ts";
import { verdictSentence } from "./sentences.ts";

/** The sentence on the given trials in the first scenario of the fixture. */
function sentenceOn(trials: readonly TrialSummary[], summary: Summary = fixtureSummary()): string {
  const [scenario] = summary.scenarios;
  if (scenario === undefined) throw new Error("the fixture has scenarios");
  return verdictSentence(summary, scenario, fixtureResult("journal", trials));
}

function healthy(): TrialSummary {
  const trial = fixtureSummary().scenarios[0]?.results.find((result: RunnerResult) => result.runner === "journal")
    ?.trials[0];
  if (trial === undefined) throw new Error("the fixture has this trial");
  return trial;
}

describe("a verdict sentence", () => {
  test("says that a runtime came back and forgot nothing", () => {
    expect(sentenceOn([healthy()])).toMatch(
      /^was ready again 1\.20 s after the kill and forgot nothing; all 186 sessions hit went on/,
    );
  });

  test("names what was forgotten and what was paid for it", () => {
    const trial = healthy();
    const says = sentenceOn([
      {
        ...trial,
        memory: { ...trial.memory, sessionsForgotten: 1832, lostByRead: 1 },
        economy: { ...trial.economy, avoidable: { calls: 214, inputTokens: 1, outputTokens: 1, dollars: 0.351 } },
      },
    ]);
    expect(says).toContain("but had forgotten 1,832 conversations and no longer showed 1 acknowledged turn");
    expect(says).toContain("bought 214 completions twice without need ($0.35)");
  });

  test("never is a result of its own", () => {
    const trial = healthy();
    const recovery = trial.recovery.map((row) => ({
      ...row,
      recovered: 0,
      amnesiac: 100,
      never: 86,
      medianMs: null,
      maxMs: null,
    }));
    expect(sentenceOn([{ ...trial, recovery }])).toContain(
      "of 186 sessions hit, none went on with its memory, 100 without it and 86 never",
    );
  });

  test("says it when a killed runtime was never seen ready again", () => {
    const trial = healthy();
    const [fault] = trial.timeline.faults;
    if (fault === undefined) throw new Error("the fixture has a fault");
    const faults = [fault, { ...fault, id: "f2", readyS: null }];
    expect(sentenceOn([{ ...trial, timeline: { ...trial.timeline, faults } }])).toContain(
      "after each kill, and was not seen ready again after 1 of 2",
    );
  });

  test("shows the span of several blocks", () => {
    const trial = healthy();
    const worse = { ...trial, id: "2", block: 2, memory: { ...trial.memory, sessionsForgotten: 3 } };
    expect(sentenceOn([trial, worse])).toContain("had forgotten 0 to 3 conversations");
  });

  test.each([
    ["void", "no verdict: the trial is void, which counts against no one: late"],
    ["failed isolation", "no verdict: the isolation failed, which counts against no one: late"],
    ["refused", "no verdict: the runtime did not take part: late"],
  ] as const)("gives the reason and no figure when the trial is %s", (verdict, expected) => {
    const trial = healthy();
    expect(sentenceOn([{ ...trial, validity: { ...trial.validity, verdict, reasons: ["late"] } }])).toBe(expected);
  });

  test("tells the longest overhead where there are too few turns for a quantile", () => {
    const trial = healthy();
    const latency = trial.latency.map((row) => ({
      ...row,
      overheadMs: { ...row.overheadMs, p50: null, p90: null, p99: null },
    }));
    expect(sentenceOn([{ ...trial, recovery: [], latency }])).toContain(
      "; longest overhead of chatty in calm was 372 ms (not enough turns for a quantile); longest overhead of chatty under fault was",
    );
  });

  test("says that there is no trial", () => {
    expect(sentenceOn([])).toBe("no verdict: no trial was recorded");
  });

  test("names the promises that its trials broke", () => {
    const summary = fixtureSummary();
    const trial = healthy();
    const promises = [
      {
        runner: "journal",
        promise: "durable-turns",
        vowed: "process",
        state: "broken" as const,
        exposures: 1,
        says: "",
        trials: [trial.id],
      },
      {
        runner: "journal",
        promise: "readable",
        vowed: "true",
        state: "broken" as const,
        exposures: 1,
        says: "",
        trials: ["another"],
      },
    ];
    expect(sentenceOn([trial], { ...summary, promises })).toMatch(/; broke its promise of durable-turns$/);
  });
});
