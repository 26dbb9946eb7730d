import { expect, test } from "vitest";
import { checkEqualTime } from "./equal-time-check.ts";
import { constant } from "./random.ts";
import type { Cohort, ToolCall } from "./scenario.ts";

const say = { firstTokenMs: constant(1), tokens: constant(1) };

function problemsOf(equalTimeMs: unknown, call: ToolCall): string[] {
  const cohort: Cohort = {
    sessions: 1,
    turns: 1,
    thinkMs: constant(1),
    script: [{ say, call }, { say }],
    client: { timeoutMs: 1, deadlineMs: 1, retry: "never" },
  };
  const problems: string[] = [];
  checkEqualTime(equalTimeMs, { all: cohort }, problems);
  return problems;
}

const burns: ToolCall = { burn_cpu: { seed: 1, rounds: 1 } };

test.each<[string, unknown, ToolCall, string[]]>([
  ["nothing", undefined, burns, []],
  ["milliseconds of a tool that is called", { burn_cpu: 200 }, burns, []],
  [
    "a tool without a size",
    { sleep: 5 },
    burns,
    ['equalTimeMs: Unknown key "sleep". Known: parse_document, search_memory, burn_cpu.'],
  ],
  ["no number", { burn_cpu: "200" }, burns, ['equalTimeMs.burn_cpu: expected a number from 1 to 60000, got "200".']],
  ["a tool that nobody calls", { parse_document: 5 }, burns, ["equalTimeMs.parse_document: no cohort calls it."]],
  [
    "documents as text",
    { parse_document: 5 },
    { parse_document: { document: "{}" } },
    ["equalTimeMs.parse_document: a document that is given as text has no size to be set; give a seed."],
  ],
  [
    "vectors of drawn length",
    { search_memory: 5 },
    { search_memory: { seed: 1, dimensions: constant(3), top: 1 } },
    ["equalTimeMs.search_memory: its calls need dimensions as a number."],
  ],
])("equal time with %s", (_what, given, call, problems) => {
  expect(problemsOf(given, call)).toEqual(problems);
});
