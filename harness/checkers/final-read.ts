/** The final read: what a session shows at the end of the trial. Reads while the load runs are no final ones. */
import type { DriverSeen, HistoryIndex, SessionRecord } from "./history-index.ts";
import { spanOf } from "./trial-facts.ts";

/** The last read of a session, if the proof round made it; null if the session was not read there. */
export function finalRead(index: HistoryIndex, session: SessionRecord): DriverSeen<"read"> | null {
  const proofMs = spanOf(index.phases, "proof")?.fromMs ?? 0;
  const last = session.reads.at(-1);
  return last !== undefined && last.event.began >= proofMs ? last : null;
}

/** One turn as a read shows it: its number, input and output, as [turn, fingerprint, fingerprint or "!code"]. */
export type ShownTurn = readonly [string, string, string];

/** What a read shows; a session that is unknown to the runtime is an empty one, and any other refusal shows nothing: null. */
export function shownBy({ event }: DriverSeen<"read">): readonly ShownTurn[] | null {
  return event.turns ?? (event.status === 404 ? [] : null);
}
