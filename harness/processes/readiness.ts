/** Waiting until a process answers 200 on its readiness address. */
import { get } from "node:http";
import { setTimeout as delay } from "node:timers/promises";

/** Between two questions; the resolution of every "ready" event. */
export const READY_POLL_MS = 20;
const ANSWER_WITHIN_MS = 1000;

/** The status of one GET on a connection of its own, or undefined when none came in time. */
function askOnce(url: string, stop: AbortSignal): Promise<number | undefined> {
  const signal = AbortSignal.any([stop, AbortSignal.timeout(ANSWER_WITHIN_MS)]);
  return new Promise((resolve) => {
    const request = get(url, { agent: false, signal }, (response) => {
      response.resume();
      response.once("error", () => resolve(undefined));
      response.once("end", () => resolve(response.statusCode));
    });
    // Refused, reset or silent all mean the same here: not ready yet.
    request.once("error", () => resolve(undefined));
  });
}

/**
 * Asks every 20 ms until the address answers 200.
 * @returns false when the limit passed or `stop` was raised before
 */
export async function untilReady(url: string, limitMs: number, stop: AbortSignal): Promise<boolean> {
  const deadline = performance.now() + limitMs;
  while (!stop.aborted && performance.now() < deadline) {
    if ((await askOnce(url, stop)) === 200) return true;
    await delay(READY_POLL_MS);
  }
  return false;
}
