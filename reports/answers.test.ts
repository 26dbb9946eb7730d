import { describe, expect, test } from "vitest";
import type { ScenarioSummary, Summary, TrialSummary } from "../harness/summary.ts";
import { answersOf, killsIn, type RunnerAnswers, sentLess } from "./answers.ts";
import { FAILED_CALIBRATION } from "./fixture-calibration.ts";
import { fixtureSummary } from "./fixture-summary.ts";
import { trustAnswer } from "./trust-answer.ts";

/** The fixture with the trials of one scenario changed. */
function changed(
  scenario: string,
  change: (trial: TrialSummary, runner: string) => TrialSummary,
  also: (scenario: ScenarioSummary) => Partial<ScenarioSummary> = () => ({}),
): Summary {
  const summary = fixtureSummary();
  const scenarios = summary.scenarios.map((one) =>
    one.scenario !== scenario
      ? one
      : {
          ...one,
          results: one.results.map((result) => ({
            ...result,
            trials: result.trials.map((trial) => change(trial, result.runner)),
          })),
          ...also(one),
        },
  );
  return { ...summary, scenarios };
}

function answerOf(summary: Summary, runner: string): RunnerAnswers {
  const found = answersOf(summary).runners.find((row) => row.runner === runner);
  if (found === undefined) throw new Error(`no answers of ${runner}`);
  return found;
}

const asVoid = (trial: TrialSummary): TrialSummary => ({
  ...trial,
  validity: { ...trial.validity, verdict: "void", reasons: ["The World was late."] },
});

describe("which scenarios kill", () => {
  test("is seen in their faults, not in their names", () => {
    expect(answersOf(fixtureSummary()).kills).toEqual(["strike"]);
  });

  test.each([
    ["kill of app", true],
    ["kill of app, at a step", true],
    ["postgres-kill of store", true],
    ["killer-bee of app", false],
    ["freeze of app", false],
    ["redeploy of app", false],
  ])("%s: %s", (fault, kills) => {
    const [, quiet] = fixtureSummary().scenarios;
    if (quiet === undefined) throw new Error("no scenario");
    expect(killsIn({ ...quiet, faults: [fault] })).toBe(kills);
  });
});

describe("what was kept", () => {
  test("is what the valid trials of scenarios that kill say, and nobody else", () => {
    const { kept } = answerOf(fixtureSummary(), "memo");
    expect(kept).toEqual({
      known: true,
      trials: 1,
      of: 1,
      value: { acknowledged: 6089, forgotten: 5212, sessions: 2000, sessionsForgotten: 1832, lostByRead: null },
    });
  });

  test("adds up over blocks and leaves void ones out", () => {
    const summary = changed(
      "strike",
      (trial) => trial,
      ({ results }) => ({
        results: results.map((result) => ({
          ...result,
          trials: result.trials.flatMap((trial) => [trial, { ...trial, block: 2 }, asVoid(trial)]),
        })),
      }),
    );
    const { kept, cost } = answerOf(summary, "memo");
    expect(kept).toMatchObject({ trials: 2, of: 3, value: { forgotten: 10_424, acknowledged: 12_178 } });
    expect(cost).toMatchObject({ value: { avoidable: { calls: 428 }, bought: { calls: 18_632 } } });
  });

  test("has a reason and no number where the trial is void", () => {
    const { kept, workedAgain, cost } = answerOf(changed("strike", asVoid), "journal");
    const none = { known: false, state: "void", why: "The World was late", trial: "1-strike-journal" };
    expect([kept, workedAgain, cost]).toEqual([none, none, none]);
  });

  test("was not asked where no scenario kills; then the cost is that of all scenarios", () => {
    const summary = fixtureSummary();
    const calm = { ...summary, scenarios: summary.scenarios.slice(1) };
    expect(answersOf(calm)).toMatchObject({ kills: [], costIn: "all" });
    expect(answerOf(calm, "memo").kept).toMatchObject({ known: false, state: "not asked" });
    expect(answerOf(calm, "memo").cost).toMatchObject({ known: true, value: { bought: { calls: 9316 } } });
    expect(answerOf(calm, "journal").cost).toMatchObject({ known: false, state: "void" });
  });

  test("was not asked of a trial in which no kill landed", () => {
    const summary = changed("strike", (trial) => ({
      ...trial,
      steps: [],
      timeline: { ...trial.timeline, faults: [] },
    }));
    expect(answerOf(summary, "memo").kept).toMatchObject({
      state: "not asked",
      why: "no kill landed in a trial of it",
    });
  });
});

describe("how sessions worked again", () => {
  test("the longest recovery stands only where every session that was hit recovered", () => {
    expect(answerOf(fixtureSummary(), "journal").workedAgain).toMatchObject({
      value: { hit: 306, recovered: 306, amnesiac: 0, never: 0, unanswered: 0, longestMs: 3920 },
    });
    expect(answerOf(fixtureSummary(), "memo").workedAgain).toMatchObject({
      value: { hit: 311, recovered: 91, amnesiac: 208, never: 12, unanswered: 12, longestMs: null },
    });
  });

  test("a step that was missed hit nobody", () => {
    const summary = changed("strike", (trial) => ({
      ...trial,
      steps: trial.steps.map((step) => ({ ...step, missed: "nobody stood there" })),
    }));
    expect(answerOf(summary, "journal").workedAgain).toMatchObject({ value: { hit: 186 } });
  });

  test("the time until a process was ready is unknown as soon as one was not seen ready", () => {
    const unseen = changed("strike", (trial) => ({
      ...trial,
      timeline: {
        ...trial.timeline,
        faults: trial.timeline.faults.flatMap((fault) => [fault, { ...fault, readyS: null }]),
      },
    }));
    expect(answerOf(unseen, "journal").workedAgain).toMatchObject({ value: { readyMs: null } });
    const seen = answerOf(fixtureSummary(), "journal").workedAgain;
    expect(seen.known && seen.value.readyMs).toBeCloseTo(1200);
  });
});

test("promises are told by what became of them", () => {
  expect(answerOf(fixtureSummary(), "mailbox").promises).toEqual({
    kept: [],
    broken: ["isolated-cpu"],
    "not offered": ["durable-turns", "resumes-unasked"],
    untested: [],
  });
});

describe("what was sent to the model", () => {
  const withTokens = (inputTokens: Readonly<Record<string, number>>, forgotten: Readonly<Record<string, number>>) =>
    answersOf(
      changed("strike", (trial, runner) => ({
        ...trial,
        memory: { ...trial.memory, forgotten: forgotten[runner] ?? 0 },
        economy: {
          ...trial.economy,
          bought: { ...trial.economy.bought, calls: 100, inputTokens: 100 * (inputTokens[runner] ?? 200) },
        },
      })),
    ).runners;

  test("a runner that forgot and so sent less is named, beside the one that kept everything", () => {
    expect(sentLess(withTokens({ memo: 90, journal: 192 }, { memo: 500, mailbox: 500 }))).toEqual([
      { runner: "memo", tokens: 90, kept: { runner: "journal", tokens: 192 } },
    ]);
  });

  test("nobody is named who forgot nothing, or where everybody forgot", () => {
    expect(sentLess(withTokens({ memo: 90 }, {}))).toEqual([]);
    expect(sentLess(withTokens({ memo: 90 }, { memo: 1, mailbox: 1, journal: 1 }))).toEqual([]);
  });
});

describe("trust", () => {
  const whole = (): Summary => {
    const summary = fixtureSummary();
    return { ...summary, scenarios: summary.scenarios.slice(0, 1), void: [] };
  };

  test("is whole where every trial counts and the driver was calibrated", () => {
    expect(trustAnswer(whole())).toMatchObject({ verdict: "yes", valid: 3, trials: 3, calibration: "passed" });
  });

  test.each([
    ["a void trial", fixtureSummary()],
    ["no calibration", { ...whole(), calibration: null }],
    ["missing trials", { ...whole(), campaign: { ...whole().campaign, complete: false } }],
  ])("is partial with %s", (_, summary) => {
    expect(trustAnswer(summary).verdict).toBe("in part");
  });

  test("is gone with a failed calibration, or without a trial that counts", () => {
    const failed = { ...whole(), calibration: { passed: false, runs: [FAILED_CALIBRATION] } };
    expect(trustAnswer(failed)).toMatchObject({ verdict: "no", calibration: "failed" });
    const lost = changed("strike", asVoid);
    expect(trustAnswer({ ...lost, scenarios: lost.scenarios.slice(0, 1) })).toMatchObject({ verdict: "no", valid: 0 });
  });

  test("names what was lost, and counts trials that were never recorded", () => {
    const summary = { ...whole(), void: [{ trial: "1-strike-late", reason: "The trial was not recorded." }] };
    expect(trustAnswer(summary)).toMatchObject({ trials: 4, valid: 3, lost: [{ trial: "1-strike-late" }] });
  });
});
