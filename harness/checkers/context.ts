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

/** The line at which any client first asked for a turn; infinite if none did. */
export function firstAsked({ attempts, others }: TurnRecord): number {
  const never = Number.POSITIVE_INFINITY;
  return Math.min(attempts[0]?.invoked.at ?? never, others[0]?.invoked.at ?? never);
}

/** Whether some client had been given this turn's output when a turn was first asked for. */
const toldBefore = ({ told }: TurnRecord, asked: number): boolean => told?.event.e === "ok" && told.at < asked;

/** Earlier turns whose answer a client had read before anybody first asked for this one; only they must be shown. */
export function knownBefore(session: SessionRecord, turn: TurnRecord): TurnRecord[] {
  const asked = firstAsked(turn);
  if (asked === Number.POSITIVE_INFINITY) return [];
  return session.turns.filter((earlier) => earlier.number < turn.number && toldBefore(earlier, asked));
}

/** Whether a second client had sent the later turn before anybody was told the earlier one: then either may have come first. */
function mayBeEither(session: SessionRecord, earlier: number, later: number): boolean {
  const [before, after] = [session.turn.get(earlier), session.turn.get(later)];
  return (
    before !== undefined && after !== undefined && after.others.length > 0 && !toldBefore(before, firstAsked(after))
  );
}

const NO_GAPS: ContextGaps = { lost: [], doubled: [], reordered: [] };

/**
 * Compares the links of a first request (step 1) with the turns that were acknowledged before. Links of turns whose answer no
 * client read may be there or not.
 * @param known the turns that must be shown, where somebody has them already
 */
export function gapsIn(
  session: SessionRecord,
  turn: TurnRecord,
  { event }: WorldSeen<"ask">,
  known: readonly TurnRecord[] = knownBefore(session, turn),
): ContextGaps {
  const all = event.links ?? [];
  // Nearly always exactly these are shown.
  if (all.length === known.length && known.every(({ number }, at) => number === all[at])) return NO_GAPS;
  const links = all.filter((link) => link < turn.number);
  const shown = new Set(links);
  const doubled = [...shown].filter((link) => links.indexOf(link) !== links.lastIndexOf(link));
  const reordered: number[] = [];
  let highest = 0;
  for (const link of shown) {
    if (link < highest && !mayBeEither(session, link, highest)) reordered.push(link);
    highest = Math.max(highest, link);
  }
  const lost = known.flatMap(({ number }) => (shown.has(number) ? [] : [number]));
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
  let ask: WorldSeen<"ask"> | undefined;
  const turn = session.turns.findLast(({ asks }) => {
    ask = asks.findLast(({ event }) => event.k === 1);
    return ask !== undefined;
  });
  return turn === undefined || ask === undefined ? null : { turn, ask };
}
