/**
 * memory-cap: for `forMs` each process of a role may grow by `headroomMb` and no more: then the kernel refuses it memory (ENOMEM), and
 * what a runtime makes of that is its own affair. The limit is on private writable memory (RLIMIT_DATA), touched or not; reserved
 * address space, of which modern runtimes take gigabytes, does not count. A process that is started again has no cap.
 */
import { readFileSync } from "node:fs";
import { whyNoLiveLimits } from "../processes/live-limits.ts";
import { type ProcessIdentity, unlessGone } from "../processes/process-table.ts";
import type { PlannedFault } from "../trial.ts";
import { type LoweredLimits, lowerForAll } from "./lowered-limits.ts";
import type { FaultSetting, Landed, Nemesis, ProcessTarget } from "./nemesis.ts";
import { settingsOf } from "./settings.ts";

const SETTINGS = {
  headroomMb: { about: "what each may still grow by", default: 64, least: 0, most: 1_000_000 },
  forMs: { about: "how long", default: 5000, least: 1, most: 600_000 },
} as const satisfies Record<string, FaultSetting>;

const MIB = 1024 * 1024;

/** Bytes that count against RLIMIT_DATA (VmData of proc(5)); undefined when the process is gone. */
function dataBytes({ pid }: ProcessIdentity): number | undefined {
  const status = unlessGone(() => readFileSync(`/proc/${pid}/status`, "latin1")) ?? "";
  const kilobytes = /^VmData:\s+(\d+) kB/m.exec(status)?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

/** Caps one process and says so; null when it died meanwhile. */
async function cap(victim: ProcessIdentity, headroomMb: number, limits: LoweredLimits): Promise<string | null> {
  const bytes = dataBytes(victim);
  if (bytes === undefined || !(await limits.lower(victim, bytes + headroomMb * MIB))) return null;
  return `process ${victim.pid} has ${Math.round(bytes / MIB)} MiB and may have ${headroomMb} MiB more`;
}

export const memoryCap = {
  about: "each process of a role may grow by `headroomMb` and gets no more memory for `forMs`",
  provedBy: "/proc shows the limit beside what each process has",
  settings: SETTINGS,
  whyNot: whyNoLiveLimits,
  async inject(target: ProcessTarget, fault: PlannedFault): Promise<Landed> {
    const { headroomMb, forMs } = settingsOf(SETTINGS, fault);
    return await lowerForAll(target, {
      resource: "data",
      role: fault.role,
      forMs,
      lower: (victim, limits) => cap(victim, headroomMb, limits),
      what: "Data",
    });
  },
} satisfies Nemesis;
