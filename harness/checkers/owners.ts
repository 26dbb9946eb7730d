/**
 * Owners: which start of which process acted for a session, and who was superseded. Acts are requests to the model and to tools, as
 * the World read them; what the World goes on writing to somebody is no act.
 *
 * Owner A is *superseded* for a session when A was proved to stand still, and then another start of the same process, made since,
 * acted for it. Only sessions count of which it is certain that A could have no further word from outside: A had begun a turn of it
 * before it was stopped, which had not ended, and no request for the session can have been waiting in A's sockets when it woke. Who
 * may have been asked again may rightly have taken the session back. So may an owner that shows a higher fence than its successor.
 */
import { IDLE_LIMIT_MS } from "../driver/client.ts";
import type { FaultRecord, HistoryIndex, SessionRecord, TurnRecord } from "./history-index.ts";
import { ARRIVED_MS, type Span } from "./path-faults.ts";
import type { Incarnation } from "./trial-facts.ts";

/** Faults that make the processes of a role stand still for a while, alive. */
const FREEZING: ReadonlySet<string> = new Set(["freeze", "takeover"]);
/** A request that was sent so long before a stop had been taken up by then, if its turn was acted upon since it was sent. */
const TAKEN_UP_MS = 250;

/** A request of the runtime. */
export interface Act {
  readonly at: number;
  readonly t: number;
  readonly i: number;
  readonly turn: TurnRecord;
  readonly step: number;
  /** Sent with requests to tools, by whoever claims `fenced-effects`. */
  readonly fence: number | undefined;
  readonly what: "ask" | "tool";
}

/** One owner that lost one session. */
export interface Supersession {
  readonly fault: FaultRecord;
  readonly session: SessionRecord;
  /** The first act of the successor that was read after the owner was proved to stand still. */
  readonly taken: Act;
  /** What the superseded owner did after that, in order. */
  readonly late: readonly Act[];
}

/** All acts for a turn, in the World's order. */
export function actsOf(turn: TurnRecord): Act[] {
  const acts: Act[] = [
    ...turn.asks.map(({ at, event: { t, i, k } }) => ({
      at,
      t,
      i,
      turn,
      step: k,
      fence: undefined,
      what: "ask" as const,
    })),
    ...turn.tools.map(({ asked: { at, event } }) => {
      const { t, i, k, fence } = event;
      return { at, t, i, turn, step: k, fence, what: "tool" as const };
    }),
  ];
  return acts.sort((a, b) => a.at - b.at);
}

/** Whether two starts were alive at the same time, as copies of one process. */
export const areRivals = (one: Incarnation, other: Incarnation): boolean =>
  one.i !== other.i &&
  one.process === other.process &&
  one.startMs < (other.exitMs ?? Number.POSITIVE_INFINITY) &&
  other.startMs < (one.exitMs ?? Number.POSITIVE_INFINITY);

/** Times in which two copies of one process were alive. */
export function sharedSpans({ incarnations, endMs }: HistoryIndex): Span[] {
  return incarnations.flatMap((one, index) =>
    incarnations.slice(index + 1).flatMap((other) => {
      if (!areRivals(one, other)) return [];
      const fromMs = Math.max(one.startMs, other.startMs);
      return { fromMs, toMs: Math.min(one.exitMs ?? endMs, other.exitMs ?? endMs) };
    }),
  );
}

/**
 * When a start stood still. How long it did is not known, but a process that stands still begins no request: what is read from it
 * so long after the proof was begun awake.
 */
export function frozenSpans({ faults }: HistoryIndex, { startMs, exitMs }: Incarnation): Span[] {
  return faults.flatMap(({ kind, firedMs, landed }) => {
    if (!FREEZING.has(kind) || firedMs === null || landed === null) return [];
    const hit = startMs < firedMs && (exitMs === null || exitMs > landed.event.t);
    return hit ? { fromMs: firedMs, toMs: landed.event.t + ARRIVED_MS } : [];
  });
}

interface Stop {
  readonly fault: FaultRecord;
  readonly firedMs: number;
  readonly provedMs: number;
  readonly stopped: ReadonlySet<number>;
  readonly successors: ReadonlySet<number>;
}

function stopsOf({ faults, incarnations }: HistoryIndex): Stop[] {
  return faults.flatMap((fault) => {
    const { kind, firedMs, landed, curedMs } = fault;
    if (!FREEZING.has(kind) || firedMs === null || landed === null) return [];
    const provedMs = landed.event.t;
    const stopped = incarnations.filter(
      ({ startMs, exitMs }) => startMs < firedMs && (exitMs === null || exitMs > provedMs),
    );
    const successors = incarnations.filter(
      (one) =>
        one.startMs >= firedMs &&
        // Who comes up after the stop is over succeeds nobody: the owner is awake and can be asked.
        one.startMs <= (curedMs ?? Number.POSITIVE_INFINITY) &&
        stopped.some((old) => areRivals(one, old)),
    );
    const numbers = (of: readonly Incarnation[]): Set<number> => new Set(of.map(({ i }) => i));
    if (successors.length === 0) return [];
    return { fault, firedMs, provedMs, stopped: numbers(stopped), successors: numbers(successors) };
  });
}

/** Whether nothing that A had not taken up before it was stopped can have come to it for the session. */
function isCutOff(session: SessionRecord, acts: readonly Act[], { firedMs, provedMs, stopped }: Stop): boolean {
  const begun = acts.findLast(({ t, i }) => t < firedMs && stopped.has(i));
  if (begun === undefined || (begun.turn.told?.event.t ?? Number.POSITIVE_INFINITY) < firedMs) return false;
  // A connection that was idle at the stop may be used again for a while.
  const untilMs = provedMs + IDLE_LIMIT_MS;
  const underWay = session.turns.flatMap((turn) =>
    [...turn.attempts, ...turn.others].flatMap(({ invoked, ended }) =>
      invoked.event.t < untilMs && (ended?.event.t ?? Number.POSITIVE_INFINITY) >= firedMs
        ? [{ turn, t: invoked.event.t }]
        : [],
    ),
  );
  const [only] = underWay;
  const read = session.reads.some(({ event }) => event.began < untilMs && event.t >= firedMs);
  if (underWay.length > 1 || read) return false;
  return only === undefined || (only.turn === begun.turn && begun.t >= only.t && only.t <= firedMs - TAKEN_UP_MS);
}

/** Whether an act of the stopped owner shows a higher fence than any that its successors had shown. */
function tookItBack(act: Act, acts: readonly Act[], { successors }: Stop): boolean {
  if (act.fence === undefined) return false;
  const shown = acts.flatMap(({ at, i, fence }) => (at < act.at && successors.has(i) ? (fence ?? []) : []));
  return shown.length > 0 && act.fence > Math.max(...shown);
}

function supersessionOf(session: SessionRecord, stop: Stop): Supersession | null {
  const acts = session.turns.flatMap(actsOf).sort((a, b) => a.at - b.at);
  const taken = acts.find(({ t, i }) => t > stop.provedMs && stop.successors.has(i));
  if (taken === undefined || !isCutOff(session, acts, stop)) return null;
  const after = acts.filter(({ at }) => at > taken.at);
  const late = after.filter(({ i }) => stop.stopped.has(i));
  return late.some((act) => tookItBack(act, acts, stop)) ? null : { fault: stop.fault, session, taken, late };
}

const known = new WeakMap<HistoryIndex, readonly Supersession[]>();

/** Every owner that was superseded, by fault and session; empty where none stood still while another came up. */
export function supersessionsOf(index: HistoryIndex): readonly Supersession[] {
  let found = known.get(index);
  if (found === undefined) {
    found = stopsOf(index).flatMap((stop) => index.sessions.flatMap((session) => supersessionOf(session, stop) ?? []));
    known.set(index, found);
  }
  return found;
}

/**
 * Lines of the World with the first request for a turn that an owner made after it had stood still, where a successor had acted for
 * the session meanwhile. Whether or not a client rightly asked for it, its owner cannot have known what was done before it woke.
 */
export function wakingActs(index: HistoryIndex): ReadonlySet<number> {
  const lines = new Set<number>();
  for (const { provedMs, stopped, successors } of stopsOf(index))
    for (const { turns } of index.sessions) {
      const takenMs = Math.min(
        ...turns.flatMap((turn) => actsOf(turn).flatMap(({ t, i }) => (t > provedMs && successors.has(i) ? t : []))),
      );
      for (const turn of turns) {
        const first = actsOf(turn).find(({ t, i }) => t > provedMs && stopped.has(i));
        if (first !== undefined && first.t > takenMs) lines.add(first.at);
      }
    }
  return lines;
}

/** Lines of the World with requests of superseded owners. */
export function lateActs(index: HistoryIndex): ReadonlySet<number> {
  return new Set(supersessionsOf(index).flatMap(({ late }) => late.map(({ at }) => at)));
}
