/** Healthy simulated runtimes under random faults: no checker may find anything, and most must have had something to look at. */
import { beforeAll, expect, test } from "vitest";
import { CHECKERS } from "../checkers/index.ts";
import { type CleanTrial, cleanTrial } from "./clean.ts";

const TRIALS = 300;
/** They take two seconds on a machine that does nothing else. */
const LIMIT_MS = 60_000;
let trials: readonly CleanTrial[] = [];
beforeAll(() => {
  trials = Array.from({ length: TRIALS }, (_, index) => cleanTrial(index + 1));
}, LIMIT_MS);

test(`no checker raises an alarm in ${TRIALS} clean histories`, () => {
  expect(trials.flatMap(({ alarms }) => alarms)).toEqual([]);
});

test("every checker decides some of them, so that its silence means something", () => {
  const decided = new Set(trials.flatMap((trial) => trial.decided));
  expect(Object.keys(CHECKERS).filter((checker) => !decided.has(checker))).toEqual([]);
});

test("the histories are small trials of ten sessions and more", () => {
  expect(Math.min(...trials.map(({ sessions }) => sessions))).toBeGreaterThanOrEqual(10);
  expect(Math.max(...trials.map(({ sessions }) => sessions))).toBeLessThanOrEqual(60);
});
