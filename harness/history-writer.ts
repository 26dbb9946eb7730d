/**
 * Writing a history: append-only NDJSON, without holding up the witness that writes it.
 *
 * Promises: appending costs the caller one store into a ring (a benchmark holds it below 100 ns); encoding and writing happen
 * between the witness's own work, in slices of a millisecond. While its event loop turns, what a witness has appended is in its
 * file a quarter of a second later at the latest, however it is killed then; one that ends by itself leaves nothing behind.
 */
import { closeSync, openSync, writeSync } from "node:fs";
import { monotonicMs } from "./clock.ts";

/** Events that may wait to be encoded; beyond them the caller encodes some itself. A power of two. */
const WAITING_MOST = 16_384;
/** Events between two looks at the clock, and those that a caller encodes who meets a full ring. */
const BATCH = 64;
/** Short enough that most events are garbage before the collector has moved them anywhere. */
const ENCODE_EVERY_MS = 20;
const SLICE_MS = 1;
const WRITE_EVERY_MS = 100;
const WRITE_LENGTH = 64 * 1024;
/** Where the witness is so busy that slices do not keep up, everything older than this is encoded at once. */
const OVERDUE_MS = 150;

/** Writers that are open: flushed when the process ends, whoever ends it from within. */
const open = new Set<{ flush(): void }>();

function flushAll(): void {
  for (const writer of open) writer.flush();
}

/** Appends events of one witness to its file. A write that fails (a full disk) is reported once through `onError`; what was written stays. */
export class HistoryWriter<Event> {
  readonly #file: number | null;
  readonly #onError: (error: Error) => void;
  readonly #timer: NodeJS.Timeout | null = null;
  readonly #ring: (Event | undefined)[];
  /** Counts of events; those between them wait in the ring. */
  #appended = 0;
  #encoded = 0;
  /** Lines that are encoded and not yet written. */
  #lines = "";
  #next: NodeJS.Immediate | null = null;
  #caughtUpMs = monotonicMs();
  #writtenMs = monotonicMs();
  #broken = false;
  #closed = false;

  /** @param path the file, or null to keep nothing. */
  constructor(path: string | null, onError: (error: Error) => void) {
    this.#file = path === null ? null : openSync(path, "a");
    this.#onError = onError;
    this.#ring = new Array<Event | undefined>(path === null ? 0 : WAITING_MOST).fill(undefined);
    if (path === null) return;
    this.#timer = setInterval(() => this.#work(), ENCODE_EVERY_MS).unref();
    if (open.size === 0) process.on("exit", flushAll);
    open.add(this);
  }

  /** Takes an event, which must not change afterwards. After `close` nothing is kept. */
  append(event: Event): void {
    if (this.#file === null || this.#closed) return;
    if (this.#appended - this.#encoded === WAITING_MOST) this.#encode(BATCH);
    this.#ring[this.#appended % WAITING_MOST] = event;
    this.#appended += 1;
  }

  /** Writes everything that was appended. */
  flush(): void {
    while (this.#encoded < this.#appended) this.#encode(BATCH);
    this.#write();
  }

  /** Writes everything and closes the file. */
  close(): void {
    if (this.#file === null || this.#closed) return;
    if (this.#timer !== null) clearInterval(this.#timer);
    if (this.#next !== null) clearImmediate(this.#next);
    this.flush();
    this.#closed = true;
    open.delete(this);
    if (open.size === 0) process.off("exit", flushAll);
    closeSync(this.#file);
  }

  /** One slice of encoding; what is left has its turn after the events that the loop already holds. */
  #work(): void {
    if (this.#next !== null) clearImmediate(this.#next);
    this.#next = null;
    const beganMs = monotonicMs();
    const overdue = beganMs - this.#caughtUpMs > OVERDUE_MS;
    let nowMs = beganMs;
    while (this.#encoded < this.#appended && (overdue || nowMs - beganMs < SLICE_MS)) {
      this.#encode(BATCH);
      nowMs = monotonicMs();
    }
    if (this.#encoded < this.#appended) this.#next = setImmediate(() => this.#work());
    else this.#caughtUpMs = nowMs;
    if (nowMs - this.#writtenMs >= WRITE_EVERY_MS) this.#write();
  }

  #encode(most: number): void {
    const end = Math.min(this.#appended, this.#encoded + most);
    for (; this.#encoded < end; this.#encoded++) {
      const place = this.#encoded % WAITING_MOST;
      this.#lines += `${JSON.stringify(this.#ring[place])}\n`;
      this.#ring[place] = undefined;
    }
    if (this.#lines.length >= WRITE_LENGTH) this.#write();
  }

  #write(): void {
    if (this.#file === null || this.#lines === "") return;
    const bytes = Buffer.from(this.#lines);
    this.#lines = "";
    this.#writtenMs = monotonicMs();
    if (this.#broken) return;
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at);
    } catch (error) {
      this.#broken = true;
      this.#onError(error as Error);
    }
  }
}
