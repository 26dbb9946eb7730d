import { describe, expect, test } from "vitest";
import type { Summary } from "../harness/summary.ts";
import { type MadeRunner, madeSummary } from "./fixture-answers.ts";
import { FAILED_CALIBRATION } from "./fixture-calibration.ts";
import { fixtureSummary } from "./fixture-summary.ts";
import { bandsOf, type Tail, tailsOf } from "./tails.ts";

const made = (runner: string, tailMs: readonly number[]): MadeRunner => ({
  runner,
  forgotten: 0,
  amnesiac: 0,
  never: 0,
  longestMs: 900,
  avoidable: { calls: 0, dollars: 0 },
  tailMs,
});
const around = (middleMs: number) => [-20, -10, 0, 10, 20].map((step) => middleMs + step);

/** The tail of the scenario that only loads, which comes first. */
function loadTail(summary: Summary): Tail {
  const [tail] = tailsOf(summary);
  if (tail === undefined) throw new Error("no tail");
  return tail;
}

const bands = (tail: Tail) => Object.fromEntries(tail.runners.map(({ runner, band }) => [runner, band]));

describe("bands", () => {
  const compared = (runner: string, low: number, high: number, resolution = 1) => ({ runner, low, high, resolution });
  const told = (rows: readonly ReturnType<typeof compared>[]) => Object.fromEntries(bandsOf(rows));

  test("intervals that overlap share one", () => {
    expect(told([compared("a", 10, 20), compared("b", 19, 30), compared("c", 40, 50)])).toEqual({ a: 1, b: 1, c: 2 });
  });

  test("overlap is handed on", () => {
    expect(told([compared("a", 10, 20), compared("c", 28, 40), compared("b", 18, 30)])).toEqual({ a: 1, b: 1, c: 1 });
  });

  test("a gap below what measuring can tell apart is none", () => {
    expect(told([compared("a", 10, 20), compared("b", 22, 30, 3)])).toEqual({ a: 1, b: 1 });
    expect(told([compared("a", 10, 20), compared("b", 24, 30, 3)])).toEqual({ a: 1, b: 2 });
  });

  test("a wide interval holds those within it together", () => {
    expect(told([compared("a", 10, 90), compared("b", 12, 20), compared("c", 60, 70)])).toEqual({ a: 1, b: 1, c: 1 });
  });
});

describe("tails", () => {
  test("five blocks give bands, the shortest first", () => {
    const tail = loadTail(madeSummary([made("a", around(400)), made("b", around(100)), made("c", around(410))], 5));
    expect(tail).toMatchObject({ quantile: "p99", phase: "load", bands: 2, unranked: null });
    expect(bands(tail)).toEqual({ a: 2, b: 1, c: 2 });
    expect(tail.runners[1]).toMatchObject({ valueMs: 100, interval: { low: 80, high: 120 } });
  });

  test.each([
    [1, "one block: no ranking"],
    [4, "too few blocks for intervals: no ranking"],
  ])("%d blocks give no ranking", (blocks, says) => {
    const tail = loadTail(madeSummary([made("a", around(400)), made("b", around(100))], blocks));
    expect(tail).toMatchObject({ bands: 0, unranked: says });
    expect(bands(tail)).toEqual({ a: null, b: null });
  });

  test("nothing is ranked after a failed calibration, or where trials were lost on one side", () => {
    const summary = madeSummary([made("a", around(400)), made("b", around(100))], 5);
    const failed = { ...summary, calibration: { passed: false, runs: [FAILED_CALIBRATION] } };
    expect(loadTail(failed).unranked).toBe("calibration failed: no ranking");
    const lost = {
      ...summary,
      scenarios: summary.scenarios.map((one) => ({ ...one, voids: { ...one.voids, comparable: false } })),
    };
    expect(loadTail(lost).unranked).toBe("too many trials lost on one side: no ranking");
  });

  test("who is saturated has a figure and no band", () => {
    const summary = madeSummary([made("a", around(400)), made("b", around(100)), made("c", around(900))], 5);
    const saturated = {
      ...summary,
      scenarios: summary.scenarios.map((one) => ({
        ...one,
        results: one.results.map((result) =>
          result.runner !== "b"
            ? result
            : {
                ...result,
                trials: result.trials.map((trial) => ({
                  ...trial,
                  validity: { ...trial.validity, saturated: true },
                })),
              },
        ),
      })),
    };
    const tail = loadTail(saturated);
    expect(bands(tail)).toEqual({ a: 1, b: null, c: 2 });
    expect(tail.runners[1]).toMatchObject({ valueMs: 100, why: "saturated" });
  });

  test("all are asked for the outermost quantile that most of them have", () => {
    const few = madeSummary([made("a", []), made("b", [])], 1);
    expect(loadTail(few)).toMatchObject({ quantile: "p90", runners: [{ why: null }, { why: null }] });
  });

  test("a void trial has its verdict and no figure", () => {
    const tail = loadTail(fixtureSummary());
    expect(tail.runners[2]).toEqual({ runner: "journal", valueMs: null, interval: null, band: null, why: "void" });
  });

  test("scenarios without faults come first", () => {
    expect(tailsOf(fixtureSummary()).map(({ scenario }) => scenario)).toEqual(["hoard", "strike"]);
  });
});
