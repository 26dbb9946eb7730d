import { CURED, LANDS, modelFault, tokensSetting } from "./fault.ts";

export const errorEvent = modelFault({
  what: "An error event comes in the stream, when the status 200 has long been sent, and nothing behind it.",
  landing: LANDS.said,
  cure: CURED.attempts,
  settings: { tokens: tokensSetting(1) },
  act: ({ tokens }) => ({ does: "break", afterTokens: tokens, how: "error-event" }),
});
