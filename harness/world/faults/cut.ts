import { CURED, LANDS, modelFault, tokensSetting } from "./fault.ts";

/**
 * The stream ends cleanly where it should not. Most clients take that for a whole answer, since nothing but the missing
 * finish_reason tells.
 */
export const cut = modelFault({
  what: "The stream ends cleanly in mid-answer: between two events, inside a line, inside a UTF-8 character, or complete but for finish_reason and [DONE].",
  landing: LANDS.said,
  cure: CURED.attempts,
  settings: {
    tokens: tokensSetting(1),
    where: {
      type: "choice",
      of: ["event", "line", "character", "end-marker"],
      otherwise: "event",
      about: "what is cut; at end-marker all tokens and calls have come",
    },
    connection: {
      type: "choice",
      of: ["end", "reset"],
      otherwise: "end",
      about: "whether the response ends in order, or the connection is destroyed",
    },
  },
  act: ({ tokens, where, connection }) => ({
    does: "break",
    afterTokens: where === "end-marker" ? Number.POSITIVE_INFINITY : tokens,
    how: connection === "end" ? "end" : "destroy",
    withCalls: where === "end-marker",
    ...(where === "line" || where === "character" ? { torn: where } : {}),
  }),
});
