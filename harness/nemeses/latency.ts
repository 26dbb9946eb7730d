/** latency: everything on one path arrives `ms` later, in both directions, as over a longer way. */
import { TrialError } from "../errors.ts";
import type { PlannedFault } from "../trial.ts";
import type { FaultTarget, Landed, Nemesis, ProxiedPath } from "./nemesis.ts";
import { ANSWERS_WITHIN_MS, disturb, FOR_MS, inMs, needsItsPath, PATH, pathOf, undisturbed } from "./path-fault.ts";
import { settingsOf } from "./settings.ts";

/** Timers may fire up to a millisecond early, once in each direction. */
const EARLY_MS = 2;

export const LATENCY_MS = { about: "added to each direction, in milliseconds", least: 1, most: 10_000 } as const;

/** @throws TrialError when a round trip does not take twice as much longer */
export async function delayPath(
  target: Pick<FaultTarget, "proxy">,
  name: ProxiedPath,
  ms: number,
  forMs: number,
): Promise<Landed> {
  const path = await undisturbed(target, name);
  return disturb(path, { latencyMs: ms }, forMs, async () => {
    const seen = await path.proxy.probe({ bytes: 1, withinMs: 2 * ms + ANSWERS_WITHIN_MS });
    if (seen.how !== "answered" || seen.ms < 2 * ms - EARLY_MS)
      throw new TrialError(`A round trip on the path "${name}" took ${inMs(seen.ms)}; at least ${2 * ms} ms were due.`);
    return `A round trip through the proxy on the path "${name}" takes ${inMs(seen.ms)}; it took ${inMs(path.usualMs)} before.`;
  });
}

const SETTINGS = { path: PATH, ms: { ...LATENCY_MS, default: 100 }, forMs: FOR_MS } as const;

export const latency = {
  about: "everything on one path arrives later, in both directions",
  provedBy: "a round trip through the proxy takes at least twice the latency",
  settings: SETTINGS,
  needs: needsItsPath,
  inject(target: FaultTarget, fault: PlannedFault): Promise<Landed> {
    const { ms, forMs } = settingsOf(SETTINGS, fault);
    return delayPath(target, pathOf(fault), ms, forMs);
  },
} satisfies Nemesis;
