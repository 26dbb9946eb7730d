/**
 * Capacities in words and rows, for all reports. Promises: a capacity that was held down by the load or by others is called "at least",
 * and a share of it "at most". Leaves to others: every number (`harness/capacity.ts`).
 */
import type { CapacityBound, CapacitySummary, RunnerCapacity } from "../harness/capacity.ts";
import { count, duration, NOTHING } from "./format.ts";

const BOUNDS: Readonly<Record<CapacityBound, string>> = {
  "load-bound": "load-bound: client and model filled their core",
  "core shared": "core shared: others ran on its core or filled the other",
  "still rising": "still rising with the most connections that were tried",
};

/** "1,210/s", or "at least 1,210/s" where something else than the runtime held it down. */
export function capacityText({ knee }: RunnerCapacity): string {
  if (knee === null) return "unknown";
  return `${knee.bound === null ? "" : "at least "}${count(knee.capacityPerSecond)}/s`;
}

/** What held it down, in words. */
export function boundText({ knee, steps }: RunnerCapacity): string {
  if (knee === null) return "no step without errors and slow answers";
  if (knee.bound !== null) return BOUNDS[knee.bound];
  const best = steps.find(({ connections }) => connections === knee.atConnections);
  return best?.verdict === "core full" ? "its core was full" : "it waited: its core was not full";
}

/** What a scenario offers of a runner's capacity. */
function shareText({ offered }: CapacitySummary, scenario: string, runner: string): string {
  const found = offered.find((one) => one.scenario === scenario)?.shares.find((one) => one.runner === runner);
  if (found === undefined) return NOTHING;
  const percent = found.percent < 10 ? found.percent.toFixed(1) : found.percent.toFixed(0);
  return `${found.atMost ? "at most " : ""}${percent} %`;
}

/** Heads of {@link capacityRows}, the runner's name left out. */
export function capacityHeads({ offered }: CapacitySummary): readonly string[] {
  const shares = offered.map(({ scenario, completionsPerSecond }) => `${scenario} (${count(completionsPerSecond)}/s)`);
  return ["capacity", "saturated from", "p99 there", "held down by", ...shares];
}

/** A row for each runner: where its curve ends, and what each scenario offers of it. */
export function capacityRows(capacity: CapacitySummary): readonly {
  readonly runner: string;
  readonly cells: readonly string[];
}[] {
  return capacity.runners.map((one) => {
    const { runner, knee, steps } = one;
    const there = steps.find(({ connections }) => connections === knee?.saturatesAt);
    const p99 = there?.p99Ms ?? null;
    const cells = [
      capacityText(one),
      knee === null ? NOTHING : `${knee.saturatesAt} connections`,
      p99 === null ? NOTHING : duration(p99),
      boundText(one),
      ...capacity.offered.map(({ scenario }) => shareText(capacity, scenario, runner)),
    ];
    return { runner, cells };
  });
}

/** What the figures are, and what they are not. */
export const CAPACITY_READING =
  "Each runtime alone, asked by ever more connections that ask again at once. A turn of this probe is light: one completion of 20 tokens that come at once, and no tool. Shares count completions, so a turn of a scenario that asks the model three times counts as three; tools and tokens that trickle come on top.";
