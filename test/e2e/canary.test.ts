/**
 * Planted bugs in real processes, through the whole harness: found by those that must find them and by nobody else, while healthy
 * runtimes and what a network may do are let pass. All of them are in `npm run bench:checkers`.
 */
import { expect, test } from "vitest";
import { BUGS } from "../../runners/canary/bugs.ts";
import { MUTATIONS } from "../../runners/mutant/mutations.ts";
import { misjudged, type Planted, tinyTrials } from "../tiny-trials.ts";

const NOTHING: Planted = { must: [], may: [] };
const PLANTED: Readonly<Record<string, Planted | undefined>> = {
  canary: NOTHING,
  "canary:forgets-history-but-keeps-rows": BUGS["forgets-history-but-keeps-rows"],
  "canary:doubles-an-effect": BUGS["doubles-an-effect"],
  "mutant:drops-answers": MUTATIONS["drops-answers"],
  "mutant:stale-reads": MUTATIONS["stale-reads"],
};

test("the checkers find in real trials exactly what was planted", { timeout: 180_000 }, async () => {
  const trials = await tinyTrials("canary/calm.json", Object.keys(PLANTED), "1");
  expect(trials.map(({ runner }) => runner).sort()).toEqual(Object.keys(PLANTED).sort());
  expect(trials.flatMap((trial) => misjudged(trial, PLANTED[trial.runner] ?? NOTHING))).toEqual([]);
});
