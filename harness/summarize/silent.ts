/**
 * Sessions whose client never asks again: what they do after a fault, the runtime does unasked. Only the World's log decides.
 * Interrupted is a turn of such a client that the runtime had begun (it had asked the model) and of which the client then heard
 * nothing. Turns whose final answer had been sold before that are left out: the World cannot see who finished those.
 *
 * Where the fault ended the process, a later incarnation must go on, since what the dead one had sent may be read late. A process
 * that outlived the fault (one of its database, or of a path) goes on itself: it acts again after its client was lost.
 */
import type { FaultRecord, HistoryIndex, TurnRecord } from "../checkers/history-index.ts";
import { turnsTouchedBy } from "../checkers/touched.ts";
import { spanOf } from "../checkers/trial-facts.ts";
import type { Cohort } from "../scenario.ts";
import { roundOrNull } from "../statistics/round.ts";
import { medianOf } from "../statistics/tail-quantiles.ts";
import type { Silent } from "../summary.ts";

/** Who has not gone on by then has not resumed, whatever comes later. */
export const RESUME_LIMIT_MS = 60_000;

/** Acts of the runtime for a turn: requests to the model and to tools, as [instant, incarnation]. */
function actsOf(turn: TurnRecord): { t: number; i: number }[] {
  return [...turn.asks.map(({ event }) => event), ...turn.tools.map(({ asked }) => asked.event)];
}

/** The newest incarnation that had acted for the turn before the fault, and whether it outlived it. */
function actorOf(index: HistoryIndex, turn: TurnRecord, fault: FaultRecord): { i: number; outlived: boolean } {
  const firedMs = fault.firedMs ?? 0;
  const before = actsOf(turn).filter(({ t }) => t < firedMs);
  const i = Math.max(...before.map((act) => act.i));
  const known = index.incarnations.find((incarnation) => incarnation.i === i);
  const overMs = fault.readyMs ?? Number.POSITIVE_INFINITY;
  return { i, outlived: known !== undefined && (known.exitMs === null || known.exitMs > overMs) };
}

/** When the client lost the attempt that was under way as the fault fell; null if it did not. */
function lostAtMs(turn: TurnRecord, fault: FaultRecord): number | null {
  const firedMs = fault.firedMs ?? Number.POSITIVE_INFINITY;
  const lost = turn.attempts.find(({ invoked, ended }) => invoked.event.t < firedMs && ended?.event.e === "info");
  return lost?.ended?.event.t ?? null;
}

function wasInterrupted(index: HistoryIndex, turn: TurnRecord, fault: FaultRecord, proofMs: number): boolean {
  const firedMs = fault.firedMs ?? Number.POSITIVE_INFINITY;
  const begun = turn.asks.some(({ event }) => event.t < firedMs);
  const lostMs = lostAtMs(turn, fault);
  if (!begun || lostMs === null) return false;
  const unseenMs = actorOf(index, turn, fault).outlived ? Math.max(lostMs, firedMs) : firedMs;
  const answeredUnasked = turn.attempts.some(
    ({ invoked, ended }) => invoked.event.t < proofMs && (ended?.event.e === "ok" || ended?.event.e === "failed"),
  );
  const soldBefore = turn.purchases.some(
    ({ said }) => said?.event.h !== undefined && said.event.end === "done" && said.event.t < unseenMs,
  );
  return !answeredUnasked && !soldBefore;
}

/** How long after the fault the runtime went on with the turn; null if it did not before the client asked again. */
function resumedAfterMs(index: HistoryIndex, turn: TurnRecord, fault: FaultRecord, proofMs: number): number | null {
  const firedMs = fault.firedMs ?? 0;
  const { i: before, outlived } = actorOf(index, turn, fault);
  const lostMs = lostAtMs(turn, fault) ?? proofMs;
  const goesOn = ({ t, i }: { t: number; i: number }): boolean => i > before || (outlived && t > lostMs);
  const later = actsOf(turn).filter((act) => act.t >= firedMs && act.t < proofMs && goesOn(act));
  const first = Math.min(...later.map(({ t }) => t)) - firedMs;
  return later.length > 0 && first <= RESUME_LIMIT_MS ? first : null;
}

/** Null where no cohort is silent or no fault landed. */
export function silentOf(index: HistoryIndex, cohorts: Readonly<Record<string, Cohort>>): Silent | null {
  const isSilent = (turn: TurnRecord): boolean => cohorts[turn.cohort]?.client.retry === "never";
  const landed = index.faults.filter((fault) => fault.landed !== null);
  if (landed.length === 0 || !Object.values(cohorts).some(({ client }) => client.retry === "never")) return null;
  const proofMs = spanOf(index.phases, "proof")?.fromMs ?? index.endMs;
  const counted = new Set<TurnRecord>();
  const resumedMs: number[] = [];
  for (const fault of landed)
    for (const turn of turnsTouchedBy(index, fault)) {
      if (counted.has(turn) || !isSilent(turn) || !wasInterrupted(index, turn, fault, proofMs)) continue;
      counted.add(turn);
      const after = resumedAfterMs(index, turn, fault, proofMs);
      if (after !== null) resumedMs.push(after);
    }
  return {
    interrupted: counted.size,
    resumed: resumedMs.length,
    resumedMedianMs: roundOrNull(medianOf(resumedMs), 0),
  };
}
