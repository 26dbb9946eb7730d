/**
 * Preloaded into the processes of runtimes that run on Node: appends one line per garbage collection to a file. Plain JavaScript, so
 * that any Node takes it. It runs in every isolate, worker threads included; it keeps nothing alive, costs one write per batch of
 * collections, and gives up silently when its file cannot be written, since an observer must not break what it observes.
 */
import { openSync, writeSync } from "node:fs";
import { constants, PerformanceObserver } from "node:perf_hooks";
import { threadId } from "node:worker_threads";

const KINDS = {
  [constants.NODE_PERFORMANCE_GC_MAJOR]: "major",
  [constants.NODE_PERFORMANCE_GC_MINOR]: "minor",
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL]: "incremental",
  [constants.NODE_PERFORMANCE_GC_WEAKCB]: "weak",
};

/** Starts observing into `prefix.<pid>.<thread>`. */
function observe(prefix) {
  // Every isolate counts from an instant of its own; this one puts it on the clock that all processes share.
  const originMs = Number(process.hrtime.bigint()) / 1e6 - performance.now();
  const file = openSync(`${prefix}.${process.pid}.${threadId}`, "a");
  const observer = new PerformanceObserver((list) => {
    const lines = list.getEntries().map((entry) => {
      const at = (originMs + entry.startTime).toFixed(3);
      return `{"e":"gc","at":${at},"kind":"${KINDS[entry.detail.kind]}","ms":${entry.duration.toFixed(3)}}\n`;
    });
    try {
      writeSync(file, lines.join(""));
    } catch {
      observer.disconnect();
    }
  });
  observer.observe({ entryTypes: ["gc"] });
}

try {
  if (process.env.DERBY_OBSERVE) observe(process.env.DERBY_OBSERVE);
} catch {
  // A folder that went away, a thread without file access: the runtime goes on unobserved, and the reader finds no file.
}
