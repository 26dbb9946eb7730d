import { CURED, LANDS, modelFault } from "./fault.ts";

/** The mark of the call stands in the garbage too: it is the nonce by which a repair is known. */
export const garbageArguments = modelFault({
  what: "The arguments of the tool calls are not JSON: the text breaks off in the middle, as with a model that ran out of tokens.",
  landing: LANDS.said,
  cure: CURED.repair,
  settings: {},
  act: () => ({
    does: "spoil",
    spoil: (calls) => calls.map((call) => ({ ...call, arguments: call.arguments.slice(0, -2) })),
  }),
});
