/**
 * How fast a runtime does the local tools that have a size: what `conform` measures, and what the plan sizes calls by where a
 * scenario wants equal time instead of equal work.
 */
import type { SizedTool } from "./scenario.ts";

/** The argument by which a tool is made to take longer, and what its time grows with. */
export interface Size {
  readonly argument: string;
  /** Plural, as in "1,200 kilobytes". */
  readonly unit: string;
  /** Where the argument counts rows of so many units each: the argument that says how many. */
  readonly rowsOf?: string;
}

export const SIZES: Readonly<Record<SizedTool, Size>> = {
  parse_document: { argument: "kilobytes", unit: "kilobytes" },
  search_memory: { argument: "vectors", unit: "components of vectors", rowsOf: "dimensions" },
  burn_cpu: { argument: "rounds", unit: "rounds" },
};

/** One tool on an idle runtime. */
export interface LocalTiming {
  readonly tool: SizedTool;
  /** What a call's time grows by for one more of {@link Size.unit}; above 0. What any call costs, whatever its size, is not in it. */
  readonly msPerUnit: number;
  /** The size it was timed at, in the same unit, and what the call took there, in milliseconds. */
  readonly units: number;
  readonly tookMs: number;
}
