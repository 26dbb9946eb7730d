/** Whom a fault of processes hits, and how sentences speak of them. */
import { setTimeout as delay } from "node:timers/promises";
import { TrialError } from "../errors.ts";
import { hasProc, type ProcessIdentity, processTree } from "../processes/process-table.ts";
import type { Role } from "../scenario.ts";
import type { ProcessTarget } from "./nemesis.ts";

/** First processes of a role. @throws TrialError when none runs */
export function rootsOf(target: ProcessTarget, role: Role): readonly number[] {
  const roots = target.pids(role);
  if (roots.length === 0) throw new TrialError(`No process of role "${role}" is running.`);
  return roots;
}

/** All processes of a role, children included. @throws TrialError when none lives */
export const membersOf = (target: ProcessTarget, role: Role): ProcessIdentity[] =>
  living(processTree(rootsOf(target, role)), role);

/** The victims, if there are any: a fault that hit nobody must not count. @throws TrialError when there are none */
export function living<Victims extends readonly unknown[]>(victims: Victims, role: Role): Victims {
  if (victims.length === 0) throw new TrialError(`The processes of role "${role}" had ended before the fault came.`);
  return victims;
}

/** "the process", "all 3 processes". */
export const named = (victims: readonly unknown[]): string =>
  victims.length === 1 ? "the process" : `all ${victims.length} processes`;

/** Waits until so many milliseconds have passed since an instant of `performance.now`. */
export const since = (instantMs: number, ms: number): Promise<void> =>
  delay(Math.max(0, instantMs + ms - performance.now()));

/** For nemeses whose proof stands in /proc. */
export const whyNoProc = (): string | null =>
  hasProc ? null : "Its proof is read from /proc, which this system does not have.";
