/**
 * postgres-restart: an administrator's restart. "fast" ends all sessions and writes everything out, "immediate" ends without and
 * recovers at the next start.
 */
import type { PlannedFault } from "../trial.ts";
import type { FaultTarget, Landed, Nemesis } from "./nemesis.ts";
import { needsOurDatabase, takeDown } from "./postgres-fault.ts";
import { settingsOf } from "./settings.ts";

const SETTINGS = { how: { about: "mode of the shutdown", default: "fast", oneOf: ["fast", "immediate"] } } as const;

export const postgresRestart = {
  about: "the database is shut down in order and started again after `restartAfterMs`",
  provedBy: "none of its processes is left in the process table, and connections are refused",
  settings: SETTINGS,
  needs: needsOurDatabase,
  inject(target: FaultTarget, fault: PlannedFault): Promise<Landed> {
    return settingsOf(SETTINGS, fault).how === "immediate"
      ? takeDown(target, fault, "immediate", "An immediate shutdown")
      : takeDown(target, fault, "fast", "A fast shutdown");
  },
} satisfies Nemesis;
