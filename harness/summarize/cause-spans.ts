/** Spans of time in which a runtime is known to have been unable to go on, by cause. What counts as one is data at the top. */
import { changesOf, servedAgainMs } from "../checkers/served-again.ts";
import type { TrialEvent } from "../history.ts";
import type { Cause } from "../observation.ts";

/** Shorter collections are the daily bread of a runtime and explain no late turn. */
export const GC_FROM_MS = 10;
/** Share of the time between two samples spent waiting for a core, from which on the runtime was not let run. */
const CORE_SHARE = 0.3;
/** Share of a second in which the loop did not wait for events, from which on whoever comes waits. */
const BUSY_SHARE = 0.95;
const BUSY_SPAN_MS = 1000;
/** A silence begins up to one interval before the first beat that did not come. */
const BEAT_MS = 10;

export interface CauseSpan {
  readonly cause: Cause;
  readonly fromMs: number;
  readonly toMs: number;
}

type Sample = Extract<TrialEvent, { readonly e: "sample" }>;
type Gc = Extract<TrialEvent, { readonly e: "gc" }>;

/** A collection that stops one session says nothing of the others, and nobody can tell from outside which one it was. */
const GC_CAUSES: Readonly<Record<Gc["kind"], Cause | null>> = {
  local: null,
  major: "major-gc",
  minor: "minor-gc",
  incremental: "other-gc",
  weak: "other-gc",
};

/** Every time from the end of a process until another did its work; to the end of the recording if none ever did. */
function downSpans(trial: readonly TrialEvent[], endMs: number): CauseSpan[] {
  const changes = changesOf(trial);
  return changes.flatMap((exit, at) => {
    const toMs = exit.e === "exit" ? (servedAgainMs(changes, at) ?? endMs) : exit.t;
    return toMs > exit.t ? { cause: "down", fromMs: exit.t, toMs } : [];
  });
}

function coreSpans(trial: readonly TrialEvent[]): CauseSpan[] {
  const samples = trial.filter((event): event is Sample => event.e === "sample");
  return samples.flatMap((sample, at) => {
    const before = samples[at - 1];
    if (before?.app === undefined || sample.app === undefined) return [];
    const share = (sample.app.waitMs - before.app.waitMs) / (sample.t - before.t);
    return share >= CORE_SHARE ? [{ cause: "core", fromMs: before.t, toMs: sample.t } as const] : [];
  });
}

function spanOf(event: TrialEvent): CauseSpan | null {
  switch (event.e) {
    case "gc": {
      const cause = GC_CAUSES[event.kind];
      return cause === null || event.ms < GC_FROM_MS ? null : { cause, fromMs: event.t, toMs: event.t + event.ms };
    }
    case "stall":
      return { cause: "stall", fromMs: event.t, toMs: event.t + event.ms };
    case "silence":
      return { cause: "silence", fromMs: event.t - BEAT_MS, toMs: event.t + event.ms };
    case "heap":
      if ((event.busy ?? 0) < BUSY_SHARE) return null;
      return { cause: "busy", fromMs: event.t - BUSY_SPAN_MS, toMs: event.t };
    default:
      return null;
  }
}

/** All spans of a trial, in no order. @param endMs end of the recording */
export function causeSpansOf(trial: readonly TrialEvent[], endMs: number): CauseSpan[] {
  return [...downSpans(trial, endMs), ...coreSpans(trial), ...trial.flatMap((event) => spanOf(event) ?? [])];
}
