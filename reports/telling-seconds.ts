/** Which seconds of a long trial a table shows. Promises: no extreme is left out, and a shown second shows what was measured in it, never a mean. */
import type { Timeline } from "../harness/summary.ts";

/** Rows that a reader still scrolls through. */
export const SECOND_ROWS_MOST = 300;

const MISSING = Number.NaN;

/** The second of [from, to) with the largest value, and the earliest of equals; null where no value is known. */
function highest(from: number, to: number, value: (second: number) => number): number | null {
  let best: number | null = null;
  for (let second = from; second < to; second++)
    if (!Number.isNaN(value(second)) && (best === null || value(second) > value(best))) best = second;
  return best;
}

/**
 * All seconds of a short trial. Of a long one, of each stretch of equal length the seconds with the fewest and the most intact answers,
 * with the largest overhead and with the most turns pending.
 */
export function tellingSeconds(timeline: Timeline, most = SECOND_ROWS_MOST): readonly number[] {
  const { seconds, intact, overheadMaxMs, pending } = timeline;
  if (seconds <= most) return Array.from({ length: seconds }, (_, second) => second);
  const figures = [
    (second: number) => -(intact[second] ?? MISSING),
    (second: number) => intact[second] ?? MISSING,
    (second: number) => overheadMaxMs[second] ?? MISSING,
    (second: number) => pending[second] ?? MISSING,
  ];
  const length = Math.ceil(seconds / Math.floor(most / figures.length));
  const chosen = new Set<number>();
  for (let from = 0; from < seconds; from += length)
    for (const figure of figures) {
      const second = highest(from, Math.min(seconds, from + length), figure);
      if (second !== null) chosen.add(second);
    }
  return [...chosen].sort((a, b) => a - b);
}
