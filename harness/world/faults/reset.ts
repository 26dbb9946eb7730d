import { numberIn, type WorldFault } from "./fault.ts";

/** The connection is destroyed after `tokens` (default 1). */
export const reset: WorldFault = (settings) => ({
  does: "break",
  afterTokens: numberIn(settings, "tokens", 1),
  how: "destroy",
});
