import { describe, expect, it } from "vitest";
import { constant } from "./random.ts";
import type { Cohort, ScenarioFile } from "./scenario.ts";
import { checkScenario } from "./scenario-check.ts";

const cohort: Cohort = {
  sessions: 10,
  turns: 2,
  thinkMs: constant(10),
  script: [{ say: { firstTokenMs: constant(1), tokens: constant(1) } }],
  client: { timeoutMs: 1_000, deadlineMs: 1_000, retry: "eager" },
};
const good: ScenarioFile = {
  asks: "Does it?",
  cohorts: { all: cohort, silent: { like: "all", sessions: 2, client: { retry: "never" } } },
  phases: { warmupMs: 1, calmMs: 1, faultMs: 1, quietMs: 1 },
  observe: { overhead: ["all"] },
};
const check = (changes: object): unknown => checkScenario({ ...good, ...changes }, "mine", ["kill"]);

describe("a scenario file", () => {
  it("that is right comes back with its cohorts written out", () => {
    const scenario = checkScenario(good, "mine", ["kill"]);
    expect(scenario.cohorts.silent).toEqual({ ...cohort, sessions: 2, client: { ...cohort.client, retry: "never" } });
  });

  it.each([
    ["an unknown key", { phase: {} }, 'Scenario mine: top level: Unknown key "phase". Did you mean "phases"?'],
    ["no question", { asks: 3 }, "Scenario mine: asks: expected a text, got 3."],
    ["an unknown fault", { faults: [{ kind: "kil", atMs: [1] }] }, 'Unknown kind "kil". Did you mean "kill"?'],
    [
      "a fault without instants",
      { faults: [{ kind: "kill", atMs: [] }] },
      "faults[0].atMs: expected a list of milliseconds",
    ],
    ["a cohort like none", { cohorts: { a: { like: "b" } } }, 'cohorts.a.like: Unknown cohort "b".'],
    ["cohorts that go round", { cohorts: { a: { like: "b" }, b: { like: "a" } } }, "goes round in a circle: a → b → a"],
    [
      "too few sessions",
      { cohorts: { all: { ...cohort, sessions: 0 } } },
      "sessions: expected a whole number from 1 to 1000000, got 0.",
    ],
    [
      "a bad draw",
      { cohorts: { all: { ...cohort, thinkMs: 5 } } },
      "thinkMs: expected constant(x), uniform(low, high)",
    ],
    [
      "an unknown observed cohort",
      { observe: { overhead: ["al"] } },
      'observe.overhead: Unknown cohort "al". Did you mean "all"?',
    ],
    [
      "a script that never ends the turn",
      { cohorts: { all: { ...cohort, script: [{ ...firstStep(), call: "note" }] } } },
      "a last model step without a call",
    ],
    [
      "an unknown local tool",
      { cohorts: { all: { ...cohort, script: [{ ...firstStep(), call: { burn: {} } }, firstStep()] } } },
      'Unknown local tool "burn". ',
    ],
    [
      "a local tool without arguments",
      { cohorts: { all: { ...cohort, script: [{ ...firstStep(), call: "sleep" }, firstStep()] } } },
      "arguments for the local tool",
    ],
    [
      "a step fault that does not exist",
      { cohorts: { all: { ...cohort, script: [{ ...firstStep(), fault: { kind: "hangs" } }] } } },
      'Unknown kind "hangs". Did you mean "hang"?',
    ],
  ])("with %s is refused in words that say what was expected", (_, changes, message) => {
    expect(() => check(changes)).toThrow(message);
  });

  it("lists all its problems at once", () => {
    expect(() => check({ asks: "", phases: { warmupMs: -1, calmMs: 1, faultMs: 1 } })).toThrow(
      /asks: .*\n.*warmupMs: .*\n.*quietMs: /,
    );
  });
});

function firstStep() {
  return { say: { firstTokenMs: constant(1), tokens: constant(1) } };
}
