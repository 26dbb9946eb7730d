/**
 * Histories on disk, read: NDJSON, as `history-writer.ts` writes it.
 *
 * Promises: files of any length are read, block by block; a line torn by a crash at the end is left out, one that is broken
 * anywhere else is an error that names it.
 */
import { closeSync, existsSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "./errors.ts";
import type { DriverEvent, History, TrialEvent, WorldEvent } from "./history.ts";
import { HISTORY_FILES } from "./history.ts";
import type { TrialPlan } from "./trial.ts";

/** Blocks that stay in a core's cache are read faster than large ones. */
const BLOCK_BYTES = 256 * 1024;
const NEWLINE = 0x0a;
const SHOWN_MOST = 80;

/** Whole lines of a file, many at a time; what follows the last newline is left out. */
function* wholeLines(path: string): Generator<string> {
  const file = openSync(path, "r");
  try {
    let block = Buffer.allocUnsafe(BLOCK_BYTES);
    let filled = 0;
    for (;;) {
      const read = readSync(file, block, filled, block.length - filled, null);
      if (read === 0) return;
      filled += read;
      const end = block.subarray(0, filled).lastIndexOf(NEWLINE);
      if (end !== -1) {
        yield block.toString("utf8", 0, end);
        block.copyWithin(0, end + 1, filled);
        filled -= end + 1;
      }
      if (filled === block.length) block = Buffer.concat([block], 2 * filled);
    }
  } finally {
    closeSync(file);
  }
}

/** @param before lines of the file before these */
function brokenLine(path: string, before: number, lines: readonly string[]): UsageError {
  const index = lines.findIndex((line) => !isJson(line));
  const shown = (lines[index] ?? "").slice(0, SHOWN_MOST);
  return new UsageError(
    `${path}, line ${before + index + 1}, is no event: ${JSON.stringify(shown)}. Only the last line of a history may be torn; this file was changed or damaged after it was written.`,
  );
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function linesIn(text: string): number {
  let lines = 1;
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) lines += 1;
  return lines;
}

/**
 * The events of whole lines, or null when a line is none. They are parsed all at once, as the items of an array, which takes
 * three quarters of the time; that each line was one item is counted, since two halves of an event may make one, too.
 */
function parsed<Event>(text: string): Event[] | null {
  try {
    const events = JSON.parse(`[${text.replaceAll("\n", ",")}]`) as Event[];
    return events.length === linesIn(text) ? events : null;
  } catch {
    return null;
  }
}

/**
 * Events of a file in order; a torn last line is left out, a missing file is empty.
 * @throws UsageError when a line before the last is no event
 */
export function readEvents<Event>(path: string): Event[] {
  const events: Event[] = [];
  if (!existsSync(path)) return events;
  for (const text of wholeLines(path)) {
    const block = parsed<Event>(text);
    if (block === null) throw brokenLine(path, events.length, text.split("\n"));
    for (const event of block) events.push(event);
  }
  return events;
}

/** The whole history of a recorded trial. @throws UsageError when a line of it is broken */
export function readHistory(folder: string, plan: TrialPlan): History<TrialPlan> {
  return {
    plan,
    driver: readEvents<DriverEvent>(join(folder, HISTORY_FILES.driver)),
    world: readEvents<WorldEvent>(join(folder, HISTORY_FILES.world)),
    trial: readEvents<TrialEvent>(join(folder, HISTORY_FILES.trial)),
  };
}
