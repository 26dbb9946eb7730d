/**
 * Means over rounds. What a part costs drifts with whoever else uses the machine, by a tenth and more within minutes: each round measures the
 * parts and records its trials, one right after the other, and only the sums of a round are held against its trials. Pure.
 */
import type { BudgetCheck, Primitives } from "../../harness/budget/primitives.ts";
import { assert } from "../../harness/errors.ts";
import { round } from "../../harness/statistics/round.ts";

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Of each key its mean over all records, which have the same keys. */
function meanRecord<Key extends string>(records: readonly Readonly<Record<Key, number>>[]): Record<Key, number> {
  const [first] = records;
  assert(first !== undefined, "there is a mean of at least one round");
  const keys = Object.keys(first) as Key[];
  return Object.fromEntries(keys.map((key) => [key, round(meanOf(records.map((one) => one[key])), 5)])) as Record<
    Key,
    number
  >;
}

/** The first round with the means of all in the place of its figures. @param rounds at least one */
export function meanPrimitives(rounds: readonly Primitives[]): Primitives {
  const [first] = rounds;
  assert(first !== undefined, "there is a mean of at least one round");
  return {
    ...first,
    partMs: meanRecord(rounds.map(({ partMs }) => partMs)),
    toolMs: meanRecord(rounds.map(({ toolMs }) => toolMs)),
    yardstickMs: round(meanOf(rounds.map((one) => one.yardstickMs)), 5),
    roundTripMs: round(meanOf(rounds.map(({ roundTripMs }) => roundTripMs)), 5),
    commitMs: round(meanOf(rounds.map(({ commitMs }) => commitMs)), 5),
    table: first.table.map((line, index) => ({
      ...line,
      value: round(meanOf(rounds.map(({ table }) => table[index]?.value ?? Number.NaN)), 5),
    })),
  };
}

/** One check for each scenario and runner: the means of its valid trials, or of all where none is valid, which it then says. */
export function meanChecks(rounds: readonly (readonly BudgetCheck[])[]): BudgetCheck[] {
  const groups = Map.groupBy(rounds.flat(), ({ scenario, runner }) => `${scenario} ${runner}`);
  return [...groups.values()].flatMap((checks) => {
    const valid = checks.filter((check) => check.valid);
    const counted = valid.length > 0 ? valid : checks;
    const [first] = counted;
    if (first === undefined) return [];
    const predictedMs = round(meanOf(counted.map((check) => check.predictedMs)), 2);
    const measuredMs = round(meanOf(counted.map((check) => check.measuredMs)), 2);
    const slowness = round(meanOf(counted.map((check) => check.slowness)), 3);
    return [{ ...first, slowness, predictedMs, measuredMs }];
  });
}
