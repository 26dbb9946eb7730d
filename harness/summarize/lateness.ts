/**
 * Session lateness: how far behind its plan a session ended, once per session and never added to a turn.
 *
 * Ideal finish = planned arrival + the floors of its turns + the think times between them, as planned. Lateness = the end of the
 * last planned turn − ideal finish. Where a session did not come to its end (the load ended first, or a turn is still pending),
 * its lateness so far stands as a lower bound, censored: the time it is behind the plan at its last ended turn, or, if more, that
 * which its pending turn has lost already. Sessions that had no turn are none of its samples. Proof turns are not planned.
 */
import type { HistoryIndex, SessionRecord } from "../checkers/history-index.ts";
import { Samples } from "../statistics/tail-quantiles.ts";
import type { TailQuantiles } from "../summary.ts";
import type { PlannedSession, TrialPlan } from "../trial.ts";
import type { TurnFigures } from "./turn-figures.ts";

/** How far behind its plan each session ended, in milliseconds, once per session; censored where it did not come to its end. */
export interface LatenessSummary {
  readonly cohort: string;
  readonly latenessMs: TailQuantiles;
}

/** Lateness of one session in milliseconds; negative where turns took less than their floors. */
export interface Lateness {
  readonly ms: number;
  readonly censored: boolean;
  /** When it was taken. */
  readonly atMs: number;
}

/** @param turns figures of its planned turns, in order; null if it never arrived or had none */
export function latenessOf(
  planned: PlannedSession,
  { arrivedMs }: Pick<SessionRecord, "arrivedMs">,
  turns: readonly TurnFigures[],
): Lateness | null {
  if (arrivedMs === null || turns.length === 0) return null;
  let idealMs = arrivedMs;
  let behindMs = 0;
  let atMs = arrivedMs;
  for (const [index, { end, endMs, floorMs }] of turns.entries()) {
    idealMs += floorMs;
    const ms = endMs - idealMs;
    // A pending turn may still be within its floor: then it has lost nothing beyond what was lost before.
    if (end === "open") return { ms: Math.max(ms, behindMs), censored: true, atMs: endMs };
    behindMs = ms;
    atMs = endMs;
    if (index === planned.turns - 1) return { ms, censored: false, atMs };
    idealMs += planned.thinkMs[index] ?? 0;
  }
  return { ms: behindMs, censored: true, atMs };
}

/** Lateness of all sessions by cohort; none for a cohort no session of which had a turn. */
export function latenessByCohort(
  plan: TrialPlan,
  index: HistoryIndex,
  turns: readonly TurnFigures[],
  cohorts: readonly string[],
): LatenessSummary[] {
  const bySession = new Map<string, TurnFigures[]>();
  for (const figures of turns) {
    if (figures.proof) continue;
    const known = bySession.get(figures.session.id);
    if (known === undefined) bySession.set(figures.session.id, [figures]);
    else known.push(figures);
  }
  const samples = new Map<string, Samples>();
  for (const planned of plan.sessions) {
    const session = index.session.get(planned.id);
    const lateness = session === undefined ? null : latenessOf(planned, session, bySession.get(planned.id) ?? []);
    if (lateness === null) continue;
    const of = samples.get(planned.cohort) ?? new Samples();
    samples.set(planned.cohort, of);
    of.add(lateness.ms, lateness.atMs, lateness.censored);
  }
  return cohorts.flatMap((cohort) => {
    const of = samples.get(cohort);
    return of === undefined ? [] : { cohort, latenessMs: of.quantiles() };
  });
}
