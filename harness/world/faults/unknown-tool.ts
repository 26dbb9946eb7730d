import { CURED, LANDS, modelFault } from "./fault.ts";

/** A name that no scenario may give to a tool, since it holds capitals. */
const NO_SUCH_TOOL = "noSuchTool";

export const unknownTool = modelFault({
  what: "The completion calls a tool that does not exist.",
  landing: LANDS.said,
  cure: CURED.repair,
  settings: {},
  act: () => ({ does: "spoil", spoil: (calls) => calls.map((call) => ({ ...call, name: NO_SUCH_TOOL })) }),
});
