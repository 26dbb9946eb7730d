/** Made-up step faults for the fixture summary: a sample that says something, one that is too small, and a fault that was missed. */
import type { StepSummary } from "../harness/summarize/steps.ts";

const NO_REPEAT = { calls: 0, inputTokens: 0, outputTokens: 0, dollars: 0 };

/** @param harm whether the runtime loses what it had at this step */
function step(fault: string, at: StepSummary["at"], harm: boolean): StepSummary {
  const again = { calls: 40, inputTokens: 9_200, outputTokens: 320, dollars: 0.0324 };
  return {
    fault,
    kind: "kill",
    at,
    turn: 3,
    step: 1,
    tool: at === "applied" ? "save_note" : null,
    missed: null,
    members: 40,
    held: 40,
    elsewhere: 71,
    needed: 30,
    acknowledged: 160,
    lostByRead: harm ? 80 : 0,
    forgotten: harm
      ? { turns: 80, sessions: 40, inputTokens: 38_400, outputTokens: 1_840, dollars: 0.1428 }
      : { turns: 0, sessions: 0, inputTokens: 0, outputTokens: 0, dollars: 0 },
    repeats: { provoked: NO_REPEAT, unavoidable: NO_REPEAT, avoidable: harm ? again : NO_REPEAT },
    doubled: { keyed: harm ? 40 : 0, plain: harm ? 40 : 0 },
    recovery: harm
      ? { touched: 40, recovered: 0, amnesiac: 40, never: 0, medianMs: null, p90Ms: null, maxMs: null }
      : { touched: 40, recovered: 40, amnesiac: 0, never: 0, medianMs: 530, p90Ms: 780, maxMs: 812 },
  };
}

/** The step faults of one trial. */
export function fixtureSteps(harm: boolean): readonly StepSummary[] {
  const none = { touched: 0, recovered: 0, amnesiac: 0, never: 0, medianMs: null, p90Ms: null, maxMs: null };
  return [
    step("f1", "asked", false),
    step("f2", "applied", harm),
    { ...step("f3", "delivered", false), held: 11 },
    {
      ...step("f4", "answered", false),
      held: 0,
      elsewhere: 0,
      recovery: none,
      missed: 'only 4 of 40 sessions stood in turn 3 at "answered" in time',
    },
  ];
}
