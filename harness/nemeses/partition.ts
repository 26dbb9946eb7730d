/**
 * partition: nothing passes one path in either direction. "silent" is a cut cable: nobody is told, and what was sent arrives when it
 * is mended. "refused" is a firewall: open connections and new ones are reset.
 */
import { TrialError } from "../errors.ts";
import type { PlannedFault } from "../trial.ts";
import type { FaultTarget, Landed, Nemesis, ProxiedPath } from "./nemesis.ts";
import {
  ANSWERS_WITHIN_MS,
  connections,
  disturb,
  FOR_MS,
  inMs,
  needsItsPath,
  PATH,
  pathOf,
  SILENT_FOR_MS,
  undisturbed,
} from "./path-fault.ts";
import { settingsOf } from "./settings.ts";

const HOW = ["silent", "refused"] as const;

/** Cuts a path without a word. @throws TrialError when something still comes through */
export async function silencePath(target: FaultTarget, name: ProxiedPath, forMs: number): Promise<Landed> {
  const path = await undisturbed(target, name);
  const { open } = await path.proxy.seen();
  return disturb(path, { silent: true }, forMs, async () => {
    const { how } = await path.proxy.probe({ bytes: 1, withinMs: SILENT_FOR_MS });
    if (how !== "silent") throw new TrialError(`A byte on the path "${name}" was ${how} although it is cut.`);
    return `A new connection through the proxy on the path "${name}" got no byte in ${SILENT_FOR_MS} ms; it took ${inMs(path.usualMs)} before. ${connections(open)} had been open.`;
  });
}

async function refusePath(target: FaultTarget, name: ProxiedPath, forMs: number): Promise<Landed> {
  const path = await undisturbed(target, name);
  return disturb(path, { refuse: true }, forMs, async () => {
    const broken = await path.proxy.reset();
    const { how, ms } = await path.proxy.probe({ bytes: 1, withinMs: ANSWERS_WITHIN_MS });
    if (how !== "reset") throw new TrialError(`A new connection on the path "${name}" was ${how} instead of reset.`);
    return `A new connection through the proxy on the path "${name}" was reset after ${inMs(ms)}, along with ${connections(broken)} that had been open.`;
  });
}

const SETTINGS = {
  path: PATH,
  how: { about: "whether anybody is told", default: "silent", oneOf: HOW },
  forMs: FOR_MS,
} as const;

export const partition = {
  about: "nothing passes one path in either direction: cut without a word, or refused",
  provedBy: "a new connection through the proxy gets no byte, or a reset",
  settings: SETTINGS,
  needs: needsItsPath,
  inject(target: FaultTarget, fault: PlannedFault): Promise<Landed> {
    const { how, forMs } = settingsOf(SETTINGS, fault);
    return (how === "silent" ? silencePath : refusePath)(target, pathOf(fault), forMs);
  },
} satisfies Nemesis;
