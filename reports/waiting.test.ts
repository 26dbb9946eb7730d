/** What late turns waited for, as a sentence. */
import { expect, test } from "vitest";
import type { Attribution } from "../harness/observation.ts";
import type { TrialSummary } from "../harness/summary.ts";
import { fixtureResult } from "./fixture-series.ts";
import { fixtureSummary } from "./fixture-summary.ts";
import { fixtureAttribution } from "./fixture-waits.ts";
import { waitingSentence } from "./waiting.ts";

const [strike] = fixtureSummary().scenarios;
const given = strike?.results[0]?.trials[0];
if (strike === undefined || given === undefined) throw new Error("the fixture has a scenario with a trial");

const says = (attribution: readonly Attribution[], changes: Partial<TrialSummary> = {}, blocks = 1) =>
  waitingSentence(
    strike,
    fixtureResult(
      "memo",
      Array.from({ length: blocks }, () => ({ ...given, ...changes, attribution })),
    ),
  );

test("causes stand by their number of turns, and those without one are counted", () => {
  const rows = fixtureAttribution("chatty", 212, [
    ["core", 9],
    ["down", 190],
  ]);
  expect(says(rows)).toBe(
    "212 of 1,800 turns of chatty under fault were late (overhead above 62 ms; 94 % with a named cause): 190 waited for the runtime to come back and 9 for a core; no cause is known of 13",
  );
});

test("one cause for all, one late turn, and no cause at all have words of their own", () => {
  expect(says(fixtureAttribution("chatty", 7, [["stall", 7]]))).toMatch(/: all waited for a stalled event loop$/);
  expect(says(fixtureAttribution("chatty", 1, [["core", 1]]))).toMatch(/^1 of .* was late .*: it waited for a core$/);
  expect(says(fixtureAttribution("chatty", 5, []))).toMatch(/0 % with a named cause\): no cause is known$/);
});

test("where nobody looked inside that is said beside the turns without a cause", () => {
  const observation = { ...given.observation, inside: false, watched: 0 };
  expect(says(fixtureAttribution("chatty", 5, []), { observation })).toMatch(/nobody looked inside the runtime\)$/);
});

test("turns of several blocks are added up", () => {
  expect(says(fixtureAttribution("chatty", 10, [["down", 4]]), {}, 3)).toMatch(
    /^30 of 5,400 turns .* 12 waited for the runtime to come back; no cause is known of 18$/,
  );
});

test("nothing is said where no turn was late, or only turns of cohorts that nobody asks about", () => {
  expect(says(fixtureAttribution("chatty", 0, []))).toBeNull();
  expect(says(fixtureAttribution("silent", 5, []))).toBeNull();
});

test("a trial that does not count says nothing", () => {
  const validity = { ...given.validity, verdict: "void" as const };
  expect(says(fixtureAttribution("chatty", 5, []), { validity })).toBeNull();
});
