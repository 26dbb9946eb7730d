/**
 * Arrival check: whether the driver offered the load that was planned. Every instant at which a turn had to be offered follows from the
 * plan and the history: arrivals count from the beginning of the load, later turns from the end of the one before and its think time.
 * What the runtime does not answer is not unsent; what was due and never left the driver is.
 */
import type { HistoryIndex, SessionRecord, TurnRecord } from "../checkers/history-index.ts";
import { spanOf } from "../checkers/trial-facts.ts";
import { round } from "../statistics/round.ts";
import { medianOf } from "../statistics/tail-quantiles.ts";
import type { PlannedSession, TrialPlan } from "../trial.ts";
import type { ArrivalCheck } from "./certificate.ts";
import { LIMITS } from "./limits.ts";

/** What falls due so shortly before the driver is told to offer no more may rightly be dropped. */
const BEFORE_HOLD_MS = 100;

/** A turn that had to be offered at `dueMs`, and when its first attempt left; null if it never did. */
export interface DueTurn {
  readonly dueMs: number;
  readonly leftMs: number | null;
}

/** The instant from which planned arrivals count: with the fault phase or a step fault for some cohorts, with the load for all others. */
function originsOf(plan: TrialPlan, index: HistoryIndex): (session: PlannedSession) => number {
  // A cohort of a step fault begins when it is called: its own arrivals alone tell when that was.
  const groupOf = ({ cohort }: PlannedSession): string => {
    const { startsIn = "warmup" } = plan.definition.cohorts[cohort] ?? {};
    return startsIn === "step" ? `step ${cohort}` : startsIn;
  };
  const origin = (group: readonly PlannedSession[], phaseMs: number): number => {
    // An arrival is stamped with its planned instant, so each one tells when counting began.
    const seen = group.flatMap(({ id, arriveMs }) => {
      const arrivedMs = index.session.get(id)?.arrivedMs ?? null;
      return arrivedMs === null ? [] : [arrivedMs - arriveMs];
    });
    return medianOf(seen) ?? phaseMs;
  };
  const never = Number.POSITIVE_INFINITY;
  const phasesMs: Readonly<Record<string, number>> = {
    warmup: index.loadMs,
    fault: spanOf(index.phases, "fault")?.fromMs ?? never,
  };
  const groups = Map.groupBy(plan.sessions, groupOf);
  const origins = new Map([...groups].map(([group, own]) => [group, origin(own, phasesMs[group] ?? never)]));
  return (session) => origins.get(groupOf(session)) ?? never;
}

/** The first attempt of an ordinary or opening turn; a proof that took its number does not make it offered. */
function leftOf(turn: TurnRecord | undefined): number | null {
  return turn?.enabled?.event.kind === "proof" ? null : (turn?.attempts[0]?.invoked.event.t ?? null);
}

function dueOf(plan: PlannedSession, session: SessionRecord | undefined, arriveMs: number): DueTurn[] {
  const due: DueTurn[] = [{ dueMs: arriveMs, leftMs: leftOf(session?.turn.get(1)) }];
  for (let number = 1; number < plan.turns; number++) {
    const endedMs = session?.turn.get(number)?.ended?.event.t;
    const thinkMs = plan.thinkMs[number - 1];
    if (endedMs === undefined || thinkMs === undefined) break;
    due.push({ dueMs: endedMs + thinkMs, leftMs: leftOf(session?.turn.get(number + 1)) });
  }
  return due;
}

/** All turns that had to be offered in calm and fault, by the plan and what the driver heard. */
export function dueTurns(plan: TrialPlan, index: HistoryIndex): DueTurn[] {
  const fromMs = spanOf(index.phases, "calm")?.fromMs ?? Number.POSITIVE_INFINITY;
  const holdMs = (spanOf(index.phases, "heal")?.fromMs ?? index.endMs) - BEFORE_HOLD_MS;
  const originOf = originsOf(plan, index);
  return plan.sessions
    .flatMap((session) => dueOf(session, index.session.get(session.id), originOf(session) + session.arriveMs))
    .filter(({ dueMs }) => dueMs >= fromMs && dueMs < holdMs);
}

/**
 * Distance between planned and actual instants: the largest difference of their distribution functions (Kolmogorov 1933, Smirnov 1939),
 * that is the largest share of all turns that was behind (or ahead of) the plan at once. Null of nothing.
 */
export function arrivalDistance(turns: readonly DueTurn[]): number | null {
  const steps = turns.flatMap(({ dueMs, leftMs }) => [
    { atMs: dueMs, by: 1 },
    ...(leftMs === null ? [] : [{ atMs: leftMs, by: -1 }]),
  ]);
  if (steps.length === 0) return null;
  steps.sort((a, b) => a.atMs - b.atMs);
  let behind = 0;
  let most = 0;
  steps.forEach(({ atMs, by }, at) => {
    behind += by;
    // Functions are compared where neither jumps.
    if (steps[at + 1]?.atMs !== atMs) most = Math.max(most, Math.abs(behind));
  });
  return round(most / turns.length, 4);
}

/** The arrival check of one trial. */
export function arrivalsOf(plan: TrialPlan, index: HistoryIndex): ArrivalCheck {
  const due = dueTurns(plan, index);
  const lateBy = ({ dueMs, leftMs }: DueTurn): number => (leftMs === null ? Number.POSITIVE_INFINITY : leftMs - dueMs);
  const measured = ["calm", "fault"].flatMap((phase) => index.phases.filter((span) => span.phase === phase));
  const inMeasured = (ms: number): boolean => measured.some(({ fromMs, toMs }) => ms >= fromMs && ms < toMs);
  const turns = index.sessions.flatMap((session) => session.turns);
  return {
    due: due.length,
    unsent: due.filter(({ leftMs }) => leftMs === null).length,
    lateFirstAttempts: due.filter((turn) => turn.leftMs !== null && lateBy(turn) > LIMITS.startLagMs.p99).length,
    lateTurns: turns.filter(({ late, enabled }) => late && enabled !== null && inMeasured(enabled.event.t)).length,
    distance: arrivalDistance(due),
  };
}
