/** Limits of processes that run: read from /proc, lowered and raised again by prlimit. Only soft limits, which anybody may raise again. */
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { TrialError } from "../errors.ts";
import { hasProc, unlessGone } from "./process-table.ts";

/** Resources as prlimit and /proc name them. */
const RESOURCES = { nofile: "Max open files", data: "Max data size" } as const;
export type Resource = keyof typeof RESOURCES;

const run = promisify(execFile);

/** Soft limit of a process, "unlimited" or a number as the kernel writes it; undefined when it is gone. */
export function softLimit(pid: number, resource: Resource): string | undefined {
  const text = unlessGone(() => readFileSync(`/proc/${pid}/limits`, "latin1"));
  return text === undefined ? undefined : new RegExp(`^${RESOURCES[resource]}\\s+(\\S+)`, "m").exec(text)?.[1];
}

/** Sets the soft limit of a running process of ours. @throws TrialError when it is not in force afterwards */
export async function setSoftLimit(pid: number, resource: Resource, soft: string): Promise<void> {
  let refusal = "";
  try {
    await run("prlimit", ["--pid", String(pid), `--${resource}=${soft}:`], { timeout: 5000 });
  } catch (error) {
    refusal = `: ${(error as Error).message.trim()}`;
  }
  const now = softLimit(pid, resource);
  if (now !== soft)
    throw new TrialError(
      `Limit "${RESOURCES[resource]}" of process ${pid} is ${now ?? "that of nobody"} instead of ${soft}${refusal}.`,
    );
}

/** Why limits of running processes cannot be changed here, as a sentence; null if they can. */
export function whyNoLiveLimits(): string | null {
  if (!hasProc) return "Limits of running processes are read from /proc, which this system does not have.";
  const found = (process.env.PATH ?? "").split(delimiter).some((folder) => existsSync(join(folder, "prlimit")));
  return found ? null : 'There is no program "prlimit" (package util-linux), which sets limits of running processes.';
}
