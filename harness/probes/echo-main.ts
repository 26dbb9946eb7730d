/**
 * The prober as a process of its own: `echo-main FOLDER` asks every process that listens there and appends what it finds to
 * `FOLDER/echo.ndjson`, at once. It sleeps between its steps without an event loop, which halves its price, so it hears of nothing
 * but the folder; it is ended by a signal, and ends by itself with the process that started it.
 */
import { openSync, readdirSync, writeSync } from "node:fs";
import { join } from "node:path";
import { monotonicMs } from "../clock.ts";
import { BLIND_FROM_MS, EchoWatch, PING_EVERY_MS, PipeLine } from "./echo.ts";
import { echoName } from "./observe.ts";

/** New starts, and the death of our parent, are looked for this often. */
const SCAN_EVERY_MS = 200;

interface Target {
  readonly watch: EchoWatch;
  readonly line: PipeLine;
}

const folder = process.argv[2] ?? "";
const parent = process.ppid;
const file = openSync(join(folder, "echo.ndjson"), "a");
const targets = new Set<Target>();
const done = new Set<string>();
const round = (ms: number): number => Math.round(ms * 1000) / 1000;
const write = (line: object): void => void writeSync(file, `${JSON.stringify(line)}\n`);

// A pipe without data is an exception here, a few hundred times in a long silence: its stack is of no use.
Error.stackTraceLimit = 0;

function scan(): void {
  for (const name of readdirSync(folder)) {
    const named = echoName(name);
    if (named === null || done.has(name)) continue;
    const line = PipeLine.open(join(folder, name.slice(0, -".ping".length)));
    if (line === null) continue;
    done.add(name);
    write({ e: "echo", at: round(monotonicMs()), ...named });
    const watch = new EchoWatch(line, monotonicMs, ({ fromMs, ms }) =>
      write({ e: "silence", at: round(fromMs), ms: round(ms), ...named }),
    );
    targets.add({ watch, line });
  }
}

function step(): void {
  for (const target of targets) {
    if (target.watch.step()) continue;
    targets.delete(target);
    target.line.close();
  }
}

const sleeper = new Int32Array(new SharedArrayBuffer(4));
let [dueMs, scannedMs, beforeMs] = [monotonicMs(), 0, monotonicMs()];
for (;;) {
  const nowMs = monotonicMs();
  if (nowMs - beforeMs >= BLIND_FROM_MS && targets.size > 0)
    write({ e: "unseen", at: round(beforeMs), ms: round(nowMs - beforeMs) });
  beforeMs = nowMs;
  if (nowMs - scannedMs >= SCAN_EVERY_MS) {
    if (process.ppid !== parent) break;
    scan();
    scannedMs = nowMs;
  }
  step();
  // Late steps are not made up for: what is asked late was asked late.
  dueMs = Math.max(dueMs + PING_EVERY_MS, monotonicMs() + 1);
  Atomics.wait(sleeper, 0, 0, dueMs - monotonicMs());
}
