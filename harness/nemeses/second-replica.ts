/**
 * second-replica: a second owner is started beside the first, which is well, and new connections of clients go to both in turn for
 * `forMs`; then they go to the first again, and the second is stopped in order.
 */

import { TrialError } from "../errors.ts";
import { isAlive, processTree } from "../processes/process-table.ts";
import type { PlannedFault } from "../trial.ts";
import type { FaultSetting, FaultTarget, Landed, Nemesis } from "./nemesis.ts";
import { settingsOf } from "./settings.ts";
import { membersOf, since } from "./victims.ts";

const SETTINGS = {
  forMs: { about: "how long both take turns", default: 5000, least: 1, most: 600_000 },
  switchMs: {
    about: "how long new connections go to one before they go to the other",
    default: 250,
    least: 1,
    most: 600_000,
  },
} as const satisfies Record<string, FaultSetting>;

export const secondReplica = {
  about: "a second owner runs beside the first for `forMs`, and new connections of clients go to both in turn",
  provedBy: "both are alive, the second is ready, and new connections are led to it",
  settings: SETTINGS,
  needs: () => ({ proxies: ["client"], copies: 2 }) as const,
  async inject(target: FaultTarget, fault: PlannedFault): Promise<Landed> {
    const { forMs, switchMs } = settingsOf(SETTINGS, fault);
    const first = membersOf(target, fault.role);
    const client = target.proxy("client");
    const replica = await target.addReplica(fault.role, { owner: "another" });
    const { port } = replica;
    const home = Number(new URL(target.runtimeUrl).port);
    const second = processTree(replica.pids);
    if (port === null || !first.every(isAlive) || second.length === 0) {
      await replica.stop();
      throw new TrialError(
        port === null ? `Role "${fault.role}" takes no turns.` : "The two owners were not alive at the same time.",
      );
    }
    await client.redirect(port);
    const landed = performance.now();
    return {
      proof: `Replica ${replica.number} (pid ${replica.pids.join(", ")}) is ready on port ${port} beside ${first.length} living processes of the first (port ${home}); new connections go to both in turn.`,
      async cure() {
        for (let turn = 1; performance.now() < landed + forMs; turn++) {
          await since(landed, Math.min(forMs, turn * switchMs));
          await client.redirect(turn % 2 === 1 ? home : port);
        }
        await client.redirect(home);
        await replica.stop();
      },
    };
  },
} satisfies Nemesis;
