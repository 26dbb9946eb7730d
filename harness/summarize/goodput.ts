/** How turns ended, and what is left at the end of what clients were told. */
import { gapsIn, lastContext } from "../checkers/context.ts";
import { finalRead, shownBy } from "../checkers/final-read.ts";
import type { HistoryIndex } from "../checkers/history-index.ts";
import type { TurnFigures } from "./turn-figures.ts";

/** How the turns of a trial ended. Every number counts turns, proof turns apart. */
export interface Goodput {
  readonly offered: number;
  /** Acknowledged with the whole conversation known to the runtime. */
  readonly intact: number;
  /** Acknowledged, but the runtime had forgotten or garbled earlier acknowledged turns. */
  readonly amnesiac: number;
  readonly failed: number;
  /** Certainly never accepted. */
  readonly refused: number;
  /** Nobody knows: no attempt was answered, at least one may have been accepted. */
  readonly unknown: number;
  /** Answered after the deadline (also counted above). */
  readonly late: number;
  readonly proofs: {
    readonly offered: number;
    readonly intact: number;
    readonly amnesiac: number;
    readonly unanswered: number;
  };
}

/** What clients were told and what is left of it at the end of the trial. */
export interface Memory {
  /** Turns acknowledged to clients (proof turns included). */
  readonly acknowledged: number;
  /** Acknowledged turns that a final read does not show, where reads are offered; null where they are not. */
  readonly lostByRead: number | null;
  /** Acknowledged turns whose link was missing in the session's last model request: forgotten. */
  readonly forgotten: number;
  readonly sessionsForgotten: number;
  readonly sessions: number;
}

/** Counts offered turns by their end; proof turns apart. */
export function goodputOf(turns: readonly TurnFigures[]): Goodput {
  const ordinary = turns.filter(({ proof }) => !proof);
  const proofs = turns.filter(({ proof }) => proof);
  const answered = (of: readonly TurnFigures[], intact: boolean): number =>
    of.filter((one) => one.end === "answered" && one.intact === intact).length;
  const ended = (outcome: string): number => ordinary.filter(({ turn }) => turn.outcome === outcome).length;
  return {
    offered: ordinary.length,
    intact: answered(ordinary, true),
    amnesiac: answered(ordinary, false),
    failed: ended("failed"),
    refused: ended("fail"),
    unknown: ended("info"),
    late: ordinary.filter(({ turn }) => turn.late).length,
    proofs: {
      offered: proofs.length,
      intact: answered(proofs, true),
      amnesiac: answered(proofs, false),
      unanswered: proofs.filter(({ end }) => end !== "answered").length,
    },
  };
}

/** @param readable whether the runtime offers reads; without them nobody can say what a read would show */
export function memoryOf(index: HistoryIndex, readable: boolean): Memory {
  const sessions = index.sessions.filter(({ turns }) => turns.some(({ attempts }) => attempts.length > 0));
  let acknowledged = 0;
  let lostByRead = 0;
  let forgotten = 0;
  let sessionsForgotten = 0;
  for (const session of sessions) {
    const told = session.turns.flatMap((turn) => turn.acknowledged ?? []);
    acknowledged += told.length;
    const read = finalRead(index, session);
    const turnsShown = read === null ? null : shownBy(read);
    if (read !== null && turnsShown !== null) {
      const shown = new Set(turnsShown.map(([turn]) => turn));
      const due = told.filter(({ event }) => event.t <= read.event.began);
      lostByRead += due.filter(({ event }) => !shown.has(String(event.n))).length;
    }
    const last = lastContext(session);
    const lost = last === null ? 0 : gapsIn(session, last.turn, last.ask).lost.length;
    forgotten += lost;
    if (lost > 0) sessionsForgotten += 1;
  }
  return {
    acknowledged,
    lostByRead: readable ? lostByRead : null,
    forgotten,
    sessionsForgotten,
    sessions: sessions.length,
  };
}
