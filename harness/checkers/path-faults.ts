/** Faults of paths: when the way between two processes was disturbed, so that what was sent and what was read tell different stories. */
import type { HistoryIndex } from "./history-index.ts";

/** Kinds whose `with.path` says which way they disturb, and the way they take without it. */
const KINDS: ReadonlySet<string> = new Set(["latency", "bandwidth", "reset", "half-open", "slow-close", "partition"]);
const DEFAULT_PATH = "model";
/** What was under way when a path was disturbed, or when its sender stopped, has arrived by so long after. */
export const ARRIVED_MS = 1_000;

/** A time in trial milliseconds. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Whether any of the spans shares an instant with the time between two others. */
export const overlaps = (spans: readonly Span[], fromMs: number, toMs: number): boolean =>
  spans.some((span) => span.fromMs <= toMs && span.toMs >= fromMs);

/** Times in which one of these paths was disturbed, and a while after. @param paths "client", "model", "tools", "database" */
export function disturbedSpans({ faults, endMs }: HistoryIndex, paths: readonly string[]): Span[] {
  return faults.flatMap(({ kind, plan, firedMs, curedMs }) => {
    const path = String(plan?.with.path ?? DEFAULT_PATH);
    if (!KINDS.has(kind) || firedMs === null || !paths.includes(path)) return [];
    return { fromMs: firedMs, toMs: (curedMs ?? endMs) + ARRIVED_MS };
  });
}
