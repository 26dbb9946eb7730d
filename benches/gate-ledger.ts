/**
 * Replays the ledger of the gate's self-tests: works out again, machine by machine, what it shows where there is nothing to see.
 *
 *     node benches/gate-ledger.ts [--ledger docs/gate-ledger.ndjson] [--planted docs/gate-planted.ndjson] [--resampled 1000] [--json FILE]
 *
 * Resampled decisions put the same runs together to pairs at random; they are no new measurements, and are told apart. Exit code 1 when
 * they show a rate of false alarms above 1 % (their lower 99 % bound is above it), when a decision on a planted regression does not follow
 * from its own values any more, or when planted regressions were found too seldom; 2 when there is nothing to replay.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { UsageError } from "../harness/errors.ts";
import { type LedgerEntry, readLedger } from "../harness/gate/ledger.ts";
import { figureSays, type SelfTestFigure, selfTestFigures } from "../harness/gate/self-test.ts";
import { lowerBound } from "../harness/statistics/binomial.ts";
import { runBenchCommand, wholeNumber } from "./command.ts";
import { foundTooSeldom, outcomesIn, plantedLines, replayed } from "./planted-outcomes.ts";

const QUESTION = { alpha: 0.01, pairsMost: 20, worseBy: 0.05 };

/** Entries of one scenario on one machine, with one runner. */
function grouped(entries: readonly LedgerEntry[]): Map<string, LedgerEntry[]> {
  const groups = new Map<string, LedgerEntry[]>();
  for (const entry of entries) {
    const { liveSessions, durationMs } = entry.load;
    const trial = `${liveSessions} sessions, ${(durationMs / 1_000).toFixed(0)} s a trial`;
    const name = `${entry.runner} in ${entry.scenario} (${trial}) on ${Object.values(entry.machine).join(", ")}`;
    groups.set(name, [...(groups.get(name) ?? []), entry]);
  }
  return groups;
}

const isTooOften = ({ resampled }: SelfTestFigure): boolean =>
  resampled !== null && lowerBound(resampled.alarms, resampled.decisions, 0.99) > QUESTION.alpha;

/** Prints what was planted and found. @returns decisions that the rule would not make again, and stretches that were found too seldom */
function replayPlanted(file: string): string[] {
  const outcomes = outcomesIn(file);
  for (const stretch of new Set(outcomes.map((one) => one.stretch)))
    console.log(
      plantedLines(
        outcomes.filter((one) => one.stretch === stretch),
        stretch,
      ).join("\n"),
    );
  const changed = outcomes
    .filter((one) => replayed(one) !== one.answer)
    .map((one) => `${one.seed} was ${one.answer} and is ${replayed(one)} now`);
  return [...changed, ...foundTooSeldom(outcomes)];
}

function main(): void {
  const { values } = parseArgs({
    options: {
      ledger: { type: "string", default: join("docs", "gate-ledger.ndjson") },
      planted: { type: "string", default: join("docs", "gate-planted.ndjson") },
      resampled: { type: "string", default: "1000" },
      json: { type: "string" },
    },
  });
  const decisions = wholeNumber("resampled", values.resampled, 0);
  const entries = readLedger(values.ledger);
  if (entries.length === 0) throw new UsageError(`There is no self-test in ${values.ledger}.`);
  const report = [...grouped(entries)].map(([machine, own]) => ({
    machine,
    selfTests: own.length,
    voids: own.reduce((sum, { voids }) => sum + voids, 0),
    figures: selfTestFigures(own, QUESTION, decisions),
  }));
  for (const { machine, selfTests, voids, figures } of report) {
    console.log(`${machine}: ${selfTests} self-tests, ${voids} void trials`);
    for (const figure of figures) console.log(`  ${figureSays(figure, QUESTION)}`);
  }
  if (
    report.every(({ figures }) => figures.every(({ decisions: made, resampled }) => made === 0 && resampled === null))
  )
    console.log(
      "There are too few pairs yet for this replay to find a false alarm: it shows spreads, and proves nothing else.",
    );
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
  const missed = report.flatMap(({ figures }) => figures.filter(isTooOften));
  for (const { figure } of missed) console.error(`Missed: ${figure} gives a false alarm more often than once in 100.`);
  const planted = replayPlanted(values.planted);
  for (const sentence of planted) console.error(`Missed: ${sentence}.`);
  if (missed.length + planted.length > 0) process.exitCode = 1;
}

await runBenchCommand(main);
