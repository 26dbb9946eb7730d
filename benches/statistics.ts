/**
 * How far our statistics can be trusted, on simulated services and machines whose truth is known. Fixed seeds: the same figures everywhere.
 *
 *     node benches/statistics.ts [--json FILE] [--replications 400] [--decisions 20000] [--only coverage|alarms|power]
 *
 * - coverage: how often the 95 % interval of a percentile holds the true one, by length of the run, beside the textbook's.
 * - alarms: how many of the decisions between a and a say better or worse, at 1 %, whatever errors and drift.
 * - power: how often b that is 5, 10 or 20 % slower is called worse, by the spread of the pairs' ratios.
 *
 * Exit code 1 when a bar is missed: p99 of 300 s (p99.9 of 600 s) covered in less than 90 %, or more than 1.3 % false alarms not ruled out at 99 %.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { UsageError } from "../harness/errors.ts";
import { randomOf } from "../harness/random.ts";
import { upperBound } from "../harness/statistics/binomial.ts";
import { decidePairs } from "../harness/statistics/decision.ts";
import { quantileInterval } from "../harness/statistics/quantile-interval.ts";
import { medianOf } from "../harness/statistics/tail-quantiles.ts";
import { binomialInterval } from "../harness/statistics/testing/naive.ts";
import { ERRORS, type PairModel, simulatePairs } from "../harness/statistics/testing/pair-model.ts";
import { simulateStalls, trueQuantile } from "../harness/statistics/testing/stall-model.ts";
import { runBenchCommand, wholeNumber } from "./command.ts";

const LENGTHS_S = [30, 60, 120, 300, 600];
const QUANTILES = [0.5, 0.9, 0.99, 0.999];
const PARTS = ["coverage", "alarms", "power"];
const COVERAGE_LEAST = 0.9;
const ALARMS_MOST = 0.013;
const ALPHA = 0.01;
/** Decisions of each cell of the table of power: its figures are good to about two points. */
const POWER_DECISIONS = 1_000;

/** One quantile of runs of one length. */
interface Coverage {
  readonly seconds: number;
  readonly q: number;
  readonly runs: number;
  /** Runs that gave an interval; in the others it was "not enough". */
  readonly given: number;
  /** Of those, runs whose interval held the truth. */
  readonly covered: number;
  /** Runs whose textbook interval held the truth, of all. */
  readonly textbookCovered: number;
  /** Median of high / low. */
  readonly width: number | null;
}

/** Counts that one quantile gathers over the runs. */
interface Tally {
  given: number;
  covered: number;
  textbookCovered: number;
  readonly widths: number[];
}

function coverageOf(seconds: number, runs: number): Coverage[] {
  const cells = QUANTILES.map((q) => {
    const tally: Tally = { given: 0, covered: 0, textbookCovered: 0, widths: [] };
    return { q, truth: trueQuantile(q), tally };
  });
  for (let run = 0; run < runs; run++) {
    const { values, timesMs } = simulateStalls(seconds * 1000, randomOf(run, "coverage", seconds));
    const ascending = values.slice().sort();
    for (const { q, truth, tally } of cells) {
      const holds = (lowMs: number, highMs: number): boolean => lowMs <= truth && truth <= highMs;
      const textbook = binomialInterval(ascending, q);
      if (textbook !== null && holds(textbook.lowMs, textbook.highMs)) tally.textbookCovered += 1;
      const { lowMs, highMs } = quantileInterval(values, timesMs, q);
      if (lowMs === null || highMs === null) continue;
      tally.given += 1;
      tally.widths.push(highMs / lowMs);
      if (holds(lowMs, highMs)) tally.covered += 1;
    }
  }
  return cells.map(({ q, tally: { widths, ...counts } }) => ({ seconds, q, runs, ...counts, width: medianOf(widths) }));
}

const percent = (share: number): string => (Number.isFinite(share) ? `${(100 * share).toFixed(1)} %` : "-");
const cell = (text: string): string => text.padStart(12);

function printCoverage(rows: readonly Coverage[]): void {
  console.log("Coverage of nominal 95 % intervals (stalls of 60 ms every 5 s, 1,000 requests/s)");
  console.log(["run", "quantile", "not enough", "covered", "textbook", "high/low"].map(cell).join(""));
  for (const { seconds, q, runs, given, covered, textbookCovered, width } of rows) {
    const figures = [percent(1 - given / runs), percent(covered / given), percent(textbookCovered / runs)];
    const texts = [`${seconds} s`, `p${q * 100}`, ...figures, width?.toFixed(3) ?? "-"];
    console.log(texts.map(cell).join(""));
  }
}

/** Decisions between a and a, over 8 to 20 pairs, all shapes of errors, with and without drift. */
function falseAlarms(decisions: number): {
  readonly alarms: number;
  readonly decisions: number;
  readonly upper99: number;
} {
  let alarms = 0;
  for (let index = 0; index < decisions; index++) {
    const model: PairModel = {
      pairs: 8 + (index % 13),
      spread: 0.05,
      errors: ERRORS[(index >> 4) % ERRORS.length] ?? "normal",
      drift: index % 2,
      ratio: 1,
    };
    const { verdict } = decidePairs(simulatePairs(model, randomOf(index, "alarms")), { alpha: ALPHA });
    if (verdict === "better" || verdict === "worse") alarms += 1;
  }
  return { alarms, decisions, upper99: upperBound(alarms, decisions, 0.99) };
}

/** Share of decisions that find b slower by `change`, and the median of what they say they could detect. */
function powerOf(pairs: number, spread: number, change: number) {
  let found = 0;
  const detectable: number[] = [];
  for (let index = 0; index < POWER_DECISIONS; index++) {
    const model: PairModel = { pairs, spread, errors: "normal", drift: 0, ratio: 1 + change };
    const decision = decidePairs(simulatePairs(model, randomOf(index, "power", pairs)), { alpha: ALPHA });
    if (decision.verdict === "worse") found += 1;
    if (decision.detectable !== null) detectable.push(decision.detectable);
  }
  return { pairs, spread, change, found: found / POWER_DECISIONS, detectable: medianOf(detectable) };
}

function powerTable() {
  const rows = [8, 10, 20].flatMap((pairs) =>
    [0.02, 0.05, 0.07, 0.1].map((spread) => [0.05, 0.1, 0.2].map((change) => powerOf(pairs, spread, change))),
  );
  console.log("\nShare of slower b that is called worse at 1 % (spread: standard deviation of ln(b/a))");
  console.log(["pairs", "spread", "+5 %", "+10 %", "+20 %", "detectable"].map(cell).join(""));
  for (const row of rows) {
    const [first] = row;
    if (first === undefined) continue;
    const texts = [String(first.pairs), percent(first.spread), ...row.map(({ found }) => percent(found))];
    console.log([...texts, percent(first.detectable ?? Number.NaN)].map(cell).join(""));
  }
  return rows.flat();
}

function main(): void {
  const { values: flags } = parseArgs({
    options: {
      json: { type: "string" },
      replications: { type: "string", default: "400" },
      decisions: { type: "string", default: "20000" },
      only: { type: "string" },
    },
  });
  if (flags.only !== undefined && !PARTS.includes(flags.only))
    throw new UsageError(`--only takes ${PARTS.join(", ")}, not "${flags.only}".`);
  const asked = (part: string): boolean => flags.only === undefined || flags.only === part;
  const runs = wholeNumber("replications", flags.replications);
  const coverage = asked("coverage") ? LENGTHS_S.flatMap((seconds) => coverageOf(seconds, runs)) : [];
  if (coverage.length > 0) printCoverage(coverage);
  const alarms = asked("alarms") ? falseAlarms(wholeNumber("decisions", flags.decisions)) : null;
  if (alarms !== null)
    console.log(
      `\nFalse alarms: ${alarms.alarms} of ${alarms.decisions}; at most ${percent(alarms.upper99)} (99 % bound)`,
    );
  const power = asked("power") ? powerTable() : [];
  if (flags.json !== undefined) writeFileSync(flags.json, `${JSON.stringify({ coverage, alarms, power }, null, 2)}\n`);
  const missed = [
    ...coverage
      .filter(
        ({ seconds, q, given, covered }) =>
          (q <= 0.99 ? seconds >= 300 : seconds >= 600) && covered / given < COVERAGE_LEAST,
      )
      .map(({ seconds, q }) => `p${q * 100} of ${seconds} s is covered in less than ${percent(COVERAGE_LEAST)}`),
    ...(alarms !== null && alarms.upper99 > ALARMS_MOST
      ? [`more than ${percent(ALARMS_MOST)} false alarms are not ruled out`]
      : []),
  ];
  for (const bar of missed) console.error(`Missed: ${bar}.`);
  if (missed.length > 0) process.exitCode = 1;
}

await runBenchCommand(main);
