/**
 * Repeats: completions bought again for a step that had been sold before, and whether the runtime could have helped it.
 * A completion is bought when its first token was written.
 */
import { WORLD_FAULTS } from "../world/faults/index.ts";
import type { HistoryIndex, Purchase, TurnRecord } from "./history-index.ts";
import { lateActs, wakingActs } from "./owners.ts";
import { overlaps, type Span } from "./path-faults.ts";

/**
 * provoked: the World had failed or spoiled what it said before. avoidable: something built on the earlier completion had already
 * arrived, so the runtime had it; or nothing had happened that could have taken it away. unavoidable: neither; and what a
 * superseded owner buys that cannot know it yet, while nothing that it does counts against its successor.
 */
export type RepeatKind = "provoked" | "unavoidable" | "avoidable";

/** One completion bought again. */
export interface Repeat {
  readonly purchase: Purchase;
  readonly kind: RepeatKind;
  /** Why, as the end of a sentence. */
  readonly because: string;
  /** Whether a client had asked for the turn again since the step was asked for before. */
  readonly askedAgain: boolean;
}

/** A unit that was told to die is given this long to be dead; its last requests may still arrive meanwhile. */
const CRASH_TAKES_MS = 1_000;

/** What could have taken a completion from the runtime. */
export interface Interruptions {
  /** Faults, crashes, ends of processes. */
  readonly spans: readonly Span[];
  /** Lines of the World with requests of owners that had been superseded, or had just woken. */
  readonly late: ReadonlySet<number>;
}

/** Collects what interrupted the runtime in a trial. */
export function interruptionsOf(index: HistoryIndex): Interruptions {
  const faults = index.faults.flatMap(({ firedMs, landed, readyMs }) =>
    firedMs === null || landed === null ? [] : [{ fromMs: firedMs, toMs: readyMs ?? landed.event.t }],
  );
  const crashes = index.crashes.map(({ event }) => ({ fromMs: event.t, toMs: event.t + CRASH_TAKES_MS }));
  const exits = index.exitsMs.map((ms) => ({ fromMs: ms, toMs: ms }));
  return { spans: [...faults, ...crashes, ...exits], late: new Set([...lateActs(index), ...wakingActs(index)]) };
}

/** Whether something interrupted the runtime between two instants. */
export const wasInterrupted = ({ spans }: Interruptions, fromMs: number, toMs: number): boolean =>
  overlaps(spans, fromMs, toMs);

/** Faults that leave an answer whole but make its calls worthless: what is built on it is a report of that. */
const SPOILING: ReadonlySet<string> = new Set(
  Object.entries(WORLD_FAULTS).flatMap(([kind, { act }]) => (act({}).does === "spoil" ? kind : [])),
);

/** What shows that the runtime had an earlier completion of this step when `beforeAt` (a line of the World) was read. */
function builtUpon(turn: TurnRecord, step: number, beforeAt: number, late: ReadonlySet<number>): string | null {
  const earlier = ({ at, event }: { at: number; event: { k: number } }): boolean =>
    event.k === step && at < beforeAt && !late.has(at);
  if (turn.tools.some(({ asked }) => earlier(asked))) return "a tool request built on it had arrived";
  if (turn.crashes.some(earlier)) return "a local call built on it had begun";
  const further = turn.asks.some(({ at, event }) => event.k > step && at < beforeAt && !late.has(at));
  return further ? "the next step had been asked for" : null;
}

function classify(
  turn: TurnRecord,
  { ask, step }: Purchase,
  interruptions: Interruptions,
): Pick<Repeat, "kind" | "because"> {
  const { late } = interruptions;
  if (late.has(ask.at)) return { kind: "unavoidable", because: "its owner had been superseded and could not know it" };
  const previousAsk = turn.asks.findLast(({ at, event }) => event.k === step && at < ask.at && !late.has(at));
  const previous = turn.purchases.findLast((one) => one.step === step && one.ask.at === previousAsk?.at);
  const spoiled = SPOILING.has(previousAsk?.event.fault ?? "");
  const built = spoiled ? null : builtUpon(turn, step, ask.at, late);
  if (built !== null) return { kind: "avoidable", because: built };
  if (turn.told !== null && turn.told.event.t < ask.event.t)
    return { kind: "avoidable", because: "the turn had been acknowledged" };
  if (previousAsk?.event.fault !== undefined || previous?.said?.event.end === "fault")
    return { kind: "provoked", because: "the model's answer before had failed" };
  const sinceMs = (previousAsk ?? ask).event.t;
  const interrupted = previousAsk?.event.i !== ask.event.i || wasInterrupted(interruptions, sinceMs, ask.event.t);
  return interrupted
    ? { kind: "unavoidable", because: "nothing built on it had been seen when the runtime was interrupted" }
    : { kind: "avoidable", because: "nothing had interrupted the runtime" };
}

/** Whether a client sent the turn between the request for the step before and this one. */
function wasAskedAgain({ asks, attempts, others }: TurnRecord, { ask, step }: Purchase): boolean {
  const sinceMs = asks.findLast(({ at, event }) => event.k === step && at < ask.at)?.event.t ?? ask.event.t;
  return [...attempts, ...others].some(({ invoked: { event } }) => event.t > sinceMs && event.t <= ask.event.t);
}

/** The completions of a turn that were bought again, in order. */
export function repeatsOf(turn: TurnRecord, interruptions: Interruptions): Repeat[] {
  const repeats: Repeat[] = [];
  // Purchases of a step are counted from 1: most turns have nothing that could be a repeat.
  if (!turn.purchases.some(({ number }) => number > 1)) return repeats;
  const boughtSteps = new Set<number>();
  for (const purchase of turn.purchases) {
    if (purchase.first === null) continue;
    if (boughtSteps.has(purchase.step))
      repeats.push({
        purchase,
        ...classify(turn, purchase, interruptions),
        askedAgain: wasAskedAgain(turn, purchase),
      });
    // What a superseded owner bought its successor never had.
    if (!interruptions.late.has(purchase.ask.at)) boughtSteps.add(purchase.step);
  }
  return repeats;
}
