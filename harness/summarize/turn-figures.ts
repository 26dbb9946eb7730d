/** The figures of single turns, from which latency, recovery and timeline are made. All times in milliseconds. */
import { isIntact } from "../checkers/context.ts";
import type { HistoryIndex, SessionRecord, TurnRecord } from "../checkers/history-index.ts";
import { scriptOf } from "../checkers/logical-calls.ts";
import { keptAtProxy } from "../checkers/step-sample.ts";
import { phaseAt } from "../checkers/trial-facts.ts";
import type { Phase } from "../history.ts";
import { PHASES } from "../history.ts";
import type { TrialPlan } from "../trial.ts";
import { floorMs } from "../world/script.ts";
import { owedSpans } from "./owed.ts";

/** One offered turn in figures. */
export interface TurnFigures {
  readonly turn: TurnRecord;
  readonly session: SessionRecord;
  readonly proof: boolean;
  /** The phase it belongs to: see `phaseOf`. */
  readonly phase: Phase;
  readonly enabledMs: number;
  /** answered: a 200 with an output. failed: ended for good without one. open: had not ended when the trial did. */
  readonly end: "answered" | "failed" | "open";
  /** When it ended, or for an open turn when the trial did. */
  readonly endMs: number;
  readonly floorMs: number;
  /** end − enabled; of an open turn its age. */
  readonly latencyMs: number;
  /** latency − floor − the time for which the World held the turn for a fault, which is script; may be negative. */
  readonly overheadMs: number;
  /** latency − union of the intervals in which the World owed this turn a frame or an answer. */
  readonly holdingMs: number;
  /** answer − first byte written of the successful attempt; null if there was none. */
  readonly serviceMs: number | null;
  readonly intact: boolean;
  /** A second client had it begun before its own client wanted it: how long that one waited says nothing. */
  readonly begunBefore: boolean;
}

interface Interval {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Length of the union of intervals. */
export function unionMs(intervals: readonly Interval[]): number {
  let length = 0;
  let reachedMs = Number.NEGATIVE_INFINITY;
  for (const { fromMs, toMs } of intervals.toSorted((a, b) => a.fromMs - b.fromMs)) {
    length += Math.max(0, toMs - Math.max(fromMs, reachedMs));
    reachedMs = Math.max(reachedMs, toMs);
  }
  return length;
}

/** How long the World owed this turn something until it ended, or the proxy kept what was there. */
function owedMs(turn: TurnRecord, kept: readonly Interval[], toMs: number): number {
  const owed = owedSpans(turn, toMs);
  for (const span of kept) owed.push({ fromMs: span.fromMs, toMs: Math.min(span.toMs, toMs), blockedMs: 0 });
  const blockedMs = owed.reduce((sum, span) => sum + span.blockedMs, 0);
  return Math.max(0, unionMs(owed) - blockedMs);
}

/** How long the turn was held at a step until it ended. @param kept when the proxy did so */
function heldMs({ holds }: TurnRecord, kept: readonly Interval[], toMs: number): number {
  if (holds.length === 0 && kept.length === 0) return 0;
  const byWorld = holds.map(({ held, released }) => ({ fromMs: held.event.t, toMs: released?.event.t ?? toMs }));
  const ended = (ms: number): number => Math.min(ms, toMs);
  return unionMs([...byWorld, ...kept].map((span) => ({ fromMs: ended(span.fromMs), toMs: ended(span.toMs) })));
}

/**
 * Before the fault phase a turn belongs to the phase in which its script would have ended it: one that was to end after the
 * fault had begun has met the fault. From then on it belongs to the phase in which it was enabled. This looks at the plan alone,
 * never at how the turn went, so that calm is not made of survivors. Opening turns are warm-up by definition.
 */
function phaseOf(
  index: HistoryIndex,
  { phases }: TrialPlan,
  enabledMs: number,
  idealMs: number,
  opening: boolean,
): Phase {
  const enabledIn = phaseAt(index.phases, enabledMs) ?? "warmup";
  if (opening || PHASES.indexOf(enabledIn) >= PHASES.indexOf("fault")) return enabledIn;
  const endsIn = phaseAt(index.phases, idealMs) ?? enabledIn;
  if (PHASES.indexOf(endsIn) < PHASES.indexOf("fault")) return endsIn;
  // Where the scenario has no fault phase there is nothing to meet behind calm.
  return phases.faultMs === 0 ? "calm" : "fault";
}

function figuresOf(plan: TrialPlan, index: HistoryIndex, session: SessionRecord, turn: TurnRecord): TurnFigures | null {
  const script = scriptOf(plan, turn);
  if (turn.enabled === null || turn.attempts.length === 0 || script === null) return null;
  const { t: enabledMs, kind } = turn.enabled.event;
  const floor = floorMs(script);
  const end = turn.outcome === "ok" ? "answered" : turn.outcome === "failed" ? "failed" : "open";
  const endMs = (turn.acknowledged ?? turn.ended ?? turn.censored)?.event.t ?? index.endMs;
  const latencyMs = endMs - enabledMs;
  const kept = keptAtProxy(index, turn);
  const successful = turn.attempts.find(({ ended }) => ended?.event.e === "ok");
  return {
    turn,
    session,
    proof: kind === "proof",
    phase: phaseOf(index, plan, enabledMs, enabledMs + floor, kind === "opening"),
    enabledMs,
    end,
    endMs,
    floorMs: floor,
    latencyMs,
    overheadMs: latencyMs - floor - heldMs(turn, kept, endMs),
    holdingMs: latencyMs - owedMs(turn, kept, endMs),
    serviceMs: successful === undefined ? null : endMs - successful.invoked.event.t,
    intact: isIntact(session, turn),
    begunBefore: turn.others.some(({ invoked, ended }) => invoked.event.t < enabledMs && ended?.event.e !== "fail"),
  };
}

/** Turns whose times are those of the runtime at work. */
export const timed = (turns: readonly TurnFigures[]): TurnFigures[] => turns.filter(({ begunBefore }) => !begunBefore);

/** Figures of the offered turns of one session. Turns that were due but never asked for are not offered. */
export function sessionFigures(plan: TrialPlan, index: HistoryIndex, session: SessionRecord): TurnFigures[] {
  return session.turns.flatMap((turn) => figuresOf(plan, index, session, turn) ?? []);
}

/** Figures of all offered turns, by session and turn. */
export function turnFigures(plan: TrialPlan, index: HistoryIndex): TurnFigures[] {
  return index.sessions.flatMap((session) => sessionFigures(plan, index, session));
}
