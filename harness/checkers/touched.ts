/** Touched: the turns that a fault could have hurt, pending or enabled between the fault and the runtime being ready again. */
import type { FaultRecord, HistoryIndex, TurnRecord } from "./history-index.ts";

/** The interval in which a landed fault touches turns; null for a fault that never landed. */
export function reachOf(index: HistoryIndex, fault: FaultRecord): { fromMs: number; toMs: number } | null {
  if (fault.firedMs === null || fault.landed === null) return null;
  // What was never ready again touches everything until the end.
  return { fromMs: fault.firedMs, toMs: Math.max(fault.readyMs ?? index.endMs, fault.landed.event.t) };
}

/** Turns that were pending at some instant of the fault's reach, in the order of sessions and turns. */
export function turnsTouchedBy(index: HistoryIndex, fault: FaultRecord): TurnRecord[] {
  const reach = reachOf(index, fault);
  if (reach === null) return [];
  return index.sessions.flatMap(({ turns }) =>
    turns.filter(({ enabled, ended }) => {
      const untilMs = ended?.event.t ?? Number.POSITIVE_INFINITY;
      return enabled !== null && enabled.event.t <= reach.toMs && untilMs >= reach.fromMs;
    }),
  );
}
