/**
 * takeover: the owner is frozen, a second owner is started and the clients are led to it, then the first wakes and does not know. It
 * lives on as a zombie for `zombieMs`, finishing whatever it had begun, and is killed; the second owner stays and is the one that is
 * supervised from then on. Connections that were open stay with the first.
 */
import { freezeTrees, thaw } from "../processes/freeze-trees.ts";
import type { PlannedFault } from "../trial.ts";
import type { FaultSetting, FaultTarget, Landed, Nemesis, Replica } from "./nemesis.ts";
import { settingsOf } from "./settings.ts";
import { named, rootsOf, since, whyNoProc } from "./victims.ts";

const SETTINGS = {
  forMs: { about: "how long the first owner stands still", default: 3000, least: 1, most: 600_000 },
  zombieMs: { about: "how long it lives on after waking", default: 3000, least: 0, most: 600_000 },
  owner: {
    about: "REPLICA of the second: another, or the same, as where the first is believed dead and replaced",
    default: "another",
    oneOf: ["another", "same"],
  },
} as const satisfies Record<string, FaultSetting>;

/** Starts the second owner and leads the clients to it; leaves nothing where that fails. */
async function secondOwner(target: FaultTarget, fault: PlannedFault, owner: "another" | "same"): Promise<Replica> {
  const client = target.proxy("client");
  const replica = await target.addReplica(fault.role, { owner });
  try {
    if (replica.port !== null) await client.redirect(replica.port);
    return replica;
  } catch (error) {
    await replica.stop();
    throw error;
  }
}

export const takeover = {
  about:
    "the owner is frozen for `forMs`, a second one takes over, and the first wakes as a zombie and lives on for `zombieMs`",
  provedBy: "every thread of the first is in state T while the second is ready and clients are led to it",
  settings: SETTINGS,
  needs: () => ({ proxies: ["client"], copies: 2 }) as const,
  whyNot: whyNoProc,
  async inject(target: FaultTarget, fault: PlannedFault): Promise<Landed> {
    const { forMs, zombieMs, owner } = settingsOf(SETTINGS, fault);
    const frozen = await freezeTrees(rootsOf(target, fault.role));
    const stopped = performance.now();
    let replica: Replica;
    try {
      replica = await secondOwner(target, fault, owner === "same" ? "same" : "another");
    } catch (error) {
      await thaw(frozen);
      throw error;
    }
    const readyMs = performance.now() - stopped;
    return {
      proof: `SIGSTOP to role ${fault.role}: every thread of ${named(frozen)} stands still (state T); replica ${replica.number} (pid ${replica.pids.join(", ")}) was ready ${readyMs.toFixed(0)} ms later, and new connections of clients go to it.`,
      async cure() {
        await since(stopped, forMs);
        await thaw(frozen);
        await since(performance.now(), zombieMs);
        await replica.takePlace(0);
      },
    };
  },
} satisfies Nemesis;
