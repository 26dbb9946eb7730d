import { CURED, LANDS, modelFault } from "./fault.ts";

/** Longer than the 30 s that the contract's agent waits for a byte. */
const DELAY_MS = 45_000;

export const late = modelFault({
  what: "The answer begins so much later that its client has probably given up, and is finished if it has not.",
  landing: LANDS.said,
  cure: CURED.attempts,
  settings: {
    delayMs: {
      type: "number",
      low: 1,
      high: 3_600_000,
      otherwise: DELAY_MS,
      about: "added to the time to first token",
    },
  },
  act: ({ delayMs }) => ({ does: "delay", delayMs }),
});
