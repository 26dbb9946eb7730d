import { CURED, LANDS, modelFault, tokensSetting } from "./fault.ts";

export const reset = modelFault({
  what: "The connection is destroyed (RST) after some tokens, or before any.",
  landing: LANDS.said,
  cure: CURED.attempts,
  settings: { tokens: tokensSetting(1) },
  act: ({ tokens }) => ({ does: "break", afterTokens: tokens, how: "destroy" }),
});
