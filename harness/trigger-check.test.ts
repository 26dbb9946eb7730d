import { describe, expect, it } from "vitest";
import { constant } from "./random.ts";
import type { Cohort, ScenarioFile, StepTrigger } from "./scenario.ts";
import { checkScenario } from "./scenario-check.ts";

const say = { firstTokenMs: constant(1), tokens: constant(1) };
const cohort: Cohort = {
  sessions: 10,
  turns: 3,
  thinkMs: constant(10),
  script: [{ say, call: "note" }, { say, call: { burn_cpu: { seed: 1, rounds: 1 } } }, { say }],
  client: { timeoutMs: 1_000, deadlineMs: 1_000, retry: "eager" },
};
const victims: Cohort = { ...cohort, startsIn: "step" };

function check(trigger: object, cohorts: Record<string, Cohort> = { all: cohort, victims }) {
  const file: ScenarioFile = {
    asks: "Does it?",
    cohorts,
    phases: { warmupMs: 1, calmMs: 1, faultMs: 1, quietMs: 1 },
    faults: [{ kind: "kill", ...trigger }],
    observe: { overhead: ["all"] },
  };
  return checkScenario(file, "mine", ["kill"]);
}

const at = (step: Partial<StepTrigger>): { atStep: StepTrigger } => ({
  atStep: { cohort: "victims", turn: 2, at: "asked", ...step },
});

describe("the trigger of a fault", () => {
  it.each([
    ["instants of the ideal schedule", { atMs: [5] }],
    ["counts of turns", { afterTurns: [5, 10] }],
    ["the clock", { clockMs: [0] }],
  ])("may be %s", (_, trigger) => {
    expect(check(trigger, { all: cohort }).faults).toEqual([{ kind: "kill", ...trigger }]);
  });

  it.each<Partial<StepTrigger>>([
    { at: "delivered" },
    { at: "asked", step: 3 },
    { at: "tool", step: 1 },
    { at: "next", step: 2 },
    { at: "answered", members: 3 },
  ])("may be a step that exists: %o", (step) => {
    expect(check(at(step)).faults).toEqual([{ kind: "kill", ...at(step) }]);
  });

  it.each([
    [
      "none",
      {},
      "faults[0]: expected exactly one of atMs, afterTurns, clockMs, atStep to say when it fires, got none.",
    ],
    ["two", { atMs: [1], clockMs: [1] }, "to say when it fires, got atMs and clockMs."],
    ["no count", { afterTurns: [] }, "faults[0].afterTurns: expected a list of numbers of turns since"],
    ["no point", { atStep: { cohort: "victims", turn: 1, at: "tol" } }, 'Unknown at "tol". Did you mean "tool"?'],
    ["a cohort that is not there", at({ cohort: "victim" }), 'Unknown cohort "victim". Did you mean "victims"?'],
    ["a cohort that starts otherwise", at({ cohort: "all" }), 'all must have startsIn: "step"'],
    ["a turn that nobody has", at({ turn: 4 }), "faults[0].atStep.turn: sessions of victims have 3 turns, got 4."],
    ["a step that the turn lacks", at({ step: 4 }), "step: the turn has 3 model steps, there is no step 4."],
    ["a tool where none is called", at({ at: "tool", step: 3 }), "at: step 3 calls no tool."],
    ["a tool that is local", at({ at: "applied", step: 2 }), "call: call 0 of step 2 is no remote tool."],
    ["a call that is not made", at({ at: "told", call: 1 }), "call: call 1 of step 1 is no remote tool."],
  ])("that is %s is refused in words", (_, trigger, message) => {
    expect(() => check(trigger)).toThrow(message);
  });

  it("at a step that meets a fault of the model is refused, since such a step is never held", () => {
    const script = [{ say, fault: { kind: "hang" } }] as const;
    expect(() => check(at({ at: "first" }), { all: cohort, victims: { ...victims, script } })).toThrow(
      "step: a step that meets a fault of the model is never held.",
    );
  });

  it("needs a cohort of its own, and each such cohort needs a fault", () => {
    const faults = [at({}), at({ at: "first" })].map((trigger) => ({ kind: "kill", ...trigger }));
    const file = { ...check(at({})), faults };
    expect(() => checkScenario(file, "mine", ["kill"])).toThrow("victims is held for another fault already");
    expect(() => check({ atMs: [1] })).toThrow("no fault names victims in atStep, so it would never begin.");
  });
});
