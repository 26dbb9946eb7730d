/**
 * Nemesis: puts one fault in force, proves that it landed, hands back its cure. The trial decides when, and runs every cure on
 * every way out. Faults that the World or the script puts in force have no nemesis.
 */
import { UsageError, unknownName } from "../errors.ts";
import type { Pause } from "../processes/pause.ts";
import type { Role } from "../scenario.ts";
import type { PlannedFault } from "../trial.ts";
import { bandwidth } from "./bandwidth.ts";
import { burnBeside } from "./burn-beside.ts";
import { exhaustFiles } from "./exhaust-files.ts";
import { freeze } from "./freeze.ts";
import { halfOpen } from "./half-open.ts";
import { kill } from "./kill.ts";
import { latency } from "./latency.ts";
import { memoryCap } from "./memory-cap.ts";
import { partition } from "./partition.ts";
import type { ProxiedPath } from "./paths.ts";
import { postgresFreeze } from "./postgres-freeze.ts";
import { postgresFull } from "./postgres-full.ts";
import { postgresKill } from "./postgres-kill.ts";
import { postgresPartition } from "./postgres-partition.ts";
import { postgresRestart } from "./postgres-restart.ts";
import { postgresSlow } from "./postgres-slow.ts";
import { redeploy } from "./redeploy.ts";
import { reset } from "./reset.ts";
import { secondReplica } from "./second-replica.ts";
import { slowClose } from "./slow-close.ts";
import { takeover } from "./takeover.ts";
import { terminate } from "./terminate.ts";

export { PATHS, type ProxiedPath } from "./paths.ts";

/** What a proxy does to the bytes of every connection, from now on and until it is told otherwise. */
export interface Disturbance {
  /** Bytes of either direction arrive this much later. */
  readonly latencyMs?: number;
  /** At most so many bytes a second and direction. */
  readonly bytesPerSecond?: number;
  /**
   * Nothing passes in either direction, and nobody is told: what a cut cable looks like. Connections made meanwhile are accepted
   * and get nothing. What was sent arrives once this is over, as from a network that sends again.
   */
  readonly silent?: true;
  /**
   * The connections that are open now go dead and nobody is told; new ones are as always. Once this is over the dead ones are
   * reset, as by a host that has forgotten them.
   */
  readonly stale?: true;
  /** New connections are reset at once. */
  readonly refuse?: true;
  /** Ends of connections (FIN) are passed on this much later. */
  readonly closeDelayMs?: number;
}

/** A connection through the proxy to an echo of its own, made anew unless it is the standing one. */
export interface ProbeAsk {
  /** On the one connection that was made when this was first asked for and has been open since, as those of a pool are. */
  readonly standing?: true;
  /** Sent, and awaited back; at least 1. */
  readonly bytes: number;
  /** Given up after this long. */
  readonly withinMs: number;
  /** Then also ended in order, and the end of the other side awaited. */
  readonly untilClosed?: true;
}

/** What became of what a probe sent. Times count from the first attempt to connect, on the standing connection from the sending. */
export interface ProbeSeen {
  readonly how: "answered" | "silent" | "reset";
  /** Bytes that came back. */
  readonly bytes: number;
  /** When the last of them came, or the reset. */
  readonly ms: number;
  /** When the end of the other side came, after all had come back; null when that was not seen. */
  readonly closedMs: number | null;
}

/** A proxy on one path. Every call resolves when the proxy has done it. */
export interface PathProxy {
  disturb(disturbance: Disturbance | null): Promise<void>;
  /** Ends all open connections with a reset on both sides. @returns how many */
  reset(): Promise<number>;
  /** New connections go to this port of 127.0.0.1 from now on. Open ones stay. */
  redirect(port: number): Promise<void>;
  /**
   * Sends bytes through the proxy to an echo, under the very disturbances that the others are under, and hurts nobody: the end of
   * the path hears nothing of it.
   */
  probe(ask: ProbeAsk): Promise<ProbeSeen>;
  /** Counted since the trial began. */
  seen(): Promise<{ readonly opened: number; readonly open: number; readonly bytes: number }>;
}

/** Further processes of a runtime beside those that its supervisor started. They are supervised as well. */
export interface Replica {
  /** Its REPLICA. */
  readonly number: number;
  /** Those that run now. */
  readonly pids: readonly number[];
  /** Port on which its serving process takes turns; null if the role has none. */
  readonly port: number | null;
  /** Asks the processes to end (SIGTERM, later SIGKILL). */
  stop(): Promise<void>;
  /**
   * From now on these are the processes of the role: those that were there before are ended for good, by SIGTERM, and by SIGKILL
   * when the grace is over (0: at once).
   */
  takePlace(graceMs: number): Promise<void>;
}

/** How a further replica differs from the first. */
export interface ReplicaChanges {
  /** "same": the REPLICA of the one that runs, whose place it is to take; "another": the lowest that no running one has. */
  readonly owner: "same" | "another";
  /** Environment of its version; default: what `changeEnvironment` said. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The database of the trial, where it is ours. */
export interface DatabaseTarget {
  /** pid of the server's first process, or null while it is down. */
  readonly pid: number | null;
  /** SIGKILL to the server and all its children, or an immediate or fast shutdown. It stays down. Resolves when its processes are gone. */
  end(how: "kill" | "immediate" | "fast"): Promise<void>;
  /** Starts it again on the same port and files. Resolves when it answers queries. */
  start(): Promise<void>;
  /** Folder of its data. */
  readonly dataFolder: string;
  /** Address that goes round every proxy, for proofs. */
  readonly directUrl: string;
  /** The small filesystem of its own that the data lie on, where the trial asked for one. */
  readonly volume: DatabaseVolume | null;
}

/** A filesystem of a given size, in memory: it goes away with the trial, and flushing to it costs nothing. */
export interface DatabaseVolume {
  readonly freeBytes: number;
  /** Takes away all space that is free now: whoever needs another block gets ENOSPC. */
  fill(): Promise<void>;
  /** Gives it back. */
  relieve(): Promise<void>;
}

/** The supervised processes of a runtime. */
export interface ProcessTarget {
  /** pids of the running processes of a role, as their supervisor knows them; their children are found in /proc. */
  pids(role: Role): readonly number[];
  /** Pauses what the processes of a role live in; null, or absent, where only the processes themselves can be stopped. @throws TrialError */
  pause?(role: Role): Promise<Pause> | null;
  /** From now on dead processes of the role stay down, and their deaths count as ours. */
  hold(role: Role): void;
  /** Starts what is down. Resolves when it is ready, or cannot become so within its limit: that is the runtime's affair. */
  release(role: Role): Promise<void>;
}

/** What a nemesis may do to a runtime. */
export interface FaultTarget extends ProcessTarget {
  /** Starts the processes of a role once more beside the others. Resolves when they are ready. @throws TrialError when they do not become so */
  addReplica(role: Role, changes: ReplicaChanges): Promise<Replica>;
  /**
   * From now on a process of the role that is started, or started again, also gets this environment; null takes it back. For a
   * redeploy, after which restarts are those of the new version.
   */
  changeEnvironment(role: Role, env: Readonly<Record<string, string>> | null): void;
  /** What a process of version 2 gets: VERSION=2, and what runner.json offers. */
  readonly versionTwo: Readonly<Record<string, string>>;
  /** The proxy on a path. @throws TrialError where the trial has none: the nemesis did not say in `needs` that it wants one */
  proxy(path: ProxiedPath): PathProxy;
  /** Where turns are taken by the runtime itself, past any proxy. */
  readonly runtimeUrl: string;
  /** Null where the runner uses no database, or one that is not ours. */
  readonly database: DatabaseTarget | null;
  /** Cores of the runtime as the kernel writes them; null where nothing is pinned. */
  readonly cores: string | null;
  /** MEMORY_MB of the runtime. */
  readonly memoryMb: number;
  /** Tells the trial's watchdog of a process group of ours that must not outlive the trial, and that it has ended. */
  watchGroup(pid: number): void;
  forgetGroup(pid: number): void;
}

/** A fault in force. */
export interface Landed {
  /** A sentence that says how it is known that the fault landed. */
  readonly proof: string;
  /** Takes the fault back; waits for `restartAfterMs` or `with.forMs` where the fault says so. */
  cure(): Promise<void>;
}

/** A setting that a scenario may give in `with`. */
export interface FaultSetting {
  readonly about: string;
  readonly default: string | number | boolean;
  /** Bounds of a number, inclusive. */
  readonly least?: number;
  readonly most?: number;
  /** All values of a text. */
  readonly oneOf?: readonly string[];
}

/** What must stand ready before the load begins. */
export interface FaultNeeds {
  readonly proxies?: readonly ProxiedPath[];
  /** The database must be ours; "volume": and its data on a filesystem of their own that can be filled. */
  readonly database?: "ours" | "volume";
  /** So many copies of the role's processes must be allowed side by side ("replicas" in runner.json). */
  readonly copies?: number;
}

export interface Nemesis {
  /** What happens, in one sentence for `list faults`. */
  readonly about: string;
  /** How its landing is proved, in one sentence. */
  readonly provedBy: string;
  readonly settings: Readonly<Record<string, FaultSetting>>;
  readonly needs?: (fault: PlannedFault) => FaultNeeds;
  /** Where nobody but root can inject it, in a few words; absent where nobody needs to be root. */
  readonly rootWhere?: string;
  /** Why this machine cannot inject it, as a sentence; null if it can. Looks, changes nothing that stays. */
  readonly whyNot?: () => string | null;
  /** Resolves when the fault is proved to be in force. @throws TrialError when it cannot be: the fault was missed, nothing stays behind */
  inject(target: FaultTarget, fault: PlannedFault): Promise<Landed>;
}

/** All nemeses by the kind that scenarios name. */
export const NEMESES: Readonly<Record<string, Nemesis>> = {
  kill,
  terminate,
  redeploy,
  freeze,
  takeover,
  "second-replica": secondReplica,
  "burn-beside": burnBeside,
  "memory-cap": memoryCap,
  "exhaust-files": exhaustFiles,
  latency,
  bandwidth,
  reset,
  "half-open": halfOpen,
  "slow-close": slowClose,
  partition,
  "postgres-kill": postgresKill,
  "postgres-restart": postgresRestart,
  "postgres-freeze": postgresFreeze,
  "postgres-partition": postgresPartition,
  "postgres-slow": postgresSlow,
  "postgres-full": postgresFull,
};

/** @throws UsageError that lists what exists */
export function nemesisOf(kind: string): Nemesis {
  const nemesis = Object.hasOwn(NEMESES, kind) ? NEMESES[kind] : undefined;
  if (nemesis === undefined) throw new UsageError(unknownName("fault kind", kind, Object.keys(NEMESES)));
  return nemesis;
}
