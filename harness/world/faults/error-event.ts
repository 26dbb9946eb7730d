import { numberIn, type WorldFault } from "./fault.ts";

/** An error event in the stream after `tokens` (default 1), when the status 200 has long been sent. */
export const errorEvent: WorldFault = (settings) => ({
  does: "break",
  afterTokens: numberIn(settings, "tokens", 1),
  how: "error-event",
});
