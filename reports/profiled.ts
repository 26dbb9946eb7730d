/** Trials that were recorded under a profiler, as every report tells them. */
import type { Summary } from "../harness/summary.ts";
import { counted } from "./format.ts";
import { everyTrial } from "./readings.ts";

export interface ProfiledTrial {
  readonly id: string;
  /** By what, and how much it left; without a full stop. */
  readonly says: string;
  /** Paths from the campaign's folder, each with the name that tells it from the others of its trial. */
  readonly files: readonly { readonly path: string; readonly name: string }[];
}

/** In the order of the report. */
export function profiledTrials(summary: Summary): readonly ProfiledTrial[] {
  return everyTrial(summary).flatMap(({ trial: { id, profiled } }) => {
    if (profiled === undefined) return [];
    const { by, starts, left, files } = profiled;
    const killed = left < starts ? "; what is killed leaves none" : "";
    return {
      id,
      says: `by ${by}, ${left} of ${counted(starts, "start")} left a profile${killed}`,
      files: files.map((path) => ({ path, name: path.split("/").slice(-2).join("/") })),
    };
  });
}
