import { LANDS, modelFault } from "./fault.ts";
import { OVERFLOW } from "./status.ts";

export const contextOverflow = modelFault({
  what: "400 context_length_exceeded, for every request or for those whose body is longer than the context takes.",
  landing: LANDS.denied,
  cure: "A body of at most `maxBytes`; without that never.",
  settings: {
    maxBytes: { type: "number", low: 1, high: 2 ** 26, about: "longest body that is still answered" },
  },
  attempts: "all",
  act: ({ maxBytes }) => ({
    does: "refuse",
    status: 400,
    ...OVERFLOW,
    ...(maxBytes === undefined ? {} : { overBytes: maxBytes }),
  }),
});
