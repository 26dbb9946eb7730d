/**
 * Ctrl-C. The first one asks for a clean stop, a second one ends at once.
 *
 * One Ctrl-C may arrive several times: from the terminal, from npm and from our launcher, which each pass it on. Signals within
 * the first second are therefore taken for the same one. A launcher that was killed counts as a request to stop.
 */
import { EXIT } from "./exit-codes.ts";

const SAME_KEYPRESS_MS = 1_000;
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export interface Interrupt {
  /** Aborted at the first request to stop. */
  readonly signal: AbortSignal;
  /** Stops listening. */
  dispose(): void;
}

/**
 * Listens for requests to stop until disposed of.
 * @param onFirst called once, at the first request
 * @param endNow ends the process; the default exits with 130, and the watchdog ends whatever runs for us
 */
export function listenForInterrupt(
  onFirst: () => void,
  endNow: () => void = () => process.exit(EXIT.interrupted),
): Interrupt {
  const stop = new AbortController();
  let firstMs = 0;
  const heard = (): void => {
    if (!stop.signal.aborted) {
      firstMs = performance.now();
      stop.abort();
      onFirst();
    } else if (performance.now() - firstMs > SAME_KEYPRESS_MS) endNow();
  };
  for (const name of SIGNALS) process.on(name, heard);
  process.on("disconnect", heard);
  process.channel?.unref(); // the channel of the launcher must not keep a finished command alive
  return {
    signal: stop.signal,
    dispose: () => {
      for (const name of SIGNALS) process.off(name, heard);
      process.off("disconnect", heard);
    },
  };
}
