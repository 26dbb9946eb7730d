/**
 * burn-beside: strangers burn CPU on the runtime's cores for `forMs`, as neighbours on a machine that is too full. They are busy loops
 * of ours with the same weight as the runtime's own threads.
 */
import { setTimeout as delay } from "node:timers/promises";
import { TrialError } from "../errors.ts";
import { type Child, childEnvironment, endChild, startChild } from "../processes/child.ts";
import { isAlive, readProcess } from "../processes/process-table.ts";
import type { PlannedFault } from "../trial.ts";
import type { FaultSetting, FaultTarget, Landed, Nemesis } from "./nemesis.ts";
import { settingsOf } from "./settings.ts";
import { since, whyNoProc } from "./victims.ts";

const SETTINGS = {
  burners: { about: "how many busy loops", default: 2, least: 1, most: 64 },
  forMs: { about: "how long they burn", default: 5000, least: 1, most: 600_000 },
} as const satisfies Record<string, FaultSetting>;

/** Between two looks at what they used. */
const LOOK_EVERY_MS = 50;
/** Others may need the cores as badly; by then everybody has had his turn. */
const BURNING_WITHIN_MS = 5000;

/** What the burners can do to the trial. */
type Ground = Pick<FaultTarget, "cores" | "watchGroup" | "forgetGroup">;

async function startBurner({ cores, watchGroup }: Ground): Promise<Child> {
  const command = ["sh", "-c", "while :; do :; done"];
  const child = await startChild({ command, cwd: "/", env: childEnvironment(), logFile: "/dev/null", cores });
  watchGroup(child.pid);
  return child;
}

async function endAll(burners: readonly Child[], { forgetGroup }: Ground): Promise<void> {
  await Promise.all(burners.map((burner) => endChild(burner, 0)));
  for (const { pid } of burners) forgetGroup(pid);
}

/** Resolves to a sentence once every burner has had CPU and wants more. @throws TrialError when one has not within 5 s */
async function untilBurning(burners: readonly Child[]): Promise<string> {
  const began = performance.now();
  while (performance.now() - began < BURNING_WITHIN_MS) {
    await delay(LOOK_EVERY_MS);
    const rows = burners.filter(isAlive).flatMap(({ pid }) => readProcess(pid) ?? []);
    if (rows.length < burners.length) throw new TrialError("A busy loop ended at once.");
    const burning = rows.filter(({ state, cpuTicks }) => state === "R" && cpuTicks > 0);
    if (burning.length < burners.length) continue;
    const ticks = rows.reduce((sum, { cpuTicks }) => sum + cpuTicks, 0);
    return `${burners.length} busy loops (pid ${rows.map(({ pid }) => pid).join(", ")}) are running, and have used ${ticks} ticks of CPU in ${(performance.now() - began).toFixed(0)} ms`;
  }
  throw new TrialError(`The busy loops had no CPU within ${BURNING_WITHIN_MS / 1000} s.`);
}

export const burnBeside = {
  about: "busy loops that are not the runtime's run on its cores for `forMs`",
  provedBy: "each of them is runnable and its CPU time has grown",
  settings: SETTINGS,
  whyNot: whyNoProc,
  async inject(target: Ground, fault: PlannedFault): Promise<Landed> {
    const { burners, forMs } = settingsOf(SETTINGS, fault);
    const loops: Child[] = [];
    try {
      while (loops.length < burners) loops.push(await startBurner(target));
      const says = await untilBurning(loops);
      const landed = performance.now();
      return {
        proof: `${says}, on ${target.cores === null ? "any core" : `cores ${target.cores}, the runtime's`}.`,
        async cure() {
          await since(landed, forMs);
          await endAll(loops, target);
        },
      };
    } catch (error) {
      await endAll(loops, target);
      throw error;
    }
  },
} satisfies Nemesis;
