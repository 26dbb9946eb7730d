/**
 * C4: a conversation only grows. Of two reads of a session, where the earlier one was answered before the later one was sent, the
 * later one begins with all that the earlier one showed: the same turns, inputs and outputs in the same order. Reads that were
 * refused show nothing; a session that is unknown to the runtime is an empty one. Each read is held against the one that was
 * answered last before it, and against the longest one.
 */
import type { Checker, CheckInput } from "./checker.ts";
import { type ShownTurn, shownBy } from "./final-read.ts";
import { count, Findings } from "./findings.ts";
import type { DriverSeen, SessionRecord } from "./history-index.ts";

interface Reading {
  readonly read: DriverSeen<"read">;
  readonly shown: readonly ShownTurn[];
}

const isSame = (one: ShownTurn, other: ShownTurn | undefined): boolean =>
  other !== undefined && one[0] === other[0] && one[1] === other[1] && one[2] === other[2];

/** What a later read does to what an earlier one showed, as the end of a sentence; null if it begins with all of it. */
function breach(earlier: Reading, later: Reading): string | null {
  const place = earlier.shown.findIndex((turn, index) => !isSame(turn, later.shown[index]));
  const lost = earlier.shown[place];
  if (lost === undefined) return null;
  const again = later.shown.find(([turn]) => turn === lost[0]);
  const how = again === undefined ? "lacks" : isSame(lost, again) ? "has at another place" : "has otherwise";
  return `${how} turn ${lost[0]}, which a read answered at ${earlier.read.event.t} ms had shown in place ${place + 1}`;
}

function judge(session: SessionRecord, findings: Findings): void {
  const readings = session.reads.flatMap((read): Reading[] => {
    const shown = shownBy(read);
    return shown === null ? [] : [{ read, shown }];
  });
  // The driver writes a read when it is answered, so the list is in the order of answers.
  for (const [index, later] of readings.entries()) {
    const before = readings.slice(0, index).filter(({ read }) => read.event.t <= later.read.event.began);
    const last = before.at(-1);
    if (last === undefined) continue;
    findings.exposures += 1;
    const longest = before.reduce((one, other) => (other.shown.length > one.shown.length ? other : one));
    const found = breach(last, later) ?? (longest === last ? null : breach(longest, later));
    if (found === null) continue;
    const says = `The read of ${session.id} begun at ${later.read.event.began} ms ${found}.`;
    findings.violated({ witness: "driver", index: later.read.at, session: session.id, says });
  }
}

export const readsExtend: Checker = {
  id: "C4",
  claim: "A conversation that was read only grows.",
  check({ index }: CheckInput) {
    const findings = new Findings();
    for (const session of index.sessions) judge(session, findings);
    return findings.conclude({
      kept: `All ${count(findings.exposures, "read")} that came after another show what it showed, and more.`,
      broken: `${findings.violations} of ${count(findings.exposures, "read")} that came after another do not begin with what it showed.`,
      nothing: "No session was read twice, one read after the other.",
    });
  },
};
