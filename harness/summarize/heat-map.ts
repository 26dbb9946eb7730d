/**
 * The heat map of a trial: how many turns were answered in each second with how much overhead. What a median and a maximum per second
 * hide shows here: several modes, and how many turns the worst ones were. No count is ever lost, so the extremes stay, however long the trial.
 */
import type { TurnFigures } from "./turn-figures.ts";

/** Counts of answered turns by time and overhead. */
export interface Heat {
  /** Ascending edges of the buckets, in milliseconds: bucket 0 lies below the first, bucket i from edge i − 1 to edge i, the last from the last edge on. */
  readonly edgesMs: readonly number[];
  /** Seconds per column: 1, more in long trials. */
  readonly everyS: number;
  /** Per column from the start of the load: the lowest bucket that holds something, then the counts from there to the highest; empty where no turn was answered. */
  readonly columns: readonly (readonly number[])[];
}

/** Six buckets per decade from 1 ms to 100 s, at numbers that people read. */
export const HEAT_EDGES_MS: readonly number[] = [
  ...[1, 10, 100, 1_000, 10_000].flatMap((decade) => [1, 1.5, 2, 3, 5, 7].map((step) => decade * step)),
  100_000,
];
/** More columns than this no screen shows. */
const COLUMNS_MOST = 300;

/** The bucket of an overhead. */
export function bucketOf(overheadMs: number): number {
  const beyond = HEAT_EDGES_MS.findIndex((edge) => overheadMs < edge);
  return beyond < 0 ? HEAT_EDGES_MS.length : beyond;
}

function packed(counts: readonly number[]): number[] {
  const first = counts.findIndex((count) => count > 0);
  return first < 0 ? [] : [first, ...counts.slice(first, counts.findLastIndex((count) => count > 0) + 1)];
}

/** @param turns those that users brought @param secondOf index of the second of an instant, null outside the trial */
export function heatOf(turns: readonly TurnFigures[], seconds: number, secondOf: (ms: number) => number | null): Heat {
  const everyS = Math.max(1, Math.ceil(seconds / COLUMNS_MOST));
  const columns = Array.from({ length: Math.ceil(seconds / everyS) }, () =>
    new Array<number>(HEAT_EDGES_MS.length + 1).fill(0),
  );
  for (const { end, endMs, overheadMs } of turns) {
    const second = end === "answered" ? secondOf(endMs) : null;
    const column = second === null ? undefined : columns[Math.floor(second / everyS)];
    if (column === undefined) continue;
    const bucket = bucketOf(overheadMs);
    column[bucket] = (column[bucket] ?? 0) + 1;
  }
  return { edgesMs: HEAT_EDGES_MS, everyS, columns: columns.map(packed) };
}
