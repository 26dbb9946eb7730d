/** Turns that did not end well, second by second: what goodput lacks, as series beside it. */
import type { TurnFigures } from "./turn-figures.ts";

/** One series per second of the trial; every number counts turns. Proof turns are left out. */
export interface Endings {
  /** Ended for good without an answer. */
  readonly failed: readonly number[];
  /** Certainly never accepted; in the second in which the last attempt was refused. */
  readonly refused: readonly number[];
  /** Never answered, but maybe accepted; in the second in which the last attempt ended. */
  readonly unknown: readonly number[];
  /** Ended after their deadline, however they ended (also counted above, or as answered). */
  readonly late: readonly number[];
}

/** A turn that was still open at the end of the trial has stopped for its user when nobody asked for it any more. */
function stoppedMs({ end, endMs, turn }: TurnFigures): number {
  return end === "open" ? (turn.attempts.at(-1)?.ended?.event.t ?? endMs) : endMs;
}

/** @param turns those that users brought @param secondOf index of the second of an instant, null outside the series */
export function endingsOf(
  turns: readonly TurnFigures[],
  seconds: number,
  secondOf: (ms: number) => number | null,
): Endings {
  const zeros = (): number[] => new Array<number>(seconds).fill(0);
  const series = { failed: zeros(), refused: zeros(), unknown: zeros(), late: zeros() };
  const byOutcome = { failed: series.failed, fail: series.refused, info: series.unknown, ok: null, unasked: null };
  for (const figures of turns) {
    const ms = stoppedMs(figures);
    // What is censored ends with the trial, at the end of its last second.
    const second = secondOf(ms) ?? secondOf(ms - 1);
    if (second === null) continue;
    const own = byOutcome[figures.turn.outcome];
    if (own !== null) own[second] = (own[second] ?? 0) + 1;
    if (figures.turn.late) series.late[second] = (series.late[second] ?? 0) + 1;
  }
  return series;
}
