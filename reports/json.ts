/**
 * The stable writing of summary.json. Promises: keys in alphabetical order whatever the order in which they were set, two spaces,
 * one trailing newline; so the same summary gives the same bytes, and two summaries can be compared line by line.
 */

import type { Comparison } from "../harness/compare/comparison.ts";
import { assert } from "../harness/errors.ts";
import type { Summary } from "../harness/summary.ts";

/** The value with the keys of every object in alphabetical order. Numbers that JSON cannot hold are our own bug, not a null. */
function ordered(value: unknown): unknown {
  if (typeof value === "number") assert(Number.isFinite(value), "a summary holds a number that is not finite");
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(entries.map(([key, inner]) => [key, ordered(inner)]));
}

/** The text of summary.json, or of a comparison. */
export function renderJson(content: Summary | Comparison): string {
  return `${JSON.stringify(ordered(content), null, 2)}\n`;
}
