/** Soft limits of running processes, lowered for a fault and raised again by its cure. */
import { TrialError } from "../errors.ts";
import { type Resource, setSoftLimit, softLimit } from "../processes/live-limits.ts";
import { isAlive, type ProcessIdentity } from "../processes/process-table.ts";
import type { Role } from "../scenario.ts";
import type { Landed, ProcessTarget } from "./nemesis.ts";
import { membersOf, since } from "./victims.ts";

/** Limits of one resource that were changed, with what they had been. */
export class LoweredLimits {
  readonly #resource: Resource;
  readonly #before = new Map<ProcessIdentity, string>();

  constructor(resource: Resource) {
    this.#resource = resource;
  }

  /** Sets the soft limit of a process; false when it died meanwhile. @throws TrialError when it lives and has it not */
  async lower(victim: ProcessIdentity, soft: number): Promise<boolean> {
    const before = softLimit(victim.pid, this.#resource);
    if (before === undefined) return false;
    if (!this.#before.has(victim)) this.#before.set(victim, before);
    return this.#set(victim, String(soft));
  }

  /** Gives every process that lives its limit back. @throws TrialError when one has it not */
  async restore(): Promise<void> {
    for (const [victim, before] of this.#before) await this.#set(victim, before);
  }

  async #set(victim: ProcessIdentity, soft: string): Promise<boolean> {
    try {
      if (!isAlive(victim)) return false;
      await setSoftLimit(victim.pid, this.#resource, soft);
      return true;
    } catch (error) {
      if (isAlive(victim)) throw error;
      return false;
    }
  }
}

/** What a fault of limits is made of. */
export interface LimitFault {
  readonly resource: Resource;
  readonly role: Role;
  readonly forMs: number;
  /** Lowers the limit of one process and says so; null when it died meanwhile. @throws TrialError when it lives and has not come to its limit */
  readonly lower: (victim: ProcessIdentity, limits: LoweredLimits) => Promise<string | null>;
  /** What the proof is of: "Open files", "Data". */
  readonly what: string;
}

/** Lowers a limit for every process of a role and raises it again `forMs` later. @throws TrialError when it lowered none; none stays lowered then */
export async function lowerForAll(target: ProcessTarget, fault: LimitFault): Promise<Landed> {
  const { resource, role, forMs, lower, what } = fault;
  const limits = new LoweredLimits(resource);
  try {
    const lowered: string[] = [];
    for (const victim of membersOf(target, role)) {
      const said = await lower(victim, limits);
      if (said !== null) lowered.push(said);
    }
    if (lowered.length === 0) throw new TrialError(`The processes of role "${role}" died before their limit was set.`);
    const landed = performance.now();
    return {
      proof: `${what} of role ${role}: ${lowered.join("; ")}.`,
      async cure() {
        await since(landed, forMs);
        await limits.restore();
      },
    };
  } catch (error) {
    await limits.restore();
    throw error;
  }
}
