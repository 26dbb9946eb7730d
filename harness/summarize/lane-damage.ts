/**
 * What was done to single sessions, and which of them is the worst of a trial. The order is fixed: who lost acknowledged turns, then
 * whose effects happened twice, then who has a turn without an answer, then whose completions were bought again without need, then
 * who waited longest. Of the same kind of damage those come first who had a turn pending when the fault struck, since there most can be
 * seen; then those with more of it; then the first by id.
 */
import { gapsIn, lastContext } from "../checkers/context.ts";
import { finalRead, shownBy } from "../checkers/final-read.ts";
import type { FaultRecord, HistoryIndex, SessionRecord, TurnRecord } from "../checkers/history-index.ts";
import { appliedByCall } from "../checkers/logical-calls.ts";
import { type Interruptions, repeatsOf } from "../checkers/repeats.ts";
import type { TurnFigures } from "./turn-figures.ts";

/** Counts of one session over the whole trial. */
export interface Damage {
  /** Acknowledged turns that its final read or its last model request does not show. */
  readonly lost: number;
  /** Calls whose effect was applied more than once. */
  readonly doubled: number;
  /** Turns that were asked for and had no answer when the trial ended. */
  readonly unanswered: number;
  /** Completions bought again although that could have been helped. */
  readonly avoidable: number;
  /** Longest overhead of a turn that met a fault, or where there was none of any turn under load; milliseconds. */
  readonly longestMs: number;
}

/** A turn in which damage shows, and when the fault behind it can have struck. Trial time. */
export interface Focus {
  readonly turn: TurnRecord | null;
  readonly fromMs: number;
  readonly toMs: number;
  /** Of several faults in between the one nearest to this instant is meant. */
  readonly nearMs: number;
}

/** It was there until it was acknowledged, and was gone when that showed: the last fault before took it. */
export function lossOf(turn: TurnRecord, shownMs: number): Focus {
  return { turn, fromMs: turn.told?.event.t ?? shownMs, toMs: shownMs, nearMs: shownMs };
}

/** Something was done in the turn that had been done before. */
export function againIn(turn: TurnRecord, shownMs: number): Focus {
  return { turn, fromMs: turn.enabled?.event.t ?? shownMs, toMs: shownMs, nearMs: shownMs };
}

/** The turn waited: for the first fault that it met. */
export function waitingOf(turn: TurnRecord): Focus {
  const fromMs = turn.enabled?.event.t ?? 0;
  return { turn, fromMs, toMs: turn.ended?.event.t ?? Number.POSITIVE_INFINITY, nearMs: fromMs };
}

/** The acknowledged turns of a session that are not there at the end, and when that of each was first to be seen (trial time). */
export type Gone = ReadonlyMap<number, number>;

/** @param readable whether the runtime offers reads; without them nobody can say what a read would show */
export function goneOf(index: HistoryIndex, session: SessionRecord, readable: boolean): Gone {
  const gone = new Map<number, number>();
  const read = readable ? finalRead(index, session) : null;
  const shown = read === null ? null : shownBy(read);
  if (read !== null && shown !== null) {
    const there = new Set(shown.map(([turn]) => turn));
    for (const { number, told } of session.turns)
      if (told !== null && told.event.t <= read.event.began && !there.has(String(number)))
        gone.set(number, read.event.t);
  }
  const last = lastContext(session);
  if (last !== null) for (const number of gapsIn(session, last.turn, last.ask).lost) gone.set(number, last.ask.event.t);
  if (gone.size === 0) return gone;
  for (const turn of session.turns)
    for (const ask of turn.asks)
      for (const number of ask.event.k === 1 ? gapsIn(session, turn, ask).lost : [])
        gone.set(number, Math.min(ask.event.t, gone.get(number) ?? ask.event.t));
  return gone;
}

/** The fault behind a focus; null where none can be. */
export function faultBehind({ faults }: HistoryIndex, { fromMs, toMs, nearMs }: Focus): FaultRecord | null {
  const distance = ({ firedMs }: FaultRecord): number => Math.abs((firedMs ?? 0) - nearMs);
  const possible = faults.filter(
    ({ firedMs, landed, readyMs }) =>
      firedMs !== null && landed !== null && firedMs <= toMs && (readyMs ?? Number.POSITIVE_INFINITY) >= fromMs,
  );
  return possible.reduce<FaultRecord | null>(
    (nearest, one) => (nearest === null || distance(one) < distance(nearest) ? one : nearest),
    null,
  );
}

/** The second application of a call's effect in this turn, for each call that has one. */
function secondEffects(turn: TurnRecord): number[] {
  if (turn.effects.length < 2) return [];
  const seconds = appliedByCall(turn).flatMap(([, second]) => second ?? []);
  return seconds.sort((a, b) => a.at - b.at).map(({ event }) => event.t);
}

/** One session with its damage, and where the gravest of it shows. */
export interface Harmed {
  readonly session: SessionRecord;
  readonly gone: Gone;
  readonly damage: Damage;
  readonly focus: Focus;
  /** Whether a turn was pending when the fault behind the focus struck. */
  readonly struck: boolean;
}

/** Whether a turn was pending at an instant of trial time. */
const wasPending = ({ enabled, ended }: TurnRecord, ms: number): boolean =>
  enabled !== null && enabled.event.t < ms && (ended?.event.t ?? Number.POSITIVE_INFINITY) > ms;

/** The turn that a fault cut short and that went on without memory, or not at all; there both can be seen at once. */
function cutShort({ faults }: HistoryIndex, figures: readonly TurnFigures[]): Focus | null {
  for (const { turn, intact } of figures)
    for (const { firedMs, landed } of faults)
      if (!intact && firedMs !== null && landed !== null && wasPending(turn, firedMs))
        return { ...waitingOf(turn), nearMs: firedMs };
  return null;
}

/** What sessions are weighed by. */
export interface Scales {
  readonly index: HistoryIndex;
  readonly readable: boolean;
  readonly interruptions: Interruptions;
}

/** Weighs one session. @param figures its turns */
export function harmOf(scales: Scales, session: SessionRecord, figures: readonly TurnFigures[]): Harmed {
  const { index } = scales;
  const gone = goneOf(index, session, scales.readable);
  const doubled = session.turns.flatMap((turn) => secondEffects(turn).map((shownMs) => againIn(turn, shownMs)));
  const unanswered = figures.filter(({ end }) => end !== "answered");
  const avoidable = session.turns.flatMap((turn) =>
    repeatsOf(turn, scales.interruptions)
      .filter(({ kind }) => kind === "avoidable")
      .map(({ purchase }) => againIn(turn, purchase.ask.event.t)),
  );
  const met = index.faults.some(({ landed }) => landed !== null);
  const weighed = figures.filter(({ phase }) => phase === "fault" || (!met && phase === "calm"));
  const slowest = weighed.reduce<TurnFigures | null>(
    (worst, one) => (worst === null || one.overheadMs > worst.overheadMs ? one : worst),
    null,
  );
  const lost = session.turns.find(({ number }) => gone.has(number));
  const [open] = unanswered;
  const foci: readonly (Focus | null | undefined)[] = [
    lost && (cutShort(index, figures) ?? lossOf(lost, gone.get(lost.number) ?? index.endMs)),
    doubled[0],
    open && waitingOf(open.turn),
    avoidable[0],
    slowest && waitingOf(slowest.turn),
  ];
  const damage = {
    lost: gone.size,
    doubled: doubled.length,
    unanswered: unanswered.length,
    avoidable: avoidable.length,
    longestMs: Math.round(Math.max(0, slowest?.overheadMs ?? 0)),
  };
  const asked = session.turns.find(({ attempts }) => attempts.length > 0);
  const nothing = { turn: null, fromMs: index.loadMs, toMs: index.endMs, nearMs: index.loadMs };
  const focus = foci.find((one) => one !== undefined && one !== null) ?? (asked ? waitingOf(asked) : nothing);
  const firedMs = faultBehind(index, focus)?.firedMs ?? null;
  const struck = firedMs !== null && session.turns.some((turn) => wasPending(turn, firedMs));
  return { session, gone, damage, focus, struck };
}

const COUNTS = ["lost", "doubled", "unanswered", "avoidable"] as const satisfies readonly (keyof Damage)[];

/** Place of the gravest kind of damage; lower is worse. */
const gravest = (damage: Damage): number => {
  const place = COUNTS.findIndex((kind) => damage[kind] > 0);
  return place < 0 ? COUNTS.length : place;
};

/** The worst session, or null where no session was asked anything. The order is that of this module's head. */
export function worstOf(harmed: readonly Harmed[]): Harmed | null {
  const weights = ({ damage, struck }: Harmed): readonly number[] => [
    -gravest(damage),
    struck ? 1 : 0,
    ...COUNTS.map((kind) => damage[kind]),
    damage.longestMs,
  ];
  let worst: { readonly one: Harmed; readonly weights: readonly number[] } | null = null;
  for (const one of harmed) {
    const own = weights(one);
    const differs = worst === null ? 0 : own.findIndex((weight, at) => weight !== worst?.weights[at]);
    // Sessions come in the order of their ids, so of equals the first stays.
    if (worst === null || (differs >= 0 && (own[differs] ?? 0) > (worst.weights[differs] ?? 0)))
      worst = { one, weights: own };
  }
  return worst?.one ?? null;
}
