/** What faults of paths have in common: settings, and a disturbance that is proved, lasts, and is proved to be over. */
import { setTimeout as delay } from "node:timers/promises";
import { assert, TrialError } from "../errors.ts";
import type { PlannedFault } from "../trial.ts";
import type { Disturbance, FaultNeeds, FaultTarget, Landed, PathProxy, ProxiedPath } from "./nemesis.ts";
import { PATHS } from "./paths.ts";
import { settingsOf } from "./settings.ts";

/** An undisturbed echo takes a fraction of a millisecond; this is for a machine that is busy with the trial. */
export const ANSWERS_WITHIN_MS = 5_000;
/** Whoever gets nothing for this long is cut off. */
export const SILENT_FOR_MS = 250;

export const PATH = { about: "which way is disturbed", default: "model", oneOf: PATHS } as const;
export const FOR_MS = { about: "how long it lasts, in milliseconds", default: 3_000, least: 0, most: 600_000 } as const;

export function pathOf(fault: Pick<PlannedFault, "with">): ProxiedPath {
  const { path: name } = settingsOf({ path: PATH }, { with: { path: fault.with.path ?? PATH.default } });
  const path = PATHS.find((known) => known === name);
  assert(path !== undefined, `the path "${name}" was checked and is not known`);
  return path;
}

export const needsItsPath = (fault: PlannedFault): FaultNeeds => ({ proxies: [pathOf(fault)] });

/** A path that is to be disturbed. */
export interface DisturbedPath {
  readonly name: ProxiedPath;
  readonly proxy: PathProxy;
  /** How long an echo took before. */
  readonly usualMs: number;
}

/** @throws TrialError when the trial has no proxy there, or nothing passes even now */
export async function undisturbed(
  target: Pick<FaultTarget, "proxy">,
  name: ProxiedPath,
  bytes = 1,
): Promise<DisturbedPath> {
  const proxy = target.proxy(name);
  const { how, ms } = await proxy.probe({ bytes, withinMs: ANSWERS_WITHIN_MS });
  if (how !== "answered") throw new TrialError(`Nothing passed the proxy on the path "${name}" before the fault.`);
  return { name, proxy, usualMs: ms };
}

/** A round number of milliseconds for sentences. */
export const inMs = (ms: number): string => `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;

/** "1 connection", "7 connections" */
export const connections = (count: number): string => `${count} connection${count === 1 ? "" : "s"}`;

/**
 * Disturbs a path for a while.
 * @param show says how the disturbance is seen. @throws TrialError when it is not; then it is taken back
 */
export async function disturb(
  { name, proxy }: DisturbedPath,
  disturbance: Disturbance,
  forMs: number,
  show: () => Promise<string>,
): Promise<Landed> {
  await proxy.disturb(disturbance);
  let proof: string;
  try {
    proof = await show();
  } catch (error) {
    await proxy.disturb(null);
    throw error;
  }
  const landed = performance.now();
  return {
    proof,
    async cure() {
      await delay(Math.max(0, forMs - (performance.now() - landed)));
      await proxy.disturb(null);
      const { how } = await proxy.probe({ bytes: 1, withinMs: ANSWERS_WITHIN_MS });
      if (how !== "answered") throw new TrialError(`Nothing passes the proxy on the path "${name}" after the fault.`);
    },
  };
}
