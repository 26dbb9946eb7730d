/**
 * What the gate's sequential rule says on simulated machines whose truth is known. Fixed seeds: the same figures everywhere.
 *
 *     node benches/gate-power.ts [--json FILE] [--decisions 20000] [--replications 1000] [--only alarms|power]
 *
 * - alarms: how many of the decisions between a and a, of at most 8 to 20 pairs, find a worse, and how many find anything at all, by the shape of the errors.
 * - power: how often b that is slower is called a regression, and a that is the same is passed, by the spread of the pairs' ratios, and how many pairs that takes.
 *
 * Exit code 1 when more than 1.3 % of false alarms are not ruled out at 99 %, in decisions or in findings that would be no regression for being small.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { UsageError } from "../harness/errors.ts";
import { randomOf } from "../harness/random.ts";
import { upperBound } from "../harness/statistics/binomial.ts";
import { foundAbove, type PairsQuestion, sequentialAnswer } from "../harness/statistics/sequential.ts";
import { ERRORS, simulatePairs } from "../harness/statistics/testing/pair-model.ts";
import { runBenchCommand, wholeNumber } from "./command.ts";

const ALPHA = 0.01;
const ALARMS_MOST = 0.013;
const WORSE_BY = 0.05;
const BUDGETS = [12, 20];
const SPREADS = [0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2];
const CHANGES = [0, 0.05, 0.1, 0.2, 0.5];
const PARTS = ["alarms", "power"];

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const cell = (text: string): string => text.padStart(11);

/** Of decisions between a and a with errors of one shape, with and without drift. */
function alarmsOf(errors: (typeof ERRORS)[number], decisions: number) {
  let found = 0;
  let regressions = 0;
  for (let index = 0; index < decisions; index++) {
    const question: PairsQuestion = { alpha: ALPHA, pairsMost: 8 + (index % 13), worseBy: WORSE_BY };
    const model = { pairs: question.pairsMost, spread: 0.05, errors, drift: index % 2, ratio: 1 };
    const values = simulatePairs(model, randomOf(index, "gate alarms", errors));
    if (foundAbove(values, question) === null) continue;
    found += 1;
    if (sequentialAnswer(values, question).answer === "regression") regressions += 1;
  }
  return { errors, decisions, found, regressions };
}

function alarmsTable(decisions: number) {
  const rows = ERRORS.map((errors) => alarmsOf(errors, Math.ceil(decisions / ERRORS.length)));
  const sum = (of: (row: (typeof rows)[number]) => number): number => rows.reduce((all, row) => all + of(row), 0);
  const all = { decisions: sum((row) => row.decisions), found: sum((row) => row.found) };
  const regressions = sum((row) => row.regressions);
  const upper99 = upperBound(all.found, all.decisions, 0.99);
  console.log(`a against a, at most 8 to 20 pairs, error rate ${percent(ALPHA)}`);
  console.log(["errors", "decisions", "found", "regression"].map(cell).join(""));
  for (const row of rows)
    console.log([row.errors, ...[row.decisions, row.found, row.regressions].map(String)].map(cell).join(""));
  console.log(
    `In all ${all.found} of ${all.decisions} find something (at most ${percent(upper99)}, 99 % bound), ${regressions} call it a regression.`,
  );
  return { ...all, regressions, upper99, rows };
}

function powerOf(pairsMost: number, spread: number, change: number, replications: number) {
  const answers = { regression: 0, pass: 0, inconclusive: 0, open: 0 };
  let used = 0;
  for (let index = 0; index < replications; index++) {
    const model = { pairs: pairsMost, spread, errors: "normal", drift: 0, ratio: 1 + change } as const;
    const values = simulatePairs(model, randomOf(index, "gate power", pairsMost));
    const { answer, pairs } = sequentialAnswer(values, { alpha: ALPHA, pairsMost, worseBy: WORSE_BY });
    answers[answer] += 1;
    used += pairs;
  }
  const share = (count: number): number => count / replications;
  const { regression, pass, inconclusive } = answers;
  return {
    pairsMost,
    spread,
    change,
    replications,
    regression: share(regression),
    pass: share(pass),
    inconclusive: share(inconclusive),
    meanPairs: used / replications,
  };
}

function powerTable(replications: number) {
  return BUDGETS.flatMap((pairsMost) => {
    console.log(`\nAt most ${pairsMost} pairs, limit +${percent(WORSE_BY)}: regression / pass / mean pairs`);
    console.log([cell("spread"), ...CHANGES.map((change) => `+${percent(change)}`.padStart(22))].join(""));
    return SPREADS.flatMap((spread) => {
      const row = CHANGES.map((change) => powerOf(pairsMost, spread, change, replications));
      const texts = row.map(({ regression, pass, meanPairs }) =>
        `${percent(regression)} / ${percent(pass)} / ${meanPairs.toFixed(1)}`.padStart(22),
      );
      console.log([cell(percent(spread)), ...texts].join(""));
      return row;
    });
  });
}

function main(): void {
  const { values: flags } = parseArgs({
    options: {
      json: { type: "string" },
      decisions: { type: "string", default: "20000" },
      replications: { type: "string", default: "1000" },
      only: { type: "string" },
    },
  });
  if (flags.only !== undefined && !PARTS.includes(flags.only))
    throw new UsageError(`--only takes ${PARTS.join(" or ")}, not "${flags.only}".`);
  const asked = (part: string): boolean => flags.only === undefined || flags.only === part;
  const alarms = asked("alarms") ? alarmsTable(wholeNumber("decisions", flags.decisions)) : null;
  const power = asked("power") ? powerTable(wholeNumber("replications", flags.replications)) : [];
  if (flags.json !== undefined) writeFileSync(flags.json, `${JSON.stringify({ alarms, power }, null, 2)}\n`);
  if (alarms === null || alarms.upper99 <= ALARMS_MOST) return;
  console.error(`Missed: more than ${percent(ALARMS_MOST)} false alarms are not ruled out.`);
  process.exitCode = 1;
}

await runBenchCommand(main);
