import { numberIn, type WorldFault } from "./fault.ts";

/** The stream ends cleanly after `tokens` (default 1) without a finish_reason, which most clients take for a whole answer. */
export const cut: WorldFault = (settings) => ({
  does: "break",
  afterTokens: numberIn(settings, "tokens", 1),
  how: "end",
});
