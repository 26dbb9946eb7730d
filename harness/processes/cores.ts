/**
 * Which cores are the harness's and which the runtime's. A harness that shares its cores with what it measures measures itself,
 * so the split is fixed before anything starts and inherited by every child; `probes/isolation.ts` looks whether it holds.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { processTree, unlessGone } from "./process-table.ts";

/** Core lists as the kernel writes them: "0-3,6". */
export interface CorePlan {
  readonly harness: string;
  readonly runtime: string;
}

/** The cores of a list such as "0-2,5". */
export function parseCores(list: string): number[] {
  return list.split(",").flatMap((range) => {
    const [, from, to] = /^(\d+)(?:-(\d+))?$/.exec(range.trim()) ?? [];
    if (from === undefined) return [];
    return Array.from({ length: Number(to ?? from) - Number(from) + 1 }, (_, index) => Number(from) + index);
  });
}

/** The shortest list of these cores, as the kernel writes it. */
export function writeCores(cores: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const core of [...cores].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last !== undefined && core === last[1] + 1) last[1] = core;
    else ranges.push([core, core]);
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(",");
}

/**
 * Splits cores: one each of two, half and half from four on (of an odd number the runtime has one more).
 * @param siblings hardware threads of each core that share its circuits; they stay on one side where the number allows
 */
export function splitCores(allowed: readonly number[], siblings: (core: number) => readonly number[]): CorePlan | null {
  if (allowed.length < 2) return null;
  const ordered = [...new Set(allowed.flatMap((core) => [core, ...siblings(core)]))].filter((core) =>
    allowed.includes(core),
  );
  const half = Math.floor(ordered.length / 2);
  return { harness: writeCores(ordered.slice(0, half)), runtime: writeCores(ordered.slice(half)) };
}

function siblingsOf(core: number): number[] {
  const path = `/sys/devices/system/cpu/cpu${core}/topology/thread_siblings_list`;
  return parseCores((unlessGone(() => readFileSync(path, "utf8")) ?? `${core}`).trim());
}

function hasTaskset(): boolean {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => existsSync(join(folder, "taskset")));
}

/**
 * The cores a process or thread may use, or undefined where /proc does not say.
 * @param task "self", a pid, or "PID/task/TID"
 */
export function allowedCores(task: number | string = "self"): string | undefined {
  const status = unlessGone(() => readFileSync(`/proc/${task}/status`, "latin1"));
  return status === undefined ? undefined : /^Cpus_allowed_list:\s*(\S+)/m.exec(status)?.[1];
}

/** The split for this machine, or null where none is possible: one core, no taskset, macOS. Ask before pinning anything. */
export function planCores(): CorePlan | null {
  const allowed = allowedCores();
  return allowed === undefined || !hasTaskset() ? null : splitCores(parseCores(allowed), siblingsOf);
}

/** Moves a process with all its threads, by default this one, to these cores. What it starts later inherits them. */
export function pinProcess(cores: string, pid: number = process.pid): void {
  execFileSync("taskset", ["-acp", cores, String(pid)], { stdio: "ignore", timeout: 5000 });
}

/** Core lists that the threads of a process tree really have. */
export function coresOfTree(roots: readonly number[]): string[] {
  const threads = processTree(roots).flatMap(({ pid }) =>
    (unlessGone(() => readdirSync(`/proc/${pid}/task`)) ?? []).map((thread) => `${pid}/task/${thread}`),
  );
  return [...new Set(threads.flatMap((thread) => allowedCores(thread) ?? []))].sort();
}
