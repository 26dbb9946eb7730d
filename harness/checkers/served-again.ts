/** When a process was there again after one of its copies ended: at once where another copy was ready, else with the next that is. */
import type { TrialEvent } from "../history.ts";

/** An end of a process, or its being ready. */
export type ProcessChange = Extract<TrialEvent, { readonly e: "exit" | "ready" }>;

/** The changes of processes in a trial, in their order. Samples and collections, most of a trial's events, are none. */
export const changesOf = (trial: readonly TrialEvent[]): ProcessChange[] =>
  trial.filter((event): event is ProcessChange => event.e === "exit" || event.e === "ready");

/**
 * When somebody did the work of a copy again that ended; null if nobody ever did.
 * @param changes of the whole trial, in their order
 * @param at which of them is the end
 */
export function servedAgainMs(changes: readonly ProcessChange[], at: number): number | null {
  const ended = changes[at];
  if (ended === undefined) return null;
  const ready = new Set<number>();
  for (const { e, process, i } of changes.slice(0, at + 1)) {
    if (process !== ended.process) continue;
    if (e === "ready") ready.add(i);
    else ready.delete(i);
  }
  if (ready.size > 0) return ended.t;
  return changes.slice(at + 1).find(({ e, process }) => e === "ready" && process === ended.process)?.t ?? null;
}
