import { CURED, LANDS, modelFault } from "./fault.ts";

export const hang = modelFault({
  what: "No byte at all until the client leaves.",
  landing: LANDS.denied,
  cure: CURED.attempts,
  settings: {},
  act: () => ({ does: "hang" }),
});
