/** Quantiles as cells of a table. Promises: "not enough" where samples are too few, ≥ where the true value is at least this, and always n. */
import type { TailQuantiles } from "../../harness/summary.ts";
import { count, durationOr, NOT_ENOUGH } from "../format.ts";
import { type Content, markup } from "./markup.ts";
import type { Cell, Column } from "./table.ts";

const NONE: TailQuantiles = { n: 0, p50: null, p90: null, p99: null, max: null, censored: 0 };

/** What the values are that are only bounded from below. */
export interface Censored {
  /** What they are called beside n. */
  readonly called: string;
  /** Where most values may be bounds, every quantile is one; else only the largest value. */
  readonly everyQuantile: boolean;
}

/** Turns that were still waiting at the end: few, and among the largest. */
export const PENDING: Censored = { called: "pending", everyQuantile: false };

function quantileCell(value: number | null, n: number, atLeast: boolean): Cell {
  if (n === 0) return { content: "–", tone: "quiet" };
  if (value === null) return { content: NOT_ENOUGH, tone: "quiet" };
  return `${atLeast ? "≥ " : ""}${durationOr(value)}`;
}

function samples({ n, censored }: TailQuantiles, called: string): Cell {
  if (n === 0) return { content: "0", tone: "quiet" };
  return censored === 0 ? count(n) : markup`${count(n)} <span class="aside">(${count(censored)} ${called})</span>`;
}

/** p50, p90, p99, max and n of one distribution of milliseconds. */
export function quantileCells(quantiles: TailQuantiles = NONE, { called, everyQuantile } = PENDING): readonly Cell[] {
  const { n, p50, p90, p99, max, censored } = quantiles;
  const bounded = censored > 0;
  return [
    ...[p50, p90, p99].map((value) => quantileCell(value, n, bounded && everyQuantile)),
    quantileCell(max, n, bounded),
    samples(quantiles, called),
  ];
}

/** The columns of `quantileCells`. */
export function quantileColumns(group: string): readonly Column[] {
  return ["p50", "p90", "p99", "max", "n"].map((head: Content) => ({ head, group }));
}
