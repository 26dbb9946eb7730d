import { CURED, LANDS, modelFault } from "./fault.ts";

/**
 * Chunks carry no sequence number, so a client cannot tell a doubled token from a model that says a word twice, and must not
 * try: what was said is what was written, and `h` of the history is the fingerprint of that.
 */
export const duplicateEvent = modelFault({
  what: "One event comes twice: a token, which belongs to the answer then, or the event with the finish_reason, which must change nothing.",
  landing: LANDS.said,
  cure: CURED.attempts,
  settings: {
    event: { type: "choice", of: ["token", "finish"], otherwise: "token", about: "which event" },
    token: { type: "number", low: 1, high: 1_000_000, otherwise: 1, about: "which token; never the last one" },
  },
  act: ({ event, token }) => ({ does: "repeat", event, token }),
});
