/**
 * When a client asks again. These constants are the same for every runtime: nothing about recovery can be measured more
 * finely than they allow, so reports print them as its resolution.
 */
import type { Random } from "../random.ts";
import type { ClientPolicy } from "../scenario.ts";

/** Milliseconds of the retry policies; the resolution of every recovery time. */
export const RETRY = {
  /** eager: the pause after the first setback is drawn uniformly from this range … */
  eagerFirstMs: { low: 100, high: 300 },
  /** … doubles with every setback in a row, up to this. */
  eagerMostMs: 2000,
  /** Pause of every policy that asks again, once the turn's deadline has passed. */
  lateMs: 2000,
} as const;

/** What is known when an attempt came to nothing. Instants are trial time. */
export interface Setback {
  readonly startedMs: number;
  readonly endedMs: number;
  /** Attempts of this turn that came to nothing so far, from 1. */
  readonly inARow: number;
  /** The turn's deadline has passed. */
  readonly late: boolean;
  readonly retryAfterMs: number | undefined;
}

/** The instant of the next attempt; null when this client does not ask again by itself. A Retry-After is obeyed where it is longer. */
export function nextAttemptMs(client: ClientPolicy, setback: Setback, random: Random): number | null {
  if (client.retry === "never") return null;
  const ordered = setback.endedMs + (setback.retryAfterMs ?? 0);
  if (setback.late) return Math.max(ordered, setback.endedMs + RETRY.lateMs);
  if (client.retry === "patient") return Math.max(ordered, setback.startedMs + client.timeoutMs);
  const { low, high } = RETRY.eagerFirstMs;
  // Beyond the fourth doubling the limit holds for every draw; a larger power would only overflow.
  const doubled = (low + (high - low) * random()) * 2 ** Math.min(setback.inARow - 1, 5);
  return Math.max(ordered, setback.endedMs + Math.min(RETRY.eagerMostMs, doubled));
}
