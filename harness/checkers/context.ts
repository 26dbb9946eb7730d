/**
 * Context: what a model request shows of the conversation, by the links it carries. Says which earlier turns a first request
 * had to show; what follows from a gap is for checkers and summaries.
 */
import type { SessionRecord, TurnRecord, WorldSeen } from "./history-index.ts";

/** What was wrong with the conversation in one request; all empty when it was whole. */
export interface ContextGaps {
  /** Acknowledged earlier turns whose link is missing. */
  readonly lost: readonly number[];
  /** Earlier turns whose link appears more than once. */
  readonly doubled: readonly number[];
  /** Earlier turns that stand behind a later one. */
  readonly reordered: readonly number[];
}

/** Earlier turns whose answer the client had read before it first asked for this one; only they must be shown. */
export function knownBefore(session: SessionRecord, turn: TurnRecord): TurnRecord[] {
  const asked = turn.attempts[0]?.invoked.at;
  if (asked === undefined) return [];
  return session.turns.filter(
    ({ number, acknowledged }) => number < turn.number && acknowledged !== null && acknowledged.at < asked,
  );
}

/**
 * Compares the links of a first request (step 1) with the turns that were acknowledged before. Links of turns whose answer no
 * client read may be there or not.
 */
export function gapsIn(session: SessionRecord, turn: TurnRecord, ask: WorldSeen<"ask">): ContextGaps {
  const links = (ask.event.links ?? []).filter((link) => link < turn.number);
  const shown = new Set(links);
  const doubled = [...shown].filter((link) => links.indexOf(link) !== links.lastIndexOf(link));
  const reordered: number[] = [];
  let highest = 0;
  for (const link of shown) {
    if (link < highest) reordered.push(link);
    highest = Math.max(highest, link);
  }
  const lost = knownBefore(session, turn).flatMap(({ number }) => (shown.has(number) ? [] : [number]));
  return { lost, doubled, reordered };
}

/** The last first request of a turn that was read before its answer came; a turn answered from a store may have none. */
export function answeringAsk(turn: TurnRecord): WorldSeen<"ask"> | null {
  const answeredMs = turn.acknowledged?.event.t ?? Number.POSITIVE_INFINITY;
  return turn.asks.findLast(({ event }) => event.k === 1 && event.t <= answeredMs) ?? null;
}

/** Whether an acknowledged turn was answered by a model that saw every acknowledged turn before it. */
export function isIntact(session: SessionRecord, turn: TurnRecord): boolean {
  const ask = answeringAsk(turn);
  return turn.acknowledged !== null && (ask === null || gapsIn(session, turn, ask).lost.length === 0);
}

/** The last first request that the runtime made for a session, or null. */
export function lastContext(session: SessionRecord): { turn: TurnRecord; ask: WorldSeen<"ask"> } | null {
  for (const turn of session.turns.toReversed()) {
    const ask = turn.asks.findLast(({ event }) => event.k === 1);
    if (ask !== undefined) return { turn, ask };
  }
  return null;
}
