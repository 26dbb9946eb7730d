/** postgres-kill: SIGKILL to the server and all its sessions at once; it is started again, on the same files, after `restartAfterMs`. */
import type { PlannedFault } from "../trial.ts";
import type { FaultTarget, Landed, Nemesis } from "./nemesis.ts";
import { needsOurDatabase, takeDown } from "./postgres-fault.ts";

export const postgresKill = {
  about: "all processes of the database die at once; it is started again after `restartAfterMs`",
  provedBy: "none of them is left in the process table, and connections are refused",
  settings: {},
  needs: needsOurDatabase,
  inject: (target: FaultTarget, fault: PlannedFault): Promise<Landed> =>
    takeDown(target, fault, "kill", "SIGKILL to everything of Postgres"),
} satisfies Nemesis;
