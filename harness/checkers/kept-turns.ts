/**
 * Kept turns: whether what a client was told of a session is still there at its end. Judged by the final read where the runtime
 * offers reads, else by the links in the session's last model request: what the runtime no longer shows the model is gone for the
 * user.
 */
import type { Evidence } from "./checker.ts";
import { gapsIn, knownBefore, lastContext } from "./context.ts";
import { finalRead, shownBy } from "./final-read.ts";
import type { HistoryIndex, SessionRecord, TurnRecord } from "./history-index.ts";

/** What is known of the turns of one session that its clients were told of. */
export interface Kept {
  /** Turns that must be there. */
  readonly due: readonly TurnRecord[];
  /** Those of them that are not, and where that shows. */
  readonly lost: readonly { readonly turn: TurnRecord; readonly evidence: Evidence }[];
}

function byRead(index: HistoryIndex, session: SessionRecord): Kept | string {
  const read = finalRead(index, session);
  if (read === null) return "a session has no final read";
  const shown = shownBy(read);
  if (shown === null) return `a final read was answered with status ${read.event.status}`;
  const numbers = new Set(shown.map(([turn]) => turn));
  // Read by a client before the final read left: there is no excuse for not showing it.
  const due = session.turns.filter(({ told }) => told !== null && told.event.t <= read.event.began);
  const gone = due.filter(({ number }) => !numbers.has(String(number)));
  const lost = gone.map((turn) => {
    const says = `The final read of ${session.id} lacks turn ${turn.number}, acknowledged at ${turn.told?.event.t} ms.`;
    const of = { session: session.id, turn: turn.number };
    return { turn, evidence: { witness: "driver", index: read.at, ...of, says } as const };
  });
  return { due, lost };
}

function byLinks(session: SessionRecord): Kept | string {
  const last = lastContext(session);
  const due = last === null ? [] : knownBefore(session, last.turn);
  if (last === null || due.length === 0)
    return "a session asked the model nothing after an acknowledged turn, and there are no reads";
  const gone = new Set(gapsIn(session, last.turn, last.ask).lost);
  const lost = due.flatMap((turn) => {
    if (!gone.has(turn.number)) return [];
    const says = `The last model request of ${session.id} (turn ${last.turn.number}) lacks acknowledged turn ${turn.number}.`;
    const of = { session: session.id, turn: turn.number };
    return { turn, evidence: { witness: "world", index: last.ask.at, ...of, says } as const };
  });
  return { due, lost };
}

/** What became of the turns of a session; a sentence without its end when nobody can tell. @param readable whether the runner offers reads */
export function keptTurns(index: HistoryIndex, session: SessionRecord, readable: boolean): Kept | string {
  return readable ? byRead(index, session) : byLinks(session);
}
