/** Summaries as they lie on disk: summary.json of a campaign's folder, or one that was kept by itself (a baseline). */
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "./errors.ts";
import type { Summary } from "./summary.ts";

/** Whether a summary holds what is compared. Those of earlier versions do not, and are made anew from their recordings. */
function isCurrent(summary: Partial<Summary>): summary is Summary {
  const results = summary.scenarios?.flatMap((scenario) => scenario.results) ?? [];
  return (
    summary.format === "agent-derby-summary/1" &&
    results.every(
      ({ overBlocks, trials }) => overBlocks !== undefined && trials.every(({ spectrum }) => spectrum !== undefined),
    )
  );
}

/**
 * The summary stored in a file or in a folder; null where a folder has none that can be used.
 * @throws UsageError for a file that holds none
 */
export function readStoredSummary(path: string): Summary | null {
  const isFile = existsSync(path) && statSync(path).isFile();
  const file = isFile ? path : join(path, "summary.json");
  if (!existsSync(file)) return null;
  let content: unknown = null;
  try {
    content = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    if (isFile) throw new UsageError(`${path} holds no JSON: ${(error as Error).message}`);
  }
  if (typeof content === "object" && content !== null && isCurrent(content as Partial<Summary>))
    return content as Summary;
  if (isFile)
    throw new UsageError(`${path} holds no summary of this version of agent-derby; compare the campaign's folder.`);
  return null;
}
