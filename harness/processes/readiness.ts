/** Waiting until a process answers 200 on its readiness address, or takes connections where it has no such address. */
import { get } from "node:http";
import { connect } from "node:net";
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

/** Whether a port takes a connection. */
function connectOnce(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    const end = (open: boolean): void => {
      socket.destroy();
      resolve(open);
    };
    socket.setTimeout(ANSWER_WITHIN_MS, () => end(false));
    socket.once("connect", () => end(true));
    socket.once("error", () => end(false));
  });
}

/**
 * Asks every 20 ms until the address answers 200.
 * @param url "http://…", or "tcp://host:port" to be content with a connection
 * @returns false when the limit passed or `stop` was raised before
 */
export async function untilReady(url: string, limitMs: number, stop: AbortSignal): Promise<boolean> {
  const deadline = performance.now() + limitMs;
  while (!stop.aborted && performance.now() < deadline) {
    const ready = url.startsWith("tcp:") ? await connectOnce(url) : (await askOnce(url, stop)) === 200;
    if (ready) return true;
    await delay(READY_POLL_MS);
  }
  return false;
}
