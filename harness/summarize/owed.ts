/**
 * What the World owed a turn, from its own log: a frame or an answer, from a request read to the answer written as it was handed
 * to the kernel, never as it was due. So the World's lateness and the time for which it holds a request are never the runtime's.
 */
import type { TurnRecord } from "../checkers/history-index.ts";

/** A time in which the World had the ball. */
export interface Owed {
  readonly fromMs: number;
  readonly toMs: number;
  /** Part of it in which the runtime's socket took nothing more; that is the runtime's own time. */
  readonly blockedMs: number;
}

/**
 * Every such time, in no order; they may overlap. What is still unanswered is owed to the end. A request refused by a fault is
 * owed until its error is written, and one that is never answered until its client leaves; the pause before the next
 * try, a Retry-After included, is nobody's debt.
 * @param endMs when the turn ended, or when nobody looks any more
 */
export function owedSpans(turn: TurnRecord, endMs: number): Owed[] {
  const owed: Owed[] = [];
  const add = (fromMs: number, toMs: number, blockedMs = 0): void => {
    if (fromMs > endMs) return;
    const cutMs = Math.min(toMs, endMs);
    owed.push({ fromMs, toMs: cutMs, blockedMs: Math.min(blockedMs, cutMs - fromMs) });
  };
  for (const { ask, said } of turn.purchases) add(ask.event.t, said?.event.t ?? endMs, said?.event.blockedMs);
  for (const { asked, told } of turn.tools) add(asked.event.t, told?.event.t ?? endMs);
  for (const { event: ask } of turn.asks) {
    if (ask.p !== undefined || ask.fault === undefined) continue;
    const denied = turn.denials.find(({ event }) => event.k === ask.k && event.r === ask.r);
    add(ask.t, denied?.event.t ?? endMs);
  }
  return owed;
}
