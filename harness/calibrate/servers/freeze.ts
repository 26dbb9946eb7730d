/**
 * The server accepts everything and answers nothing for 2 s out of 2.5 s; otherwise it takes 20 ms. Its sessions have one turn
 * each, so that arrivals go on: everybody who came during the freeze waits for what is left of it. A client that waits for an
 * answer before it sends on would hardly notice (coordinated omission).
 */
import { arrivals, type KnownServer } from "../known-server.ts";

const TAKES_MS = 20;
const PERIOD_MS = 2500;
/** Within each period. */
const FREEZE = { fromMs: 250, toMs: 2250 } as const;
/** A light load: whoever waits is answered at the thaw, all at once, and nobody can write or read a hundred answers in no time. */
const PER_SECOND = 50;

export const freeze: KnownServer = {
  name: "freeze",
  says: `frozen for ${(FREEZE.toMs - FREEZE.fromMs) / 1000} s`,
  sessions: (scale) => arrivals("freeze", (PER_SECOND * PERIOD_MS * scale) / 1000, PERIOD_MS * scale),
  react: ({ arrivedMs }) => {
    const readyMs = arrivedMs + TAKES_MS;
    const intoPeriodMs = readyMs % PERIOD_MS;
    const frozen = intoPeriodMs >= FREEZE.fromMs && intoPeriodMs < FREEZE.toMs;
    return { does: "answer", atMs: frozen ? readyMs - intoPeriodMs + FREEZE.toMs : readyMs };
  },
};
