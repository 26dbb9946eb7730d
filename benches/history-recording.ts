/** What it costs a witness to write its history, beside the plain way: stringify at once, write in blocks. Nanoseconds of one event. */
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DriverEvent, WorldEvent } from "../harness/history.ts";
import { HistoryWriter } from "../harness/history-writer.ts";
import { nearestRank } from "../harness/statistics/tail-quantiles.ts";

const ROUNDS = 300;
/** As many as a busy witness notes between two slices of encoding, and fewer than may wait. */
const PER_ROUND = 4_000;
const PLAIN_BLOCK_BYTES = 64 * 1024;

type Event = DriverEvent | WorldEvent;

export interface RecordingCost {
  /** The call of `append` alone. */
  readonly appendNs: number;
  /** Append, encode and write: all that the process spends. */
  readonly totalNs: number;
  /** The plain way, which spends it all within the call. */
  readonly plainNs: number;
}

/** The kinds that most of a history consists of, with stamps and names as real ones have them. */
function eventAt(index: number): Event {
  const t = Math.round((2489.827 + index * 0.371) * 1000) / 1000;
  const of = { t, s: `s${(index % 10_000).toString(36)}`, n: 1 + (index % 9) };
  switch (index % 8) {
    case 0:
      return { e: "invoke", ...of, a: 1 };
    case 1:
      return { e: "ok", ...of, a: 1, h: "wgv0lq.15" };
    case 2:
      return { e: "ask", ...of, k: 1, r: 1, p: 1, i: 1, links: [1, 2, 3], bytes: 4_321 };
    case 3:
      return { e: "first", ...of, k: 1, p: 1 };
    case 4:
      return { e: "said", ...of, k: 1, p: 1, tokens: 40, end: "done", h: "wgv0lq.15" };
    case 5:
      return { e: "tool", ...of, k: 1, c: 0, p: 1, name: "save_note", i: 1, key: "k-12-3" };
    case 6:
      return { e: "effect", ...of, k: 1, c: 0, p: 1, kind: "keyed", result: "applied" };
    default:
      return { e: "told", ...of, k: 1, c: 0, p: 1, status: 200 };
  }
}

function nsOf(work: () => void): number {
  const before = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - before) / PER_ROUND;
}

/** One round of the plain way. */
function writePlainly(file: number, events: readonly Event[]): void {
  let lines: string[] = [];
  let bytes = 0;
  const write = (): void => {
    const block = Buffer.from(lines.join(""));
    for (let at = 0; at < block.length; ) at += writeSync(file, block, at);
    lines = [];
    bytes = 0;
  };
  for (const event of events) {
    const line = `${JSON.stringify(event)}\n`;
    lines.push(line);
    bytes += line.length;
    if (bytes >= PLAIN_BLOCK_BYTES) write();
  }
  write();
}

const median = (values: readonly number[]): number =>
  nearestRank(
    [...values].sort((a, b) => a - b),
    0.5,
  );

/** Medians over rounds in which both ways take their turn, so that both meet the same machine. */
export function measureRecording(): RecordingCost {
  const folder = mkdtempSync(join(tmpdir(), "agent-derby-bench-"));
  const plain = openSync(join(folder, "plain.ndjson"), "a");
  const writer = new HistoryWriter<Event>(join(folder, "history.ndjson"), (error) => {
    throw error;
  });
  const [append, total, plainly]: [number[], number[], number[]] = [[], [], []];
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const events = Array.from({ length: PER_ROUND }, (_, index) => eventAt(round * PER_ROUND + index));
      const appendNs = nsOf(() => {
        for (const event of events) writer.append(event);
      });
      append.push(appendNs);
      total.push(appendNs + nsOf(() => writer.flush()));
      plainly.push(nsOf(() => writePlainly(plain, events)));
    }
    return { appendNs: median(append), totalNs: median(total), plainNs: median(plainly) };
  } finally {
    writer.close();
    closeSync(plain);
    rmSync(folder, { recursive: true });
  }
}
