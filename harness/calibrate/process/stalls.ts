/**
 * Stalls: when this process stood still, by a beat that notes how late it comes. A request that arrives in a stall is noticed
 * after it, which its own stamp cannot show; without this the driver would be blamed for it.
 */
import type { Clock } from "../../clock.ts";
import type { Stall } from "./protocol.ts";

const BEAT_MS = 2;
/** A beat may come this much late without the loop having stood still: timers count whole milliseconds. */
const TOLERANCE_MS = 1;

/** Watches the event loop until stopped; `stop` gives the stalls in order. A stall is never made longer than it was. */
export function watchStalls(clock: Clock): { stop(): Stall[] } {
  const stalls: Stall[] = [];
  let lastMs = clock();
  const beat = (): void => {
    const toMs = clock();
    const fromMs = lastMs + BEAT_MS + TOLERANCE_MS;
    if (toMs > fromMs) stalls.push({ fromMs, toMs });
    lastMs = toMs;
  };
  const timer = setInterval(beat, BEAT_MS);
  return {
    stop() {
      clearInterval(timer);
      beat();
      return stalls;
    },
  };
}
