/**
 * Attached: a backend that somebody else has started and that goes on when we leave. It is asked for turns and its model is played; nothing of
 * it is started, stopped, killed or given cores, so only faults of the model and of tools can be put in force.
 */
import { readdirSync } from "node:fs";
import type { Isolation } from "./containers/isolation.ts";
import { UsageError } from "./errors.ts";
import { bareMachine } from "./processes/habitat.ts";
import { listeningPorts, listeningSockets } from "./processes/leftovers.ts";
import { requireFreePort } from "./processes/ports.ts";
import { unlessGone } from "./processes/process-table.ts";
import { untilReady } from "./processes/readiness.ts";

const REACHED_WITHIN_MS = 1_000;

/** An address to listen on; port 0 is any. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

export const LOOPBACK = "127.0.0.1";

/** Somebody else's process. */
export interface Attached {
  /** Where it takes turns: "http://127.0.0.1:3000". */
  readonly url: string;
  /** Where it was told that the model is. */
  readonly world: ListenAddress;
  /** Begins the names of all its conversations with us, so that it has met none of them before: up to 9 characters of [0-9a-z]. */
  readonly visit: string;
}

/** A visit that begins now. */
export const visitNow = (): string => Date.now().toString(36);

const portOf = ({ port }: URL): number => (port === "" ? 80 : Number(port));

/** @throws UsageError where nobody takes connections, or somebody else sits where the model is to be */
export async function requireAttachable({ url, world }: Attached, signal: AbortSignal): Promise<void> {
  const at = new URL(url);
  if (!(await untilReady(`tcp://${at.hostname}:${portOf(at)}`, REACHED_WITHIN_MS, signal)))
    throw new UsageError(`Nothing takes connections at ${url}.`);
  await requireFreePort(world.port, "the scripted model (--world-port, --bind)", world.host);
}

/** Processes that listen at the port of an address of this machine, to be looked at and never touched; none for any other address. */
export function listenersAt(url: string): number[] {
  const at = new URL(url);
  if (!["127.0.0.1", "localhost", "[::1]"].includes(at.hostname)) return [];
  const sockets = listeningSockets();
  const pids = (unlessGone(() => readdirSync("/proc")) ?? []).filter((name) => /^\d+$/.test(name)).map(Number);
  return pids.filter((pid) => listeningPorts(pid, sockets).includes(portOf(at)));
}

/** What a campaign knows of where its runtime lives: nothing has to be installed, and nothing is started. */
export function attachedTo(attached: Attached): Isolation {
  return {
    name: "attached",
    installed: () => Promise.resolve(true),
    missing: ({ name }) => `${name} runs elsewhere.`,
    habitat: () => Promise.resolve(bareMachine),
    attached,
  };
}
