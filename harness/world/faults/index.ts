/** The catalogue of the model's faults, by the names that scenarios use. */
import { cut } from "./cut.ts";
import { errorEvent } from "./error-event.ts";
import type { WorldFault } from "./fault.ts";
import { garbageArguments } from "./garbage-arguments.ts";
import { hang } from "./hang.ts";
import { reset } from "./reset.ts";
import { status } from "./status.ts";
import { unknownTool } from "./unknown-tool.ts";

export const WORLD_FAULTS: Readonly<Record<string, WorldFault>> = {
  status,
  cut,
  reset,
  "error-event": errorEvent,
  hang,
  "garbage-arguments": garbageArguments,
  "unknown-tool": unknownTool,
};
