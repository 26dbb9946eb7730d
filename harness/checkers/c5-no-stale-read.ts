/**
 * C5: a read is not older than what its reader knows. A read that was sent after a turn had been acknowledged shows that turn. It
 * is *stale* if it does not and a later read of the session does; then it is said for how long the turn had been acknowledged. A
 * turn that no later read shows either is not late but lost, the matter of C1, so the final read has no part in this.
 */
import type { Checker, CheckInput } from "./checker.ts";
import { finalRead, shownBy } from "./final-read.ts";
import { count, Findings } from "./findings.ts";
import type { HistoryIndex, SessionRecord } from "./history-index.ts";

/** Sends findings on; returns the longest time in milliseconds for which a turn had been acknowledged when a read missed it. */
function judge(index: HistoryIndex, session: SessionRecord, findings: Findings): number {
  const readings = session.reads.flatMap((read) => {
    const shown = shownBy(read);
    return shown === null ? [] : [{ read, turns: new Set(shown.map(([turn]) => turn)) }];
  });
  const final = finalRead(index, session);
  let oldestMs = 0;
  for (const [place, { read, turns }] of readings.entries()) {
    if (read === final) continue;
    const known = session.turns.filter(({ told }) => told !== null && told.event.t <= read.event.began);
    if (known.length > 0) findings.exposures += 1;
    const missed = known.filter(({ number }) => !turns.has(String(number)));
    const later = readings.slice(place + 1);
    const stale = missed.find(({ number }) => later.some((reading) => reading.turns.has(String(number))));
    if (stale?.told != null) {
      const ageMs = Math.round(read.event.began - stale.told.event.t);
      oldestMs = Math.max(oldestMs, ageMs);
      const says = `The read of ${session.id} begun at ${read.event.began} ms lacks turn ${stale.number}, acknowledged ${ageMs} ms before; a later read has it.`;
      findings.violated({ witness: "driver", index: read.at, session: session.id, turn: stale.number, says });
    } else if (missed.length > 0 && later.length === 0)
      findings.undecided("a read lacks an acknowledged turn, and no later one tells whether it was lost");
  }
  return oldestMs;
}

export const noStaleRead: Checker = {
  id: "C5",
  claim: "A read shows every turn that was acknowledged before it was sent.",
  check({ index }: CheckInput) {
    const findings = new Findings();
    const oldestMs = Math.max(0, ...index.sessions.map((session) => judge(index, session, findings)));
    return findings.conclude({
      kept: `All ${count(findings.exposures, "read")} before the final ones show what had been acknowledged.`,
      broken: `${findings.violations} of ${count(findings.exposures, "read")} were stale, by up to ${oldestMs} ms.`,
      nothing: "No session was read before its final read.",
    });
  },
};
