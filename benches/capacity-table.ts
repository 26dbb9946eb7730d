/** The capacity probe in words: a table per runner, and one with where each curve ends. */
import { textTable } from "../cli/table.ts";
import { type CapacityStep, counts, type RunnerCapacity, SATURATED, SLOWEST_P99_MS } from "../harness/capacity.ts";

/** A number with as many digits as asked for; "-" where there is none. */
const shown = (value: number | null, digits: number): string => (value === null ? "-" : value.toFixed(digits));

function remark(step: CapacityStep): string {
  if (step.errors > 0) return `void: ${step.errors} errors`;
  return counts(step) ? step.verdict : `${step.verdict}, too slow to count`;
}

function stepLine(runner: string, step: CapacityStep): string[] {
  const times = [step.p50Ms, step.p99Ms, step.maxMs].map((ms) => shown(ms, 1));
  const shares = [step.appPercent, step.storePercent, step.othersPercent, step.loadPercent];
  const rate = shown(step.turnsPerSecond, 0);
  return [runner, String(step.connections), rate, ...times, ...shares.map((share) => shown(share, 0)), remark(step)];
}

function kneeLine({ runner, knee }: RunnerCapacity): string[] {
  if (knee === null) return [runner, "-", "-", "no step counts"];
  const { capacityPerSecond, saturatesAt, bound } = knee;
  const rate = `${bound === null ? "" : "at least "}${shown(capacityPerSecond, 0)}`;
  return [runner, rate, String(saturatesAt), bound ?? ""];
}

/** Everything that was measured. */
export function capacityTables(runners: readonly RunnerCapacity[]): string {
  const heads = "contestant,connections,turns/s,p50 ms,p99 ms,max ms,runtime %,database %,others %,load side %,".split(
    ",",
  );
  const rows = runners.flatMap(({ runner, steps }) => steps.map((step) => stepLine(runner, step)));
  const errors = runners.flatMap(({ runner, steps }) =>
    steps.flatMap(({ connections, firstError }) =>
      firstError === undefined ? [] : [`${runner} with ${connections} connections: ${firstError}`],
    ),
  );
  return [
    textTable(heads, rows),
    ...(errors.length === 0 ? [] : ["", ...errors]),
    "",
    textTable(["contestant", "capacity, turns/s", "saturates at", ""], runners.map(kneeLine)),
    "",
    "A turn is one completion of 20 tokens that come at once, and no tool. Percent of a core; runtime, database and others share one.",
    `Capacity: the most turns/s of all steps without an error and with a p99 of at most ${SLOWEST_P99_MS} ms; saturated: ${SATURATED * 100} % of it.`,
    "load-bound: client and model filled their core. core shared: others took part of one of the cores. still rising: more connections may do more.",
  ].join("\n");
}
