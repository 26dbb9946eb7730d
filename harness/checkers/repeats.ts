/**
 * Repeats: completions bought again for a step that had been sold before, and whether the runtime could have helped it.
 * A completion is bought when its first token was written.
 */
import type { HistoryIndex, Purchase, TurnRecord } from "./history-index.ts";

/**
 * provoked: the World had failed the request before. avoidable: something built on the earlier completion had already
 * arrived, so the runtime had it; or nothing had happened that could have taken it away. unavoidable: neither.
 */
export type RepeatKind = "provoked" | "unavoidable" | "avoidable";

/** One completion bought again. */
export interface Repeat {
  readonly purchase: Purchase;
  readonly kind: RepeatKind;
  /** Why, as the end of a sentence. */
  readonly because: string;
}

/** A unit that was told to die is given this long to be dead; its last requests may still arrive meanwhile. */
const CRASH_TAKES_MS = 1_000;

/** Intervals in which something could have taken a completion from the runtime: faults, crashes, ends of processes. */
export type Interruptions = readonly { readonly fromMs: number; readonly toMs: number }[];

/** Collects what interrupted the runtime in a trial. */
export function interruptionsOf(index: HistoryIndex): Interruptions {
  const faults = index.faults.flatMap(({ firedMs, landed, readyMs }) =>
    firedMs === null || landed === null ? [] : [{ fromMs: firedMs, toMs: readyMs ?? landed.event.t }],
  );
  const crashes = index.crashes.map(({ event }) => ({ fromMs: event.t, toMs: event.t + CRASH_TAKES_MS }));
  return [...faults, ...crashes, ...index.exitsMs.map((ms) => ({ fromMs: ms, toMs: ms }))];
}

/** What shows that the runtime had an earlier completion of this step when `beforeAt` (a line of the World) was read. */
function builtUpon(turn: TurnRecord, step: number, beforeAt: number): string | null {
  const earlier = ({ at, event }: { at: number; event: { k: number } }): boolean => event.k === step && at < beforeAt;
  if (turn.tools.some(({ asked }) => earlier(asked))) return "a tool request built on it had arrived";
  if (turn.crashes.some(earlier)) return "a local call built on it had begun";
  if (turn.asks.some(({ at, event }) => event.k > step && at < beforeAt)) return "the next step had been asked for";
  return null;
}

function classify(turn: TurnRecord, purchase: Purchase, interruptions: Interruptions): Omit<Repeat, "purchase"> {
  const { ask, step } = purchase;
  const built = builtUpon(turn, step, ask.at);
  if (built !== null) return { kind: "avoidable", because: built };
  if (turn.acknowledged !== null && turn.acknowledged.event.t < ask.event.t)
    return { kind: "avoidable", because: "the turn had been acknowledged" };
  const previousAsk = turn.asks.findLast(({ at, event }) => event.k === step && at < ask.at);
  const previous = turn.purchases.findLast((one) => one.step === step && one.ask.at < ask.at);
  if (previousAsk?.event.fault !== undefined || previous?.said?.event.end === "fault")
    return { kind: "provoked", because: "the model's answer before had failed" };
  const sinceMs = (previousAsk ?? ask).event.t;
  const interrupted =
    previousAsk?.event.i !== ask.event.i ||
    interruptions.some(({ fromMs, toMs }) => fromMs <= ask.event.t && toMs >= sinceMs);
  return interrupted
    ? { kind: "unavoidable", because: "nothing built on it had been seen when the runtime was interrupted" }
    : { kind: "avoidable", because: "nothing had interrupted the runtime" };
}

/** The completions of a turn that were bought again, in order. */
export function repeatsOf(turn: TurnRecord, interruptions: Interruptions): Repeat[] {
  const boughtSteps = new Set<number>();
  const repeats: Repeat[] = [];
  for (const purchase of turn.purchases) {
    if (purchase.first === null) continue;
    if (boughtSteps.has(purchase.step)) repeats.push({ purchase, ...classify(turn, purchase, interruptions) });
    boughtSteps.add(purchase.step);
  }
  return repeats;
}
