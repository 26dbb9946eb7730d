/**
 * freeze: all processes of a role stand still, as in a paused machine or a very long collection, and go on after `forMs`. Nobody is
 * told: connections stay open, the kernel goes on accepting new ones, and timers that fell due meanwhile fire on waking.
 */
import { freezeTrees, thaw } from "../processes/freeze-trees.ts";
import type { Pause } from "../processes/pause.ts";
import type { Role } from "../scenario.ts";
import type { PlannedFault } from "../trial.ts";
import type { FaultSetting, Landed, Nemesis, ProcessTarget } from "./nemesis.ts";
import { settingsOf } from "./settings.ts";
import { named, rootsOf, since, whyNoProc } from "./victims.ts";

const SETTINGS = {
  forMs: { about: "how long they stand still", default: 3000, least: 1, most: 600_000 },
} as const satisfies Record<string, FaultSetting>;

/** Stops each process of a role by a signal. @throws TrialError when one does not stop, or none is there */
async function stopEach(target: ProcessTarget, role: Role): Promise<Pause> {
  const frozen = await freezeTrees(rootsOf(target, role));
  return {
    proof: `SIGSTOP to role ${role}: every thread of ${named(frozen)} stands still (state T).`,
    end: () => thaw(frozen),
  };
}

export const freeze = {
  about: "all processes of a role stand still for `forMs` and then go on, as after a pause of the machine",
  provedBy:
    "every thread of them is in state T, and after the thaw none is; of containers, that the engine has paused them",
  settings: SETTINGS,
  whyNot: whyNoProc,
  async inject(target: ProcessTarget, fault: PlannedFault): Promise<Landed> {
    const { forMs } = settingsOf(SETTINGS, fault);
    const still = await (target.pause?.(fault.role) ?? stopEach(target, fault.role));
    const landed = performance.now();
    return {
      proof: still.proof,
      async cure() {
        await since(landed, forMs);
        await still.end();
      },
    };
  },
} satisfies Nemesis;
