import type { WorldFault } from "./fault.ts";

/** A name that no scenario may give to a tool, since it holds capitals. */
const NO_SUCH_TOOL = "noSuchTool";

/** The completion calls a tool that does not exist. */
export const unknownTool: WorldFault = () => ({
  does: "spoil",
  spoil: (calls) => calls.map((call) => ({ ...call, name: NO_SUCH_TOOL })),
});
