/**
 * C1: what a client was told is kept. Judged by the final reads where the runtime offers reads, else by the links in the last
 * model request of each session: what the runtime no longer shows the model is gone for the user.
 */
import type { Checker, CheckInput } from "./checker.ts";
import { gapsIn, knownBefore, lastContext } from "./context.ts";
import { count, Findings } from "./findings.ts";
import type { SessionRecord } from "./history-index.ts";

function judgeByRead(session: SessionRecord, findings: Findings): void {
  const read = session.reads.at(-1);
  if (read === undefined) {
    findings.undecided("a session has no final read");
    return;
  }
  const { began, status, turns } = read.event;
  // A session that is unknown to the runtime is an empty one; any other refusal says nothing about what is kept.
  if (status !== 404 && turns === undefined) {
    findings.undecided(`a final read was answered with status ${status}`);
    return;
  }
  const shown = new Set(turns?.map(([turn]) => turn));
  for (const turn of session.turns) {
    // Read by the client before the final read left: there is no excuse for not showing it.
    if (turn.ended === null || turn.ended.event.t > began) continue;
    findings.exposures += 1;
    if (shown.has(String(turn.number))) continue;
    findings.violated({
      witness: "driver",
      index: read.at,
      session: session.id,
      turn: turn.number,
      says: `The final read of ${session.id} lacks turn ${turn.number}, acknowledged at ${turn.ended.event.t} ms.`,
    });
  }
}

function judgeByLinks(session: SessionRecord, findings: Findings): void {
  const last = lastContext(session);
  const known = last === null ? [] : knownBefore(session, last.turn);
  if (last === null || known.length === 0) {
    findings.undecided("a session asked the model nothing after an acknowledged turn, and there are no reads");
    return;
  }
  findings.exposures += known.length;
  for (const lost of gapsIn(session, last.turn, last.ask).lost) {
    findings.violated({
      witness: "world",
      index: last.ask.at,
      session: session.id,
      turn: lost,
      says: `The last model request of ${session.id} (turn ${last.turn.number}) lacks acknowledged turn ${lost}.`,
    });
  }
}

export const acknowledgedTurnsKept: Checker = {
  id: "C1",
  claim: "Every acknowledged turn is kept.",
  check({ index, promises }: CheckInput) {
    const findings = new Findings();
    for (const session of index.sessions) {
      if (!session.turns.some(({ ended }) => ended !== null)) continue;
      if (promises.readable === true) judgeByRead(session, findings);
      else judgeByLinks(session, findings);
    }
    const by = promises.readable === true ? "final reads" : "the last model request of each session";
    return findings.conclude({
      kept: `All ${count(findings.exposures, "acknowledged turn")} are there, by ${by}.`,
      broken: `${findings.violations} of ${count(findings.exposures, "acknowledged turn")} are gone, by ${by}.`,
      nothing: "No turn was acknowledged.",
    });
  },
};
