/**
 * Preloaded into the processes of runtimes that run on Node (20 and newer) or Bun, hence plain JavaScript. In every isolate, worker threads
 * included, it notes garbage collections, stalls of the event loop, and once a second heap and utilisation; in the first process of
 * a start it also beats (`heartbeat.ts`). It writes in batches, keeps nothing alive, and gives up silently when its
 * files cannot be written, since an observer must not break what it observes. What a kill -9 interrupts is lost up to one batch.
 */
import { closeSync, constants as flags, openSync, writeSync } from "node:fs";
import { constants, PerformanceObserver, performance } from "node:perf_hooks";
import { getHeapStatistics } from "node:v8";
import { isMainThread, threadId } from "node:worker_threads";

const KINDS = {
  [constants.NODE_PERFORMANCE_GC_MAJOR]: "major",
  [constants.NODE_PERFORMANCE_GC_MINOR]: "minor",
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL]: "incremental",
  [constants.NODE_PERFORMANCE_GC_WEAKCB]: "weak",
};
/** An iteration of the loop whose callbacks ran at least this long is a stall. */
const STALL_MS = 20;
/** The loop is looked at this often, and the heartbeat sent. */
const LOOK_EVERY_MS = 10;
/** Every so many looks the time spent waiting is asked for. */
const ASK_EVERY = 10;
const WRITE_EVERY_MS = 250;
const HEAP_EVERY_MS = 1000;

/** Bun runs this too, without collections, and with clocks and times of idling that are not Node's. */
const isNode = process.versions.bun === undefined;
/** Every isolate counts from an instant of its own; this one puts it on the clock that all processes share. The largest is least disturbed. */
const originMs = isNode
  ? Math.max(...[1, 2, 3, 4, 5, 6, 7, 8].map(() => Number(process.hrtime.bigint()) / 1e6 - performance.now()))
  : performance.timeOrigin + Number(process.env.DERBY_OBSERVE_CLOCK);

/** Collects lines and writes them when told to; `stop` is called once when the file cannot be written. */
function batchWriter(path, stop) {
  const file = openSync(path, "a");
  let lines = "";
  let broken = false;
  const flush = () => {
    if (lines === "" || broken) return;
    try {
      writeSync(file, lines);
    } catch {
      broken = true;
      stop();
    }
    lines = "";
  };
  process.on("exit", flush);
  return {
    add: (line) => {
      if (!broken) lines += line;
    },
    flush,
  };
}

/** Calls `work` when at least so long has passed since it last did; a timer of its own would wake a process that sleeps. */
function atMostEvery(ms, work) {
  let dueMs = performance.now() + ms;
  return (nowMs) => {
    if (nowMs < dueMs) return;
    work(nowMs);
    dueMs = nowMs + ms;
  };
}

function watchCollections(add) {
  const observer = new PerformanceObserver((list) => {
    for (const { startTime, duration, detail } of list.getEntries())
      add(
        `{"e":"gc","at":${(originMs + startTime).toFixed(3)},"kind":"${KINDS[detail.kind]}","ms":${duration.toFixed(3)}}\n`,
      );
  });
  observer.observe({ entryTypes: ["gc"] });
  return () => observer.disconnect();
}

/**
 * Finds stalls from single looks. A look that was due before it happened came out of an iteration that ran at least that long; how
 * late it was bounds the iteration from above, and so does the time that the loop has not spent waiting for events lately. A process
 * that was stopped while it waited for events has been waiting: that is no stall of the loop, and only the heartbeat shows it.
 * How long the loop has waited is asked for now and then, and at a late look, since asking costs as much as all the rest.
 */
function stallWatch(add) {
  let [askedMs, idleMs, looks] = [performance.now(), performance.nodeTiming.idleTime, 0];
  /** @param dueMs when this look was to happen, by performance.now() */
  return (nowMs, dueMs) => {
    const lateMs = nowMs - dueMs;
    const isLate = lateMs >= STALL_MS - LOOK_EVERY_MS;
    if (++looks % ASK_EVERY > 0 && !isLate) return;
    const idleNowMs = performance.nodeTiming.idleTime;
    const stallMs = Math.min(nowMs - askedMs - (idleNowMs - idleMs), lateMs + LOOK_EVERY_MS);
    if (isLate && stallMs >= STALL_MS)
      add(`{"e":"stall","at":${(originMs + nowMs - stallMs).toFixed(3)},"ms":${stallMs.toFixed(3)}}\n`);
    [askedMs, idleMs] = [nowMs, idleNowMs];
  };
}

/** Calls `look` regularly with the instant and the one at which it was due. Returns what stops it. */
function every10ms(look) {
  let dueMs = performance.now() + LOOK_EVERY_MS;
  const timer = setInterval(() => {
    const nowMs = performance.now();
    look(nowMs, dueMs);
    dueMs = nowMs + LOOK_EVERY_MS;
  }, LOOK_EVERY_MS).unref();
  return () => clearInterval(timer);
}

/**
 * The heartbeat (`heartbeat.ts`): each call writes the instant into the pipe. Beats nothing when another process of this start does,
 * when nobody reads, or, for this once, when the pipe is full.
 */
function heartbeat(prefix) {
  try {
    closeSync(openSync(`${prefix}.beating`, "wx"));
    const pipe = openSync(`${prefix}.beat`, flags.O_WRONLY | flags.O_NONBLOCK);
    const beat = new Float64Array(1);
    const bytes = new Uint8Array(beat.buffer);
    let broken = false;
    return (nowMs) => {
      if (broken) return;
      beat[0] = originMs + nowMs;
      try {
        writeSync(pipe, bytes);
      } catch (error) {
        broken = error.code !== "EAGAIN";
      }
    };
  } catch {
    return () => {};
  }
}

function heapWatch(add) {
  let before = performance.eventLoopUtilization();
  return (nowMs) => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    const busy = isNode ? `,"busy":${utilization.toFixed(4)}` : "";
    const heap = getHeapStatistics();
    add(
      `{"e":"heap","at":${(originMs + nowMs).toFixed(3)},"usedBytes":${heap.used_heap_size},"totalBytes":${heap.total_heap_size},"limitBytes":${heap.heap_size_limit},"externalBytes":${heap.external_memory}${busy}}\n`,
    );
  };
}

/** Starts observing into `prefix.<pid>.<thread>`. */
function observe(prefix) {
  const stops = [];
  const { add, flush } = batchWriter(`${prefix}.${process.pid}.${threadId}`, () => {
    for (const stop of stops) stop();
  });
  // Who cannot tell waiting from working has no stalls of his own; the heartbeat sees him stand still.
  const look = isNode ? stallWatch(add) : () => {};
  const beat = isMainThread ? heartbeat(prefix) : () => {};
  const noteHeap = atMostEvery(HEAP_EVERY_MS, heapWatch(add));
  const write = atMostEvery(WRITE_EVERY_MS, flush);
  const stopLooking = every10ms((nowMs, dueMs) => {
    beat(nowMs);
    look(nowMs, dueMs);
    noteHeap(nowMs);
    write(nowMs);
  });
  stops.push(stopLooking, ...(isNode ? [watchCollections(add)] : []));
}

try {
  if (process.env.DERBY_OBSERVE) observe(process.env.DERBY_OBSERVE);
} catch {
  // A folder that went away, a thread without file access: the runtime goes on unobserved, and the reader finds no file.
}
