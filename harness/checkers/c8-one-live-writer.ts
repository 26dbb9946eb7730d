/**
 * C8: a session has one live writer. Two copies of a process conflict if, for one session and one turn, an act of B was read between
 * two acts of A, and A
 * - was not stopped between them (what an owner does first when it wakes is the matter of C9),
 * - had not been asked for the session again between the two (who is asked may rightly take a session back),
 * and the three were read far enough apart to have been begun in that order. Moves between turns are legal. While a fault delays
 * requests to the model or to tools the order of reading says nothing.
 */
import type { Checker, CheckInput } from "./checker.ts";
import { count, Findings } from "./findings.ts";
import type { HistoryIndex, SessionRecord, TurnRecord } from "./history-index.ts";
import { type Act, actsOf, areRivals, frozenSpans, sharedSpans } from "./owners.ts";
import { disturbedSpans, overlaps, type Span } from "./path-faults.ts";
import type { Incarnation } from "./trial-facts.ts";

/** Requests that were read closer to each other may have been begun in either order. */
const UNORDERED_MS = 100;

interface Owners {
  readonly incarnations: ReadonlyMap<number, Incarnation>;
  readonly frozen: ReadonlyMap<number, readonly Span[]>;
  readonly delays: readonly Span[];
}

function ownersOf(index: HistoryIndex): Owners {
  const { incarnations } = index;
  return {
    incarnations: new Map(incarnations.map((one) => [one.i, one])),
    frozen: new Map(incarnations.map((one) => [one.i, frozenSpans(index, one)])),
    delays: disturbedSpans(index, ["model", "tools"]),
  };
}

/** Whether somebody asked for a turn of the session between two instants. */
const wasAsked = (session: SessionRecord, fromMs: number, toMs: number): boolean =>
  session.turns.some(({ attempts, others }) =>
    [...attempts, ...others].some(({ invoked: { event } }) => event.t > fromMs && event.t < toMs),
  );

/** The act of another that stands between two acts of one owner and cannot be explained; null if there is none. */
function intruder(session: SessionRecord, acts: readonly Act[], place: number, owners: Owners): Act | null {
  const later = acts[place];
  const before = acts.findLastIndex(({ i }, index) => index < place && i === later?.i);
  const earlier = acts[before];
  const owner = owners.incarnations.get(later?.i ?? -1);
  if (later === undefined || earlier === undefined || owner === undefined) return null;
  const between = acts.slice(before + 1, place).find(({ t, i }) => {
    const other = owners.incarnations.get(i);
    const rival = other !== undefined && areRivals(owner, other);
    return rival && t >= earlier.t + UNORDERED_MS && t <= later.t - UNORDERED_MS;
  });
  if (between === undefined) return null;
  const excused =
    overlaps(owners.frozen.get(owner.i) ?? [], earlier.t, later.t) ||
    overlaps(owners.delays, earlier.t, later.t) ||
    wasAsked(session, earlier.t, later.t);
  return excused ? null : between;
}

function judgeTurn(session: SessionRecord, turn: TurnRecord, owners: Owners, findings: Findings): void {
  const acts = actsOf(turn);
  if (new Set(acts.map(({ i }) => i)).size < 2) return;
  for (const [place, { i, at, t }] of acts.entries()) {
    const other = intruder(session, acts, place, owners);
    if (other === null) continue;
    const says = `Turn ${turn.number} of ${session.id}: start ${i} acted at ${t} ms and before, and start ${other.i} between the two, at ${other.t} ms; both were alive.`;
    findings.violated({ witness: "world", index: at, session: session.id, turn: turn.number, says });
    return;
  }
}

export const oneLiveWriter: Checker = {
  id: "C8",
  claim: "A session has one live writer at a time.",
  check({ index }: CheckInput) {
    const findings = new Findings();
    const shared = sharedSpans(index);
    const owners = ownersOf(index);
    for (const session of shared.length === 0 ? [] : index.sessions) {
      const acts = session.turns.flatMap(({ asks, tools }) => [...asks, ...tools.map(({ asked }) => asked)]);
      const exposed = acts.filter(({ event }) => overlaps(shared, event.t, event.t));
      if (exposed.length === 0) continue;
      findings.exposures += 1;
      for (const { event } of exposed)
        if (!owners.incarnations.has(event.i))
          findings.undecided(`a request of start ${event.i}, of which nothing is known`);
      for (const turn of session.turns) judgeTurn(session, turn, owners, findings);
    }
    return findings.conclude({
      kept: `${count(findings.exposures, "session")} went on while two copies were alive, each in one hand at a time.`,
      broken: `${count(findings.violations, "turn")} of ${count(findings.exposures, "session")} had two writers at once.`,
      nothing: "There never were two copies of a process at once.",
    });
  },
};
