/** What the machine allows: open files, memory, disk, ports. Read, never changed; the plan refuses what does not fit. */
import { execFileSync } from "node:child_process";
import { readFileSync, statfsSync } from "node:fs";
import { availableParallelism, tmpdir, totalmem } from "node:os";
import { ephemeralPorts } from "./ports.ts";
import { unlessGone } from "./process-table.ts";

/** Limits of this machine and user. */
export interface MachineLimits {
  readonly cores: number;
  /** Physical memory, or the container's limit where that is smaller. */
  readonly memoryBytes: number;
  /** Hard limit of open files per process. */
  readonly openFilesHard: number;
  /** Soft limit of what we start. Node raises its own to the hard limit and hands that on. */
  readonly openFilesSoft: number;
  /** Outgoing connections to one address that can exist at once. */
  readonly ephemeralPorts: number;
  /** Free space where results are written. */
  readonly diskFreeBytes: number;
  /** Free space for temporary files (database clusters, data directories). */
  readonly temporaryFreeBytes: number;
}

/** "Max open files" of this process as [soft, hard]; unlimited is Infinity. */
function openFiles(): readonly [number, number] {
  const number = (text: string | undefined): number =>
    text === undefined || text === "unlimited" ? Number.POSITIVE_INFINITY : Number(text);
  const limits = unlessGone(() => readFileSync("/proc/self/limits", "latin1"));
  const [, soft, hard] = /^Max open files\s+(\S+)\s+(\S+)/m.exec(limits ?? "") ?? [];
  if (limits !== undefined) return [number(soft), number(hard)];
  const asked = execFileSync("sh", ["-c", "ulimit -Sn; ulimit -Hn"], { encoding: "utf8", timeout: 5000 }).split("\n");
  return [number(asked[0]?.trim()), number(asked[1]?.trim())];
}

/** Free bytes for an ordinary user on the filesystem of an existing path. */
export function diskFreeBytes(path: string): number {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
}

/** @param resultsFolder an existing folder on the filesystem that will hold the results */
export function machineLimits(resultsFolder: string): MachineLimits {
  const [openFilesSoft, openFilesHard] = openFiles();
  const { low, high } = ephemeralPorts();
  // 0 or a huge number stands for "no limit set".
  const constrained = process.constrainedMemory();
  return {
    cores: availableParallelism(),
    memoryBytes: constrained > 0 ? Math.min(constrained, totalmem()) : totalmem(),
    openFilesHard,
    openFilesSoft,
    ephemeralPorts: high - low + 1,
    diskFreeBytes: diskFreeBytes(resultsFolder),
    temporaryFreeBytes: diskFreeBytes(tmpdir()),
  };
}
