/**
 * Stalls: the largest share of sessions that were silent in one and the same window of 100 ms.
 *
 * A session is *silent* in a window if through all of it a turn was pending, the World owed that turn nothing, and nothing came
 * from the runtime: no request to the model or a tool, no text, no answer; so the runtime had the ball and did not move. What
 * its client does meanwhile (asks again, is refused, gives up) moves nothing. The World owes from a request read to its answer
 * written (as in holding time); a scripted `sleep` is owed by nobody while it lasts. Work on other local tools, and the waits
 * before another try at the model, are the runtime's and count: its client hears nothing then. While the World streams, a
 * session is not silent even if the runtime passes nothing on; that shows as a token gap.
 *
 * Two denominators: sessions *pending* through the window (who could be silent at all: of them, windows with at least ten are
 * judged) and all *live* ones, thinking included (arrived, not left). Windows begin at multiples of 100 ms of trial time and
 * belong to the phase that holds all of them. The proof round is no load and has no stall: its sessions have mostly left.
 */
import type { HistoryIndex, SessionRecord, TurnRecord } from "../checkers/history-index.ts";
import { scriptOf } from "../checkers/logical-calls.ts";
import { sleeps } from "../checkers/timers.ts";
import type { Phase } from "../history.ts";
import { round } from "../statistics/round.ts";
import type { TrialPlan } from "../trial.ts";
import { owedSpans } from "./owed.ts";
import { type TurnFigures, turnFigures } from "./turn-figures.ts";

/** Length of a window. */
export const WINDOW_MS = 100;
/** A sum of times may be off by its last digits. */
const SPARE_MS = 1;
/** With fewer pending sessions a window is not judged by their share: one that waits a moment would be all of them. */
export const PENDING_LEAST = 10;

/** The window of 100 ms with the largest share of silent sessions. */
export interface Stall {
  /** silent / of, 0 to 1. */
  readonly share: number;
  readonly silent: number;
  readonly of: number;
  /** When the window begins, in seconds from the start of the load, like the timeline's. */
  readonly atS: number;
}

/** The worst windows of one phase. */
export interface StallSummary {
  readonly phase: Phase;
  /** Among sessions with a turn pending through the window; null where there were never ten of them. */
  readonly ofPending: Stall | null;
  /** Among all live sessions, thinking included. */
  readonly ofLive: Stall | null;
}

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Counts spans per window that they cover wholly; spans are added in any order and cost the same whatever their length. */
class Coverage {
  readonly #changes: Int32Array;

  constructor(endMs: number) {
    this.#changes = new Int32Array(Math.max(0, Math.ceil(endMs / WINDOW_MS)) + 2);
  }

  add({ fromMs, toMs }: Span): void {
    const first = Math.max(0, Math.ceil(fromMs / WINDOW_MS - 1e-9));
    const beyond = Math.min(this.#changes.length - 1, Math.floor(toMs / WINDOW_MS + 1e-9));
    if (beyond <= first) return;
    this.#changes[first] = (this.#changes[first] ?? 0) + 1;
    this.#changes[beyond] = (this.#changes[beyond] ?? 0) - 1;
  }

  counts(): Int32Array {
    let sum = 0;
    return this.#changes.map((change) => {
      sum += change;
      return sum;
    });
  }
}

/** When the World owed this turn something, or its script let it sleep. */
function excused(plan: TrialPlan, turn: TurnRecord, endMs: number): Span[] {
  const spans: Span[] = owedSpans(turn, endMs);
  const cohort = plan.definition.cohorts[turn.cohort];
  if (cohort === undefined || !sleeps(cohort)) return spans;
  const script = scriptOf(plan, turn);
  for (const { said, step } of turn.purchases) {
    let sleepMs = 0;
    for (const call of script?.steps[step - 1]?.calls ?? []) if (call.local) sleepMs = Math.max(sleepMs, call.takesMs);
    if (said !== null && sleepMs > 0) spans.push({ fromMs: said.event.t, toMs: said.event.t + sleepMs });
  }
  return spans;
}

/** Instants at which something came from the runtime and that need not begin a debt of the World, as spans without a length. */
function actsOf(turn: TurnRecord): Span[] {
  const acts: Span[] = [];
  const add = (ms: number | undefined): void => {
    if (ms !== undefined) acts.push({ fromMs: ms, toMs: ms });
  };
  for (const { event } of turn.asks) add(event.t);
  for (const { event } of turn.crashes) add(event.t);
  for (const { first } of turn.attempts) add(first?.event.t);
  return acts;
}

/** The spans within [fromMs, toMs] in which a pending turn was left alone by the runtime. */
export function silentSpans(plan: TrialPlan, turn: TurnRecord, { fromMs, toMs }: Span): Span[] {
  const breaks = [...excused(plan, turn, toMs), ...actsOf(turn)];
  breaks.sort((a, b) => a.fromMs - b.fromMs);
  breaks.push({ fromMs: toMs, toMs });
  const silent: Span[] = [];
  let reachedMs = fromMs;
  for (const span of breaks) {
    const untilMs = Math.min(span.fromMs, toMs);
    if (untilMs > reachedMs) silent.push({ fromMs: reachedMs, toMs: untilMs });
    reachedMs = Math.max(reachedMs, span.toMs);
  }
  return silent;
}

/** When a turn was pending: from enabled to the client's answer. */
function pendingSpan(index: HistoryIndex, turn: TurnRecord): Span | null {
  if (turn.enabled === null) return null;
  const endMs = (turn.ended ?? turn.censored)?.event.t ?? index.endMs;
  return { fromMs: turn.enabled.event.t, toMs: endMs };
}

function liveSpan(index: HistoryIndex, { arrivedMs, leftMs }: SessionRecord): Span | null {
  return arrivedMs === null ? null : { fromMs: arrivedMs, toMs: leftMs ?? index.endMs };
}

/** The window with the largest share; the earliest of equals. Null if none had enough sessions. */
function worst(
  silent: Int32Array,
  of: Int32Array,
  least: number,
  { from, beyond, loadMs }: { readonly from: number; readonly beyond: number; readonly loadMs: number },
): Stall | null {
  let stall: Stall | null = null;
  for (let window = from; window < beyond; window++) {
    const among = of[window] ?? 0;
    const share = round((silent[window] ?? 0) / Math.max(1, among), 4);
    if (among < least || (stall !== null && share <= stall.share)) continue;
    stall = { share, silent: silent[window] ?? 0, of: among, atS: round((window * WINDOW_MS - loadMs) / 1000, 1) };
  }
  return stall;
}

/**
 * The worst window of every phase. Near-linear in the events of the trial.
 * @param figures of its turns, by session and turn
 */
export function stallsOf(
  plan: TrialPlan,
  index: HistoryIndex,
  figures: readonly TurnFigures[] = turnFigures(plan, index),
): StallSummary[] {
  const [silent, pending, live] = Array.from({ length: 3 }, () => new Coverage(index.endMs)) as [
    Coverage,
    Coverage,
    Coverage,
  ];
  let next = 0;
  for (const session of index.sessions) {
    const present = liveSpan(index, session);
    if (present !== null) live.add(present);
    for (const turn of session.turns) {
      const known = figures[next]?.turn === turn ? figures[next++] : undefined;
      const span = pendingSpan(index, turn);
      if (span === null) continue;
      pending.add(span);
      // Who never had the ball for the length of a window was silent in none, and that is nearly every turn.
      if (known !== undefined && known.holdingMs < WINDOW_MS - SPARE_MS) continue;
      for (const quiet of silentSpans(plan, turn, span)) silent.add(quiet);
    }
  }
  const [silentIn, pendingIn, liveIn] = [silent.counts(), pending.counts(), live.counts()];
  return index.phases.flatMap(({ phase, fromMs, toMs }) => {
    if (phase === "proof" || phase === "end") return [];
    const from = Math.max(0, Math.ceil(fromMs / WINDOW_MS));
    const beyond = Math.floor(toMs / WINDOW_MS);
    if (beyond <= from) return [];
    const windows = { from, beyond, loadMs: index.loadMs };
    const ofPending = worst(silentIn, pendingIn, PENDING_LEAST, windows);
    return { phase, ofPending, ofLive: worst(silentIn, liveIn, 1, windows) };
  });
}
