/**
 * Histories on disk: append-only NDJSON. Appending costs one JSON.stringify; the file is written in blocks. What was flushed
 * before a crash is readable afterwards, and a line torn by the crash is left out.
 */
import { closeSync, existsSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { DriverEvent, History, TrialEvent, WorldEvent } from "./history.ts";
import { HISTORY_FILES } from "./history.ts";
import type { TrialPlan } from "./trial.ts";

const BLOCK_BYTES = 64 * 1024;
const FLUSH_EVERY_MS = 250;

/** Appends events of one witness to its file. A write that fails (a full disk) is reported once through `onError`; what was written stays. */
export class HistoryWriter<Event> {
  #lines: string[] = [];
  #bytes = 0;
  readonly #file: number | null;
  readonly #timer: NodeJS.Timeout | null;
  readonly #onError: (error: Error) => void;
  #broken = false;

  /** @param path the file, or null to keep nothing. */
  constructor(path: string | null, onError: (error: Error) => void) {
    this.#file = path === null ? null : openSync(path, "a");
    this.#onError = onError;
    this.#timer = path === null ? null : setInterval(() => this.flush(), FLUSH_EVERY_MS).unref();
  }

  append(event: Event): void {
    if (this.#file === null) return;
    const line = `${JSON.stringify(event)}\n`;
    this.#lines.push(line);
    this.#bytes += line.length;
    if (this.#bytes >= BLOCK_BYTES) this.flush();
  }

  flush(): void {
    if (this.#file === null || this.#bytes === 0 || this.#broken) return;
    const block = Buffer.from(this.#lines.join(""));
    this.#lines = [];
    this.#bytes = 0;
    try {
      for (let at = 0; at < block.length; ) at += writeSync(this.#file, block, at);
    } catch (error) {
      this.#broken = true;
      this.#onError(error as Error);
    }
  }

  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.flush();
    if (this.#file !== null) closeSync(this.#file);
  }
}

/** Events of a file in order; a torn last line is left out, a missing file is empty. */
export function readEvents<Event>(path: string): Event[] {
  if (!existsSync(path)) return [];
  const events: Event[] = [];
  const text = readFileSync(path, "utf8");
  for (let from = 0; from < text.length; ) {
    const end = text.indexOf("\n", from);
    if (end === -1) break;
    events.push(JSON.parse(text.slice(from, end)) as Event);
    from = end + 1;
  }
  return events;
}

/** The whole history of a recorded trial. */
export function readHistory(folder: string, plan: TrialPlan): History<TrialPlan> {
  return {
    plan,
    driver: readEvents<DriverEvent>(join(folder, HISTORY_FILES.driver)),
    world: readEvents<WorldEvent>(join(folder, HISTORY_FILES.world)),
    trial: readEvents<TrialEvent>(join(folder, HISTORY_FILES.trial)),
  };
}
