/**
 * Timers that a kill met: waits that had been running for a while when the processes died and were not over. One of them survived
 * if it fired once the runtime was back and the time had come, upon the very completion that had asked for it.
 */
import type { FaultRecord, HistoryIndex } from "../checkers/history-index.ts";
import { type Timer, timersOf } from "../checkers/timers.ts";
import type { TrialPlan } from "../trial.ts";

/** What had been asked for so shortly before the kill may not have been kept yet. */
export const KEPT_WITHIN_MS = 1_000;
/** A timer that is later than this, counted from when it was due or from the restart, was not kept but found again by chance. */
export const TIMER_LATE_MOST_MS = 5_000;

export interface TimersMet {
  readonly met: number;
  /** Never fired, or too late. */
  readonly lost: number;
}

/** Killed before it had to be kept: it may be gone without anybody's fault, and what later kills meet is another one. */
function mayBeGone({ startMs }: Timer, kills: readonly FaultRecord[]): boolean {
  return kills.some(({ firedMs }) => firedMs !== null && firedMs >= startMs && firedMs < startMs + KEPT_WITHIN_MS);
}

function isMetBy({ startMs, sleepMs }: Timer, { firedMs }: FaultRecord): boolean {
  return firedMs !== null && startMs <= firedMs - KEPT_WITHIN_MS && startMs + sleepMs > firedMs;
}

function survived({ startMs, sleepMs, firings }: Timer, { firedMs, readyMs }: FaultRecord, endMs: number): boolean {
  const dueMs = Math.max(startMs + sleepMs, readyMs ?? endMs);
  const fired = firings.find(({ event }) => event.t >= (firedMs ?? 0));
  return fired !== undefined && fired.event.t <= dueMs + TIMER_LATE_MOST_MS;
}

/** Timers of clients that ask again, since nobody else may wait for an answer; each counts once, with the first kill that met it. */
export function timersMet(plan: TrialPlan, index: HistoryIndex): TimersMet {
  const kills = index.faults.filter(
    ({ kind, plan: planned, landed }) => landed !== null && kind === "kill" && planned?.role !== "store",
  );
  let [met, lost] = [0, 0];
  for (const timer of kills.length === 0 ? [] : timersOf(plan, index)) {
    if (plan.definition.cohorts[timer.turn.cohort]?.client.retry === "never") continue;
    const kill = kills.find((fault) => isMetBy(timer, fault));
    if (kill === undefined || mayBeGone(timer, kills)) continue;
    met += 1;
    if (!survived(timer, kills.findLast((fault) => isMetBy(timer, fault)) ?? kill, index.endMs)) lost += 1;
  }
  return { met, lost };
}
