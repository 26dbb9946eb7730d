/** All checks in the order of the report. Checks that kill come last within their group, and restarts after everything. */
import type { Check } from "../check.ts";
import { agentChecks } from "./agent.ts";
import { httpChecks } from "./http.ts";
import { localToolChecks } from "./local-tools.ts";
import { memoryChecks } from "./memory.ts";
import { restartChecks } from "./restart.ts";
import { streamChecks } from "./streams.ts";
import { toolChecks } from "./tools.ts";

export const CHECKS: readonly Check[] = [
  ...httpChecks,
  ...streamChecks,
  ...memoryChecks,
  ...agentChecks,
  ...toolChecks,
  ...localToolChecks,
  ...restartChecks,
];
