/**
 * What would remain if the harness died now: process groups and marked directories. The watchdog collects these lines from a pipe,
 * the sweep at the next start reads them from owner files; both end and remove exactly what was noted.
 */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { findAbandoned, type MarkedDirectory, removeMarkedDirectory } from "./marked-directory.ts";
import {
  isAlive,
  type ProcessIdentity,
  type ProcessRow,
  processTree,
  readProcessTable,
  signalIfAlive,
  unlessGone,
} from "./process-table.ts";

/** One line of the pipe, as JSON. */
export type RemainsLine =
  | { readonly group: number; readonly startTime: string }
  | { readonly forget: number }
  | { readonly directory: string; readonly token: string }
  | { readonly forgetDirectory: string };

/** How long ending may take before the directories are removed all the same. */
const END_WITHIN_MS = 1500;

/** Collects lines and ends what they name. */
export class Remains {
  readonly #groups = new Map<number, string>();
  readonly #directories = new Map<string, string>();

  /** Takes one line. A line torn by the death of its writer names nothing and is left out. */
  note(text: string): void {
    if (!text.startsWith("{") || !text.endsWith("}")) return;
    const line = JSON.parse(text) as RemainsLine;
    if ("group" in line) this.#groups.set(line.group, line.startTime);
    else if ("forget" in line) this.#groups.delete(line.forget);
    else if ("directory" in line) this.#directories.set(line.directory, line.token);
    else this.#directories.delete(line.forgetDirectory);
  }

  /** Kills the groups and what descends from them, then removes the directories. Returns a sentence for each thing that could not be done. */
  async end(): Promise<string[]> {
    const problems: string[] = [];
    const killed = await this.#endGroups();
    if (killed.some(isAlive)) problems.push("Some processes outlived SIGKILL.");
    await removeSharedMemory(killed);
    for (const [path, token] of this.#directories) {
      try {
        removeMarkedDirectory({ path, token });
      } catch (error) {
        problems.push((error as Error).message);
      }
    }
    return problems;
  }

  async #endGroups(): Promise<ProcessIdentity[]> {
    // Kept by pid and start time over all rounds: a process that left its group (databases call setsid) is found by its parents
    // only while these live, that is, in the round that kills them.
    const victims = new Map<string, ProcessIdentity>();
    const deadline = performance.now() + END_WITHIN_MS;
    while (this.#groups.size > 0) {
      for (const row of this.#members(readProcessTable())) victims.set(`${row.pid} ${row.startTime}`, row);
      const alive = [...victims.values()].filter(isAlive);
      if (alive.length === 0 || performance.now() > deadline) break;
      for (const victim of alive) signalIfAlive(victim, "SIGKILL");
      await delay(10);
    }
    return [...victims.values()];
  }

  #members(table: readonly ProcessRow[]): ProcessRow[] {
    const roots: number[] = [];
    for (const [group, startTime] of this.#groups) {
      const leader = table.find((row) => row.pid === group);
      // A pid is not given out again while its group has members, so another start time means that our group is gone.
      if (leader !== undefined && leader.startTime !== startTime) continue;
      roots.push(...table.filter((row) => row.group === group).map((row) => row.pid));
    }
    return processTree(roots, table);
  }
}

/**
 * Removes System V shared memory that the killed processes created and nobody has attached: Postgres keeps a few bytes there
 * as a lock on its data directory, and SIGKILL gives it no chance to clear them.
 */
export async function removeSharedMemory(killed: readonly ProcessIdentity[]): Promise<void> {
  const text = unlessGone(() => readFileSync("/proc/sysvipc/shm", "latin1")) ?? "";
  const creators = new Set(killed.map((row) => String(row.pid)));
  for (const line of text.split("\n").slice(1)) {
    // Columns of proc(5): key shmid perms size cpid lpid nattch …
    const [, id, , , creator, , attached] = line.trim().split(/\s+/);
    if (id === undefined || creator === undefined || !creators.has(creator) || attached !== "0") continue;
    await new Promise<void>((resolve) => execFile("ipcrm", ["-m", id], { timeout: 2000 }, () => resolve()));
  }
}

/**
 * Ends and removes what dead harnesses have left in `parent`; called at the start of every command that measures.
 * @returns the directories removed
 */
export async function sweep(parent?: string): Promise<MarkedDirectory[]> {
  const abandoned = findAbandoned(parent);
  for (const { path, token, lines } of abandoned) {
    const remains = new Remains();
    for (const line of lines) remains.note(line);
    remains.note(JSON.stringify({ directory: path, token } satisfies RemainsLine));
    await remains.end();
  }
  return abandoned.map(({ path, token }) => ({ path, token }));
}
