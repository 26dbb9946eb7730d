/** The load of benches/world.ts: many raw connections that read one stream each, as cheaply as can be. Spoken to over IPC. */
import { connect, type Socket } from "node:net";
import { build } from "hdr-histogram-js";
import { monotonicMs } from "../harness/clock.ts";
import { INPUT_KINDS, writeMarker } from "../harness/identity.ts";
import { quantilesOf } from "../harness/statistics/interval-recorder.ts";
import type { Quantiles } from "../harness/trial.ts";

/** When frame i of a stream is due: firstTokenMs + i × gapMs after the request. */
export interface Pace {
  readonly firstTokenMs: number;
  readonly gapMs: number;
  readonly frames: number;
  /** Events before the first one that has a due time of its own; they come together with it. */
  readonly eventsBeforeFirst: number;
}

export type ToClient = {
  readonly type: "load";
  readonly port: number;
  readonly path: string;
  readonly streams: number;
  readonly rampMs: number;
  readonly pace: Pace;
};
export type FromClient = {
  readonly type: "done";
  readonly readLateMs: Quantiles;
  readonly firstTokenMs: Quantiles;
  readonly totalMs: Quantiles;
};

/** Frames are looked at one by one in one of so many streams; of the others only the first and the last byte count. */
const LOOK_AT_EVERY = 16;
const LAST_CHUNK = Buffer.from("0\r\n\r\n");
const NEWLINE = 0x0a;

const histogram = () =>
  build({ bitBucketSize: 32, numberOfSignificantValueDigits: 3, highestTrackableValue: 3_600_000_000 });
const [readLate, firstToken, total] = [histogram(), histogram(), histogram()];
const record = (into: typeof readLate, ms: number): void => into.recordValue(Math.max(0, Math.round(ms * 1000)));

function requestOf(path: string, index: number): string {
  const session = `s${index.toString(36)}`;
  const marker = writeMarker({ session, turn: 1, step: 0, call: INPUT_KINDS.ordinary, purchase: 0 });
  const messages = [{ role: "user", content: `${marker} tell me` }];
  const body = JSON.stringify({ model: "any", stream: true, messages });
  const head = `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer any\r\n`;
  return `${head}content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
}

/** Counts events by the blank lines that end them and compares each with its due time. */
function lookAt(socket: Socket, sentMs: number, pace: Pace): void {
  let events = -pace.eventsBeforeFirst;
  let previous = 0;
  socket.on("data", (piece: Buffer) => {
    const nowMs = monotonicMs();
    for (const byte of piece) {
      if (byte === NEWLINE && previous === NEWLINE) {
        if (events >= 0 && events < pace.frames)
          record(readLate, nowMs - (sentMs + pace.firstTokenMs + events * pace.gapMs));
        events++;
      }
      previous = byte;
    }
  });
}

function readStream({ port, path, pace }: ToClient, index: number, over: () => void): void {
  const socket = connect(port, "127.0.0.1");
  let first = true;
  socket.once("connect", () => {
    const sentMs = monotonicMs();
    socket.write(requestOf(path, index));
    if (index % LOOK_AT_EVERY === 0) lookAt(socket, sentMs, pace);
    socket.on("data", (piece: Buffer) => {
      if (first) record(firstToken, monotonicMs() - sentMs);
      first = false;
      if (piece.length < LAST_CHUNK.length || !piece.subarray(-LAST_CHUNK.length).equals(LAST_CHUNK)) return;
      record(total, monotonicMs() - sentMs);
      socket.destroy();
      over();
    });
  });
}

function load(settings: ToClient): void {
  const { streams, rampMs } = settings;
  let open = streams;
  const over = (): void => {
    open--;
    if (open > 0) return;
    const [readLateMs, firstTokenMs, totalMs] = [readLate, firstToken, total].map(quantilesOf);
    if (readLateMs && firstTokenMs && totalMs) process.send?.({ type: "done", readLateMs, firstTokenMs, totalMs });
  };
  for (let index = 0; index < streams; index++)
    setTimeout(() => readStream(settings, index, over), (index * rampMs) / streams);
}

process.on("message", load);
process.on("disconnect", () => process.exit(0));
