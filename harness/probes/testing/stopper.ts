/**
 * Stops and continues a process at seeded random instants, as a process of its own, so that nobody else knows when:
 * `stopper PID SEED COUNT FILE`. Writes one line per stall, [from, to] on CLOCK_MONOTONIC in milliseconds: stamped after the stop and
 * before the continuation, so that in all of it the process was stopped.
 */
import { appendFileSync } from "node:fs";
import { monotonicMs } from "../../clock.ts";
import { raise } from "../../processes/priority.ts";
import { draw, randomOf, uniform } from "../../random.ts";

/** Lengths as asked for: from 20 to 200 ms. */
const STALL_MS = uniform(20, 200);
const BETWEEN_MS = uniform(50, 250);

// Where it is allowed, stalls are made as long as they were asked for, whatever else runs here.
raise(process.pid, -20);
const [pid = 0, seed = 0, count = 0] = process.argv.slice(2, 5).map(Number);
const file = process.argv[5] ?? "";
const random = randomOf(seed, "stopper");
const sleeper = new Int32Array(new SharedArrayBuffer(4));

const parent = process.ppid;

for (let n = 0; n < count && process.ppid === parent; n++) {
  Atomics.wait(sleeper, 0, 0, draw(BETWEEN_MS, random));
  const lengthMs = draw(STALL_MS, random);
  process.kill(pid, "SIGSTOP");
  const fromMs = monotonicMs();
  Atomics.wait(sleeper, 0, 0, lengthMs);
  const toMs = monotonicMs();
  process.kill(pid, "SIGCONT");
  appendFileSync(file, `${JSON.stringify([fromMs, toMs])}\n`);
}
