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
    [
      "a fault with a setting that its kind has not",
      { faults: [{ kind: "kill", atMs: [1], with: { signl: "SIGTERM" } }] },
      'faults[0].with: Unknown setting "signl". Did you mean "signal"?',
    ],
    [
      "a fault with a setting out of bounds",
      { faults: [{ kind: "kill", atMs: [1], with: { signal: "SIGTREM" } }] },
      'faults[0].with: signal: Unknown value "SIGTREM". Did you mean "SIGTERM"?',
    ],
    [
      "duplicates of no turn at all",
      { cohorts: { all: { ...cohort, duplicates: { share: 0, after: "answered" } } } },
      "cohorts.all.duplicates.share: expected a number above 0, up to 1, got 0.",
    ],
    [
      "duplicates that come at another time",
      { cohorts: { all: { ...cohort, duplicates: { share: 0.1, after: "answer" } } } },
      'cohorts.all.duplicates.after: Unknown after "answer". Did you mean "answered"?',
    ],
    [
      "a second client with a habit of its own",
      { cohorts: { all: { ...cohort, twoClients: { share: 1, every: 2 } } } },
      'cohorts.all.twoClients: Unknown key "every".',
    ],
    [
      "a second client where nobody is to ask again",
      { cohorts: { all: { ...cohort, client: { ...cohort.client, retry: "never" }, twoClients: { share: 1 } } } },
      "cohorts.all: a cohort whose clients never ask again",
    ],
    [
      "reads after half a turn",
      { cohorts: { all: { ...cohort, readEvery: 0.5 } } },
      "cohorts.all.readEvery: expected a whole number from 1 to 10000, got 0.5.",
    ],
    [
      "a client that streams perhaps",
      { cohorts: { all: { ...cohort, client: { ...cohort.client, streams: "yes" } } } },
      'cohorts.all.client.streams: expected true or false, got "yes".',
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
    [
      "a step fault with a setting that does not exist",
      { cohorts: { all: { ...cohort, script: [{ ...firstStep(), fault: { kind: "cut", with: { token: 1 } } }] } } },
      'cohorts.all.script[0].fault.with: Unknown setting of cut "token". Did you mean "tokens"?',
    ],
    [
      "a step fault with a setting out of range",
      {
        cohorts: { all: { ...cohort, script: [{ ...firstStep(), fault: { kind: "status", with: { status: 200 } } }] } },
      },
      "fault.with.status: expected a number from 400 to 599, got 200.",
    ],
    [
      "a step fault with an unknown choice",
      {
        cohorts: { all: { ...cohort, script: [{ ...firstStep(), fault: { kind: "cut", with: { where: "word" } } }] } },
      },
      'fault.with.where: expected one of event, line, character, end-marker, got "word".',
    ],
    [
      "a step fault for no turn",
      { cohorts: { all: { ...cohort, script: [{ ...firstStep(), fault: { kind: "hang", share: 0 } }] } } },
      "fault.share: expected a number above 0, at most 1, got 0.",
    ],
    [
      "a step fault with attempts and a cure",
      {
        cohorts: {
          all: {
            ...cohort,
            script: [{ ...firstStep(), fault: { kind: "status", attempts: 1, cure: { by: ["waited"], waitMs: 1 } } }],
          },
        },
      },
      "fault.attempts: expected either attempts or a cure, got 1.",
    ],
    [
      "a cure without what it needs",
      {
        cohorts: {
          all: { ...cohort, script: [{ ...firstStep(), fault: { kind: "status", cure: { by: ["waited"] } } }] },
        },
      },
      "fault.cure.waitMs: expected a number from 1 to 3600000, got nothing.",
    ],
    [
      "a cure that nothing can show",
      {
        cohorts: { all: { ...cohort, script: [{ ...firstStep(), fault: { kind: "hang", cure: { by: ["told"] } } }] } },
      },
      "fault.cure.by: expected told only with garbage-arguments or unknown-tool",
    ],
    [
      "garbage where there is no call",
      { cohorts: { all: { ...cohort, script: [{ ...firstStep(), fault: { kind: "garbage-arguments" } }] } } },
      "expected a call that garbage-arguments can spoil",
    ],
    [
      "an unknown tool fault",
      {
        cohorts: {
          all: {
            ...cohort,
            script: [{ tool: "a", takesMs: constant(1), effect: "keyed", fault: { kind: "timeout" } }, firstStep()],
          },
        },
      },
      'Unknown kind "timeout". ',
    ],
    [
      "a tool fault with a setting of the wrong type",
      {
        cohorts: {
          all: {
            ...cohort,
            script: [
              { tool: "a", takesMs: constant(1), effect: "keyed", fault: { kind: "error", with: { effect: 1 } } },
              firstStep(),
            ],
          },
        },
      },
      "script[0].fault.with.effect: expected true or false, got 1.",
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
