/** Promises as a table: one row per promise, one cell per runner. Promises: the order of the summary, and "kept" never without its exposures. */
import type { PromiseSummary, Summary } from "../harness/summary.ts";
import { count } from "./format.ts";

export interface PromiseTable {
  readonly runners: readonly string[];
  readonly rows: readonly { readonly promise: string; readonly cells: readonly (PromiseSummary | null)[] }[];
}

export function promiseTable(summary: Summary): PromiseTable {
  const runners = [...new Set(summary.promises.map((row) => row.runner))];
  const promises = [...new Set(summary.promises.map((row) => row.promise))];
  return {
    runners,
    rows: promises.map((promise) => ({
      promise,
      cells: runners.map(
        (runner) => summary.promises.find((row) => row.runner === runner && row.promise === promise) ?? null,
      ),
    })),
  };
}

/** What was promised, where it is more than yes: "exactly-once-with-keys", "process". */
export function promised(row: PromiseSummary): string | null {
  return row.vowed === null || row.vowed === "true" ? null : row.vowed;
}

/** "kept in 412", "broken", "not offered", "untested". */
export function promiseState(row: PromiseSummary): string {
  return row.state === "kept" ? `kept in ${count(row.exposures)}` : row.state;
}
