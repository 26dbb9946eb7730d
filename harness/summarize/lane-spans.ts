/**
 * What held the whole runtime up within a window, as one line: at each instant the most telling cause that is known, in the order of
 * `CAUSES`. Its being down is left out, since processes and faults tell it.
 */
import { CAUSES, type Cause } from "../observation.ts";
import type { CauseSpan } from "./cause-spans.ts";

/** Milliseconds from the lane's zero. */
export type LaneSpan = readonly [cause: Cause, fromMs: number, toMs: number];

/** Shorter pieces are what is left of one span between two others. */
const PIECE_LEAST_MS = 5;

/** @param at trial time as milliseconds from zero */
export function laneSpans(
  causes: readonly CauseSpan[],
  fromMs: number,
  toMs: number,
  at: (ms: number) => number,
): LaneSpan[] {
  const near = causes
    .filter((one) => one.cause !== "down" && one.fromMs < toMs && one.toMs > fromMs)
    .sort((a, b) => CAUSES.indexOf(a.cause) - CAUSES.indexOf(b.cause));
  const edges = [...new Set(near.flatMap((one) => [Math.max(one.fromMs, fromMs), Math.min(one.toMs, toMs)]))];
  edges.sort((a, b) => a - b);
  const pieces: { cause: Cause; fromMs: number; toMs: number }[] = [];
  edges.forEach((edge, place) => {
    const until = edges[place + 1];
    const first = near.find((one) => one.fromMs <= edge && one.toMs > edge);
    if (until === undefined || first === undefined) return;
    const last = pieces.at(-1);
    if (last?.cause === first.cause && last.toMs === edge) last.toMs = until;
    else pieces.push({ cause: first.cause, fromMs: edge, toMs: until });
  });
  return pieces
    .filter((piece) => piece.toMs - piece.fromMs >= PIECE_LEAST_MS)
    .map((piece) => [piece.cause, at(piece.fromMs), at(piece.toMs)]);
}
