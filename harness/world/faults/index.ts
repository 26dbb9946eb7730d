/** The catalogue of the World's faults, by the names that scenarios use. */

import { contextOverflow } from "./context-overflow.ts";
import { cut } from "./cut.ts";
import { duplicateEvent } from "./duplicate-event.ts";
import { errorEvent } from "./error-event.ts";
import type { ModelFault } from "./fault.ts";
import { garbageArguments } from "./garbage-arguments.ts";
import { hang } from "./hang.ts";
import { late } from "./late.ts";
import { reset } from "./reset.ts";
import { slowDrip } from "./slow-drip.ts";
import { stallWithPings } from "./stall-with-pings.ts";
import { status } from "./status.ts";
import { TOOL_FAULTS } from "./tool-faults.ts";
import { unknownTool } from "./unknown-tool.ts";

/** Faults of the model. */
export const WORLD_FAULTS: Readonly<Record<string, ModelFault>> = {
  status,
  hang,
  late,
  "stall-with-pings": stallWithPings,
  "slow-drip": slowDrip,
  cut,
  reset,
  "error-event": errorEvent,
  "duplicate-event": duplicateEvent,
  "garbage-arguments": garbageArguments,
  "unknown-tool": unknownTool,
  "context-overflow": contextOverflow,
};

/** What can be said of a fault kind without running it. */
export interface FaultKind {
  readonly kind: string;
  /** In a script: `fault` of a model step, or `fault` of a tool's behaviour. */
  readonly hits: "the model" | "a tool";
  readonly what: string;
  readonly landing: string;
  readonly cure: string;
  readonly settings: ModelFault["settings"];
}

const described = (hits: FaultKind["hits"], faults: Readonly<Record<string, Omit<FaultKind, "kind" | "hits">>>) =>
  Object.entries(faults).map(
    ([kind, { what, landing, cure, settings }]): FaultKind => ({ kind, hits, what, landing, cure, settings }),
  );

/** Every fault of model and tools with its sentences, for printing. */
export const FAULT_KINDS: readonly FaultKind[] = [
  ...described("the model", WORLD_FAULTS),
  ...described("a tool", TOOL_FAULTS),
];
