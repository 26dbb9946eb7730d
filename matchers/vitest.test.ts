import { expect, test } from "vitest";
import type { TrialSummary } from "../harness/summary.ts";
import { fixtureSummary } from "../reports/fixture-summary.ts";
import { derbyMatchers } from "./vitest.ts";

expect.extend(derbyMatchers);

/** A valid trial of the fixture in which nothing was lost, with what a test needs changed. */
function trialWith(change: (trial: TrialSummary) => Partial<TrialSummary>): TrialSummary {
  const trial = fixtureSummary().scenarios[0]?.results.at(-1)?.trials[0];
  if (trial === undefined) throw new Error("the fixture has no trial");
  const recovery = trial.recovery.map((row) => ({
    ...row,
    touched: 20,
    recovered: 20,
    amnesiac: 0,
    never: 0,
    maxMs: 1500,
  }));
  const none = { logicalCalls: 40, applied: 40, doubled: 0, missing: 0 };
  const whole = {
    ...trial,
    verdicts: trial.verdicts.filter(({ checker }) => checker !== "C17"),
    memory: { ...trial.memory, acknowledged: 100, forgotten: 0, lostByRead: 0 },
    effects: { keyed: none, plain: none },
    recovery,
  };
  return { ...whole, ...change(whole) };
}

const whole = trialWith(() => ({}));

test("a trial that kept everything meets every expectation", () => {
  expect(whole).toKeepAcknowledgedTurns();
  expect(whole).toRecoverWithin(1500);
  expect(whole).toDoubleNoEffects();
});

test("a forgotten turn and a lost one fail the first, with the counts", () => {
  const forgot = trialWith(({ memory }) => ({ memory: { ...memory, forgotten: 3 } }));
  expect(() => expect(forgot).toKeepAcknowledgedTurns()).toThrow(/of 100 acknowledged turns 3 were forgotten/);
  const lost = trialWith(({ memory }) => ({ memory: { ...memory, lostByRead: 2 } }));
  expect(lost).not.toKeepAcknowledgedTurns();
});

test("a recovery is too late, or without memory", () => {
  expect(() => expect(whole).toRecoverWithin(1499)).toThrow(/the longest of 20 recoveries took 1500 ms/);
  const amnesiac = trialWith(({ recovery }) => ({
    recovery: recovery.map((row) => ({ ...row, recovered: 19, amnesiac: 1, maxMs: null })),
  }));
  expect(() => expect(amnesiac).toRecoverWithin(10_000)).toThrow(/1 of 20 sessions that were hit/);
});

test("an effect applied twice fails, unless only tools with keys are asked about", () => {
  const twice = trialWith(({ effects }) => ({ effects: { ...effects, plain: { ...effects.plain, doubled: 4 } } }));
  expect(() => expect(twice).toDoubleNoEffects()).toThrow(/4 of 40 plain effects were doubled/);
  expect(twice).toDoubleNoEffects({ plain: false });
});

test("a trial that decides nothing fails under expect and under not", () => {
  const lost = trialWith(({ validity }) => ({
    validity: { ...validity, verdict: "void", reasons: ["The World was late."] },
  }));
  expect(() => expect(lost).toKeepAcknowledgedTurns()).toThrow(/is void and decides nothing: The World was late/);
  expect(() => expect(lost).not.toKeepAcknowledgedTurns()).toThrow(/is void and decides nothing/);
  const calm = trialWith(({ recovery }) => ({ recovery: recovery.map((row) => ({ ...row, touched: 0 })) }));
  expect(() => expect(calm).not.toRecoverWithin(1)).toThrow(/no session was hit/);
});
