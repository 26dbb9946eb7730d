/**
 * What a scenario of equal time asked of each runner, in words. Promises: nobody is left to believe that the work was the same, and a size
 * that a limit held back says so. Null where the work is the same for all.
 */
import type { ScenarioSummary } from "../harness/summary.ts";
import type { LocalWork } from "../harness/trial.ts";
import { count, duration, listed } from "./format.ts";

/** Beyond rounding to whole units. */
const HELD_BACK = 0.9;

function sizeOn(runner: string, { argument, size, wantedMs, expectedMs }: LocalWork): string {
  const short = expectedMs < HELD_BACK * wantedMs ? ` (the most it may be; that takes ${duration(expectedMs)})` : "";
  return `${count(size)} ${argument} on ${runner}${short}`;
}

/** "Each call was sized to take the same time on every runtime, so the work is not the same. burn_cpu, 200 ms: 900 rounds on x …" */
export function localWorkSentence({ localWork = [] }: ScenarioSummary): string | null {
  const calls = localWork.flatMap(({ runner, calls: own }) => own.map((work) => ({ runner, work })));
  const kinds = Map.groupBy(calls, ({ work: { tool, wantedMs } }) => `${tool}, ${duration(wantedMs)}`);
  if (kinds.size === 0) return null;
  const parts = [...kinds].map(
    ([kind, own]) => `${kind}: ${listed(own.map(({ runner, work }) => sizeOn(runner, work)))}.`,
  );
  return `Each call was sized to take the same time alone on every runtime, so the work is not the same. ${parts.join(" ")}`;
}
