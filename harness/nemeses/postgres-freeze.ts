/** postgres-freeze: SIGSTOP to the server and all its sessions: connections are still accepted by the kernel, and nobody answers. */
import { setTimeout as delay } from "node:timers/promises";
import { TrialError } from "../errors.ts";
import { freezeTrees, thaw } from "../processes/freeze-trees.ts";
import type { PlannedFault } from "../trial.ts";
import type { FaultTarget, Landed, Nemesis } from "./nemesis.ts";
import { FOR_MS } from "./path-fault.ts";
import { databaseOf, needsOurDatabase, runningPid, untilAnswering } from "./postgres-fault.ts";
import { settingsOf } from "./settings.ts";

const SETTINGS = { forMs: FOR_MS } as const;

export const postgresFreeze = {
  about: "all processes of the database stand still for a while",
  provedBy: "every thread of them is stopped, as /proc says",
  settings: SETTINGS,
  needs: needsOurDatabase,
  async inject(target: FaultTarget, fault: PlannedFault): Promise<Landed> {
    const { forMs } = settingsOf(SETTINGS, fault);
    const database = databaseOf(target);
    const pid = runningPid(database);
    const frozen = await freezeTrees([pid]);
    const landed = performance.now();
    if (!frozen.some((process) => process.pid === pid)) {
      await thaw(frozen);
      throw new TrialError("The first process of Postgres ended while it was being stopped.");
    }
    return {
      proof: `SIGSTOP to everything of Postgres: all ${frozen.length} processes stand still.`,
      async cure() {
        await delay(Math.max(0, forMs - (performance.now() - landed)));
        await thaw(frozen);
        await untilAnswering(database);
      },
    };
  },
} satisfies Nemesis;
