/**
 * Habitat: where the processes of a runtime live, and hence how they are started and what they find in their environment. Whoever
 * supervises them knows a `Child` alone: restarts, faults and observation are the same wherever it lives.
 */
import { type Child, type ChildCommand, childEnvironment, startChild } from "./child.ts";

export interface Habitat {
  /** What a process finds in its environment before the contract says anything. */
  readonly environment: () => Readonly<Record<string, string>>;
  /** Starts a command. @throws UsageError when it cannot be started */
  readonly start: (what: ChildCommand) => Promise<Child>;
}

/** This machine as it is: processes of the harness's own. */
export const bareMachine: Habitat = { environment: childEnvironment, start: startChild };
