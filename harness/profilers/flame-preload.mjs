/**
 * Preloaded into processes that are profiled by flame, hence plain JavaScript: samples every isolate, worker threads included, from its
 * start to its end and writes one file for each, in pprof's format. What is killed leaves nothing.
 *
 * Workers are cut off when their process exits or somebody terminates them, and told nothing. So the main thread asks them to write
 * before that, and waits for it.
 */
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { BroadcastChannel, isMainThread, threadId, Worker } from "node:worker_threads";

const WORKERS_WITHIN_MS = 5_000;
const LOOK_EVERY_MS = 20;

const { DERBY_PROFILE_BY: profilerPath = "", DERBY_PROFILE_INTO: folder = "" } = process.env;
const { time } = createRequire(import.meta.url)(profilerPath);
const channel = new BroadcastChannel("derby-profile");
const sampling = `${process.pid}-`;
const markOf = (thread) => `${sampling}${thread}.sampling`;
const own = join(folder, `cpu-${process.pid}-${threadId}.pb`);
/** Is there while a worker has something to write. */
const mark = join(folder, markOf(threadId));
let written = false;

function write() {
  if (written) return;
  written = true;
  writeFileSync(own, time.stop().encode());
  rmSync(mark, { force: true });
}

/** @param thread a worker's, or "all" */
function awaitWorkers(thread) {
  channel.postMessage(thread);
  const someSample = () =>
    readdirSync(folder).some((name) =>
      thread === "all" ? name.startsWith(sampling) && name.endsWith(".sampling") : name === markOf(thread),
    );
  const limit = performance.now() + WORKERS_WITHIN_MS;
  const never = new Int32Array(new SharedArrayBuffer(4));
  while (someSample() && performance.now() < limit) Atomics.wait(never, 0, 0, LOOK_EVERY_MS);
}

time.start();
if (isMainThread) {
  const { terminate } = Worker.prototype;
  Worker.prototype.terminate = function terminateWritten() {
    awaitWorkers(this.threadId);
    return terminate.call(this);
  };
} else {
  writeFileSync(mark, "");
  channel.onmessage = ({ data: thread }) => {
    if (thread === "all" || thread === threadId) write();
  };
}
channel.unref();
// Before the sampler's own end at exit, which throws away what it has.
process.prependOnceListener("exit", () => {
  if (isMainThread) awaitWorkers("all");
  write();
});
