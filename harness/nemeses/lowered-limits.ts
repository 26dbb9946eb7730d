/** Soft limits of running processes, lowered for a fault and raised again by its cure. */
import { type Resource, setSoftLimit, softLimit } from "../processes/live-limits.ts";
import { isAlive, type ProcessIdentity } from "../processes/process-table.ts";

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
