/** reset: every open connection of one path is reset on both sides at once; with `everyMs` again and again while it lasts. */
import { setTimeout as delay } from "node:timers/promises";
import { TrialError } from "../errors.ts";
import type { PlannedFault } from "../trial.ts";
import type { FaultTarget, Landed, Nemesis } from "./nemesis.ts";
import {
  ANSWERS_WITHIN_MS,
  connections,
  type DisturbedPath,
  FOR_MS,
  needsItsPath,
  PATH,
  pathOf,
  undisturbed,
} from "./path-fault.ts";
import { settingsOf } from "./settings.ts";

/** A path may be idle for a moment; then there is nothing to break yet. */
const OPEN_WITHIN_MS = 1_000;
const LOOK_EVERY_MS = 5;

/** Waits for a connection to be open. @returns how many are. @throws TrialError when there is none */
export async function untilOpen({ name, proxy }: DisturbedPath): Promise<number> {
  const deadline = performance.now() + OPEN_WITHIN_MS;
  for (;;) {
    const { open } = await proxy.seen();
    if (open > 0) return open;
    if (performance.now() > deadline) throw new TrialError(`No connection was open on the path "${name}".`);
    await delay(LOOK_EVERY_MS);
  }
}

const SETTINGS = {
  path: PATH,
  everyMs: { about: "again after so many milliseconds; 0: once", default: 0, least: 0, most: 600_000 },
  forMs: { ...FOR_MS, about: "how long it goes on, if more than once" },
} as const;

export const reset = {
  about: "every open connection of one path is reset on both sides",
  provedBy: "connections were open and were reset, and one of ours through the same proxy saw it",
  settings: SETTINGS,
  needs: needsItsPath,
  async inject(target: FaultTarget, fault: PlannedFault): Promise<Landed> {
    const { everyMs, forMs } = settingsOf(SETTINGS, fault);
    const path = await undisturbed(target, pathOf(fault));
    const { name, proxy } = path;
    await proxy.probe({ bytes: 1, withinMs: ANSWERS_WITHIN_MS, standing: true });
    await untilOpen(path);
    const broken = await proxy.reset();
    const { how } = await proxy.probe({ bytes: 1, withinMs: ANSWERS_WITHIN_MS, standing: true });
    if (broken === 0 || how !== "reset")
      throw new TrialError(`${connections(broken)} were reset on the path "${name}", and one of ours was ${how}.`);
    const until = performance.now() + (everyMs === 0 ? 0 : forMs);
    return {
      proof: `${connections(broken)} on the path "${name}" were reset on both sides; one of ours through the same proxy saw the reset.`,
      async cure() {
        while (performance.now() + everyMs < until) {
          await delay(everyMs);
          await proxy.reset();
        }
        await undisturbed(target, name);
      },
    };
  },
} satisfies Nemesis;
