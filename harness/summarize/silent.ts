/**
 * Sessions whose client never asks again: what they do after a fault, the runtime does unasked. Only the World's log decides.
 * Interrupted is a turn of such a client that the runtime had begun (it had asked the model) and of which the client then heard
 * nothing. Turns whose final answer had been sold before the fault are left out: the World cannot see who finished those.
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

function wasInterrupted(turn: TurnRecord, fault: FaultRecord, proofMs: number): boolean {
  const firedMs = fault.firedMs ?? Number.POSITIVE_INFINITY;
  const begun = turn.asks.some(({ event }) => event.t < firedMs);
  const lost = turn.attempts.some(({ invoked, ended }) => invoked.event.t < firedMs && ended?.event.e === "info");
  const answeredUnasked = turn.attempts.some(
    ({ invoked, ended }) => invoked.event.t < proofMs && (ended?.event.e === "ok" || ended?.event.e === "failed"),
  );
  const soldBefore = turn.purchases.some(
    ({ said }) => said?.event.h !== undefined && said.event.end === "done" && said.event.t < firedMs,
  );
  return begun && lost && !answeredUnasked && !soldBefore;
}

/** How long after the fault a later incarnation went on with the turn; null if it did not before the client asked again. */
function resumedAfterMs(turn: TurnRecord, fault: FaultRecord, proofMs: number): number | null {
  const firedMs = fault.firedMs ?? 0;
  const acts = actsOf(turn);
  const before = Math.max(...acts.filter(({ t }) => t < firedMs).map(({ i }) => i));
  const later = acts.filter(({ t, i }) => t >= firedMs && t < proofMs && i > before).map(({ t }) => t - firedMs);
  const first = Math.min(...later);
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
      if (counted.has(turn) || !isSilent(turn) || !wasInterrupted(turn, fault, proofMs)) continue;
      counted.add(turn);
      const after = resumedAfterMs(turn, fault, proofMs);
      if (after !== null) resumedMs.push(after);
    }
  return {
    interrupted: counted.size,
    resumed: resumedMs.length,
    resumedMedianMs: roundOrNull(medianOf(resumedMs), 0),
  };
}
