/**
 * freeze: all processes of a role stand still, as in a paused machine or a very long collection, and go on after `forMs`. Nobody is
 * told: connections stay open, the kernel goes on accepting new ones, and timers that fell due meanwhile fire on waking.
 */
import { freezeTrees, thaw } from "../processes/freeze-trees.ts";
import type { PlannedFault } from "../trial.ts";
import type { FaultSetting, Landed, Nemesis, ProcessTarget } from "./nemesis.ts";
import { settingsOf } from "./settings.ts";
import { named, rootsOf, since, whyNoProc } from "./victims.ts";

const SETTINGS = {
  forMs: { about: "how long they stand still", default: 3000, least: 1, most: 600_000 },
} as const satisfies Record<string, FaultSetting>;

export const freeze = {
  about: "all processes of a role stand still for `forMs` and then go on, as after a pause of the machine",
  provedBy: "every thread of them is in state T; after the thaw none is",
  settings: SETTINGS,
  whyNot: whyNoProc,
  async inject(target: ProcessTarget, fault: PlannedFault): Promise<Landed> {
    const { forMs } = settingsOf(SETTINGS, fault);
    const frozen = await freezeTrees(rootsOf(target, fault.role));
    const landed = performance.now();
    return {
      proof: `SIGSTOP to role ${fault.role}: every thread of ${named(frozen)} stands still (state T).`,
      async cure() {
        await since(landed, forMs);
        await thaw(frozen);
      },
    };
  },
} satisfies Nemesis;
