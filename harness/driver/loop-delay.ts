/**
 * Loop delay: how long this process was once unable to react. Where it was, its own stamps are late by as much, and checkers
 * must not order events more finely.
 */
import { monotonicMs } from "../clock.ts";

const EVERY_MS = 20;

/** Watches the event loop until stopped; `stop` gives the longest delay in milliseconds. One cheap timer, fifty times a second. */
export function watchLoopDelay(): { stop(): number } {
  let maxMs = 0;
  let lastMs = monotonicMs();
  const look = (): void => {
    const nowMs = monotonicMs();
    maxMs = Math.max(maxMs, nowMs - lastMs - EVERY_MS);
    lastMs = nowMs;
  };
  const timer = setInterval(look, EVERY_MS).unref();
  return {
    stop() {
      clearInterval(timer);
      look();
      return Math.round(maxMs * 1000) / 1000;
    },
  };
}
