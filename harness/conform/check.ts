/** What a check is: one sentence of the contract, the script that provokes it, and how to see whether it holds. */
import { constant } from "../random.ts";
import type { Promises, Runner } from "../runner.ts";
import type { ModelStep, SessionScript, ToolCall } from "../scenario.ts";
import type { Rig } from "./rig.ts";

export const GROUPS = ["http", "streams", "memory", "agent", "tools", "local tools", "restart"] as const;
export type Group = (typeof GROUPS)[number];

export interface Check {
  /** A sentence about behaviour. */
  readonly name: string;
  readonly group: Group;
  /** Part of the handshake before every campaign: takes less than a second. */
  readonly quick?: true;
  /** Ends processes of the runtime, hence runs after the others and by itself. */
  readonly alone?: true;
  /** Beyond it the check has failed. Default 20 s. */
  readonly limitMs?: number;
  /** Why the check does not concern this runner; undefined where it does. */
  readonly notOffered?: (runner: Runner) => string | undefined;
  /**
   * How it concerns a backend with its own API: it has to hold, or it is told whether it does, as something that is not offered
   * where it does not. Absent: it is not tried there.
   */
  readonly ownApi?: "must" | "may";
  /** The promise that may be made by a backend with its own API for which it holds. */
  readonly shows?: Promises;
  /** What the model does in this check's own session. */
  readonly script: SessionScript;
  /** Resolves with what was seen, as a sentence without a full stop. @throws Unmet when the contract does not hold */
  readonly run: (rig: Rig, session: string) => Promise<string>;
}

/** The runner does not do what the contract says; the message says what it did instead. */
export class Unmet extends Error {
  override readonly name = "Unmet";
}

/** @throws Unmet with the sentence when the condition does not hold */
export function must(condition: boolean, otherwise: string): asserts condition {
  if (!condition) throw new Unmet(otherwise);
}

/** For checks of statuses and addresses that only the contract's own API has. */
export function needsContractApi(runner: Runner): string | undefined {
  return runner.turn === undefined ? undefined : "the runner brings a mapping of its own";
}

/** For checks of a promise. */
export function needsPromise(promise: keyof Promises, value?: string): (runner: Runner) => string | undefined {
  return ({ promises }) => {
    const given = promises[promise];
    const holds = value === undefined ? given !== undefined && given !== false : given === value;
    return holds ? undefined : `not promised: ${promise}${value === undefined ? "" : ` ${value}`}`;
  };
}

/** A step of the model that takes next to no time. @param firstTokenMs where the check needs time to act */
export function says(firstTokenMs = 5, tokens = 6): ModelStep {
  return { say: { firstTokenMs: constant(firstTokenMs), tokens: constant(tokens), tokensPerSecond: 500 } };
}

/** The same with calls. */
export function calls(call: ToolCall | readonly ToolCall[], firstTokenMs = 5): ModelStep {
  return { ...says(firstTokenMs, 2), call };
}
