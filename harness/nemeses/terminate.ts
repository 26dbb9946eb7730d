/**
 * terminate: what an orchestrator does to stop something in order: SIGTERM to the first processes of a role, and SIGKILL to whatever
 * is left of them when the grace is over. They stay down for `restartAfterMs`, then their supervisor starts them again.
 */
import { drainTrees } from "../processes/end-trees.ts";
import type { PlannedFault } from "../trial.ts";
import type { FaultSetting, Landed, Nemesis, ProcessTarget } from "./nemesis.ts";
import { settingsOf } from "./settings.ts";
import { living, named, rootsOf, since } from "./victims.ts";

const SETTINGS = {
  graceMs: { about: "from SIGTERM to SIGKILL", default: 10_000, least: 0, most: 120_000 },
} as const satisfies Record<string, FaultSetting>;

export const terminate = {
  about:
    "all processes of a role are asked to end, and killed when their grace is over; they are started again after `restartAfterMs`",
  provedBy: "none of them is left in the process table; says how many had to be killed",
  settings: SETTINGS,
  async inject(target: ProcessTarget, fault: PlannedFault): Promise<Landed> {
    const { graceMs } = settingsOf(SETTINGS, fault);
    const roots = rootsOf(target, fault.role);
    const began = performance.now();
    target.hold(fault.role);
    try {
      const { ended, killed } = await drainTrees(roots, graceMs);
      living(ended, fault.role);
      const landed = performance.now();
      const how = killed === 0 ? "by themselves" : `${killed} of them by SIGKILL when ${graceMs} ms of grace were over`;
      const verb = ended.length === 1 ? "is" : "are";
      return {
        proof: `SIGTERM to role ${fault.role}: ${named(ended)} ${verb} gone from the process table ${(landed - began).toFixed(1)} ms later, ${how}.`,
        async cure() {
          await since(landed, fault.restartAfterMs);
          await target.release(fault.role);
        },
      };
    } catch (error) {
      await target.release(fault.role);
      throw error;
    }
  },
} satisfies Nemesis;
