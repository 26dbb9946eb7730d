/** All checks in the order of the report. Checks that kill come last within their group, and restarts after everything. */
import type { Runner } from "../../runner.ts";
import { type Check, GROUPS } from "../check.ts";
import { agentChecks } from "./agent.ts";
import { httpChecks } from "./http.ts";
import { localToolChecks } from "./local-tools.ts";
import { memoryChecks } from "./memory.ts";
import { ownApiChecks } from "./own-api.ts";
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

/** Those that concern a runner: all of the contract, or what can be asked fairly of a backend with its own API and its own tools. */
export function checksFor({ turn }: Pick<Runner, "turn">): readonly Check[] {
  if (turn === undefined) return CHECKS;
  const fair = [...CHECKS.filter(({ ownApi }) => ownApi !== undefined), ...ownApiChecks];
  return GROUPS.flatMap((name) => fair.filter(({ group }) => group === name));
}
