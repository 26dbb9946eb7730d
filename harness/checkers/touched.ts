/** Touched: the turns that a fault could have hurt, pending or enabled between the fault and the runtime being ready again. */
import type { FaultRecord, HistoryIndex, TurnRecord } from "./history-index.ts";

/** The interval in which a landed fault touches turns; null for a fault that never landed. */
export function reachOf(index: HistoryIndex, fault: FaultRecord): { fromMs: number; toMs: number } | null {
  if (fault.firedMs === null || fault.landed === null) return null;
  // What was never ready again touches everything until the end.
  return { fromMs: fault.firedMs, toMs: Math.max(fault.readyMs ?? index.endMs, fault.landed.event.t) };
}

/** Several checkers and figures ask, and each answer takes a walk over all turns. */
const known = new WeakMap<FaultRecord, readonly TurnRecord[]>();

/** Turns that were pending at some instant of the fault's reach, in the order of sessions and turns. */
export function turnsTouchedBy(index: HistoryIndex, fault: FaultRecord): readonly TurnRecord[] {
  let turns = known.get(fault);
  if (turns === undefined) {
    turns = touchedBy(index, fault);
    known.set(fault, turns);
  }
  return turns;
}

function touchedBy(index: HistoryIndex, fault: FaultRecord): TurnRecord[] {
  const touched: TurnRecord[] = [];
  const reach = reachOf(index, fault);
  if (reach === null) return touched;
  for (const { turns } of index.sessions)
    for (const turn of turns) {
      const { enabled, ended } = turn;
      const untilMs = ended?.event.t ?? Number.POSITIVE_INFINITY;
      if (enabled !== null && enabled.event.t <= reach.toMs && untilMs >= reach.fromMs) touched.push(turn);
    }
  return touched;
}
