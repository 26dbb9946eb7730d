/**
 * exhaust-files: the processes of a role can open no more files or sockets (EMFILE) for `forMs`, because their limit is brought down
 * to what they have open. What is open stays open; what they close they may open again.
 */
import { readdirSync } from "node:fs";
import { TrialError } from "../errors.ts";
import { whyNoLiveLimits } from "../processes/live-limits.ts";
import { type ProcessIdentity, unlessGone } from "../processes/process-table.ts";
import type { PlannedFault } from "../trial.ts";
import { type LoweredLimits, lowerForAll } from "./lowered-limits.ts";
import type { FaultSetting, Landed, Nemesis, ProcessTarget } from "./nemesis.ts";
import { settingsOf } from "./settings.ts";

const SETTINGS = {
  spare: { about: "how many descriptors each may still open", default: 0, least: 0, most: 100_000 },
  forMs: { about: "how long", default: 5000, least: 1, most: 600_000 },
} as const satisfies Record<string, FaultSetting>;

/** A busy process closes connections between the look and the limit; then the limit follows. */
const TRIES = 10;

const openNumbers = (pid: number): number[] => (unlessGone(() => readdirSync(`/proc/${pid}/fd`)) ?? []).map(Number);

/** The limit that leaves so many free: a descriptor gets the lowest free number, and that must be below the limit. */
export function limitLeaving(spare: number, open: readonly number[]): number {
  const taken = new Set(open);
  let free = spare;
  for (let number = 0; ; number++) {
    if (taken.has(number)) continue;
    if (free === 0) return number;
    free -= 1;
  }
}

/** Brings one process to its limit and says so; null when it died meanwhile. @throws TrialError when it does not come to it */
async function exhaust(victim: ProcessIdentity, spare: number, limits: LoweredLimits): Promise<string | null> {
  for (let tries = 0; tries < TRIES; tries++) {
    const limit = limitLeaving(spare, openNumbers(victim.pid));
    if (!(await limits.lower(victim, limit))) return null;
    const used = openNumbers(victim.pid).filter((number) => number < limit).length;
    if (limit - used <= spare) return `process ${victim.pid} may use ${limit} descriptors and uses ${used} of them`;
  }
  throw new TrialError(`Process ${victim.pid} closed files as fast as its limit came down.`);
}

export const exhaustFiles = {
  about: "the processes of a role can open no more files or sockets for `forMs`",
  provedBy: "/proc shows the limit, and that every descriptor below it but `spare` is in use",
  settings: SETTINGS,
  whyNot: whyNoLiveLimits,
  async inject(target: ProcessTarget, fault: PlannedFault): Promise<Landed> {
    const { spare, forMs } = settingsOf(SETTINGS, fault);
    return await lowerForAll(target, {
      resource: "nofile",
      role: fault.role,
      forMs,
      lower: (victim, limits) => exhaust(victim, spare, limits),
      what: "Open files",
    });
  },
} satisfies Nemesis;
