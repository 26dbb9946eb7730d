import type { WorldFault } from "./fault.ts";

/** The arguments of the tool calls are not JSON: the text breaks off in the middle, as with a model that ran out of tokens. */
export const garbageArguments: WorldFault = () => ({
  does: "spoil",
  spoil: (calls) => calls.map((call) => ({ ...call, arguments: call.arguments.slice(0, -2) })),
});
