/**
 * Probing: what is looked at from outside while a trial runs, written into its history: CPU, memory, switches and I/O of the
 * runtime ten times a second; once a second the machine, our own processes, and whether everybody is on their cores.
 *
 * It runs on the core of the witnesses, so it is cheap: one scan of /proc a second is shared by all who need it. Where there is no
 * /proc nothing is written, and what is made of it says "not measured".
 */
import { readdirSync, readlinkSync, statSync } from "node:fs";
import { type Attached, listenersAt } from "../attached.ts";
import type { Clock } from "../clock.ts";
import type { TrialEvent } from "../history.ts";
import { IsolationProbe } from "../probes/isolation.ts";
import { readCoreTimes, readPressure } from "../probes/machine.ts";
import { kernelUnit, ProcSampler } from "../probes/proc-sampler.ts";
import { type CorePlan, parseCores } from "../processes/cores.ts";
import {
  hasProc,
  type ProcessRow,
  processTree,
  readProcess,
  readProcessTable,
  unlessGone,
} from "../processes/process-table.ts";
import type { HarnessProcessName } from "../trial.ts";

export const SAMPLE_EVERY_MS = 100;
/** Samples between two looks at the machine. */
const MACHINE_EVERY = 10;
/** A reading of all processes is used again within this: by everybody of one look, by nobody of the next. */
const TABLE_KEEPS_MS = 400;
/** Strays that are written at every look; a runtime with more of them is caught by these. */
const STRAYS_MOST = 10;

/** Whom to look at; pids are asked for every time, since processes come and go. */
export interface ProbedProcesses {
  readonly cores: CorePlan | null;
  readonly app: () => readonly number[];
  readonly store: () => readonly number[];
  /** Our own processes that run; the supervisor is this one. */
  readonly witnesses: () => Readonly<Partial<Record<"driver" | "world", number>>>;
}

/**
 * Pids of the runtime, asked for every time: those that were started here, or those that listen where it runs already. Null where that is
 * not on this machine: nothing is known of what it uses, and nothing is better than the nothing that nobody would use.
 */
export function appPids(
  runtime: { pids(): readonly number[] },
  attached: Attached | undefined,
): (() => readonly number[]) | null {
  if (attached === undefined) return () => runtime.pids();
  const theirs = listenersAt(attached.url);
  return theirs.length === 0 ? null : () => theirs;
}

/** Counts the open sockets of a process without asking what each descriptor is: those that were none at first are taken off. */
class SocketCount {
  readonly #others = new Map<number, number>();

  read(pid: number): number {
    const folder = `/proc/${pid}/fd`;
    const open = unlessGone(() => openDescriptors(folder)) ?? 0;
    let others = this.#others.get(pid);
    if (others === undefined) {
      const names = unlessGone(() => readdirSync(folder)) ?? [];
      const targets = names.map((name) => unlessGone(() => readlinkSync(`${folder}/${name}`)) ?? "");
      others = targets.filter((target) => !target.startsWith("socket:")).length;
      this.#others.set(pid, others);
    }
    return Math.max(0, open - others);
  }
}

/** Since Linux 6.2 the size of the folder is the number of descriptors; before, it is 0 and they have to be listed. */
const openDescriptors = (folder: string): number => statSync(folder).size || readdirSync(folder).length;

/** CPU time of all our processes that have no name of their own: watchdog, prober, proxies. What the dead used stays counted. */
class RestOfUs {
  readonly #ticks = new Map<string, number>();

  /** Ticks so far. @param named ours that are counted apart. @param runtime processes of the runtime, whose parent we are too */
  read(table: readonly ProcessRow[], named: readonly number[], runtime: readonly number[]): number {
    const theirs = new Set(processTree(runtime, table).map(({ pid }) => pid));
    for (const { pid, startTime, cpuTicks } of processTree([process.pid], table))
      if (!theirs.has(pid) && !named.includes(pid)) this.#ticks.set(`${pid} ${startTime}`, cpuTicks);
    return [...this.#ticks.values()].reduce((sum, ticks) => sum + ticks, 0);
  }
}

/** Looks regularly from `start` to `stop`. */
export class Probing {
  readonly #probed: ProbedProcesses;
  readonly #clock: Clock;
  readonly #write: (event: TrialEvent) => void;
  readonly #sampler: ProcSampler | null;
  readonly #isolation: IsolationProbe | null;
  readonly #sockets = new SocketCount();
  readonly #rest = new RestOfUs();
  readonly #coreSets: readonly (readonly number[] | null)[];
  readonly #tickMs: number;
  #table: { readonly rows: readonly ProcessRow[]; readonly readMs: number } | null = null;
  #timer: NodeJS.Timeout | undefined;
  #looks = 0;

  constructor(probed: ProbedProcesses, clock: Clock, write: (event: TrialEvent) => void) {
    this.#probed = probed;
    this.#clock = clock;
    this.#write = write;
    const { cores, app, store } = probed;
    this.#sampler = ProcSampler.create({ app, store }, clock, () => this.#rows());
    this.#tickMs = hasProc ? 1000 / kernelUnit("CLK_TCK") : 0;
    this.#coreSets = cores === null ? [null] : [parseCores(cores.harness), parseCores(cores.runtime)];
    const roots = { harness: () => Object.values(this.#ownPids()), runtime: () => [...app(), ...store()] };
    this.#isolation = cores === null || !hasProc ? null : new IsolationProbe(cores, roots, () => this.#rows());
  }

  /** Takes the first look at once, and further ones from then on. */
  static begin(...given: ConstructorParameters<typeof Probing>): Probing {
    const probing = new Probing(...given);
    probing.look();
    probing.start();
    return probing;
  }

  start(): void {
    if (this.#sampler === null) return;
    this.#timer = setInterval(() => this.look(), SAMPLE_EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#sampler?.close();
  }

  /** One look; once a second it is at everything. */
  look(): void {
    if (this.#sampler === null) return;
    this.#write({ e: "sample", t: this.#clock(), ...this.#sampler.sample() });
    if (this.#looks++ % MACHINE_EVERY > 0) return;
    this.#lookAtMachine();
    for (const stray of this.#isolation?.look().slice(0, STRAYS_MOST) ?? [])
      this.#write({ e: "stray", t: this.#clock(), ...stray });
  }

  #ownPids(): Partial<Record<HarnessProcessName, number>> {
    return { ...this.#probed.witnesses(), supervisor: process.pid };
  }

  #lookAtMachine(): void {
    const [harness, runtime = null] = readCoreTimes(this.#coreSets, this.#tickMs) ?? [];
    if (harness === undefined) return;
    const cpuMs = { driver: 0, world: 0, supervisor: 0 };
    const sockets = { ...cpuMs };
    for (const [name, pid] of Object.entries(this.#ownPids()) as [HarnessProcessName, number][]) {
      cpuMs[name] = (readProcess(pid)?.cpuTicks ?? 0) * this.#tickMs;
      sockets[name] = this.#sockets.read(pid);
    }
    const { app, store } = this.#probed;
    const rest = this.#rest.read(this.#rows(), Object.values(this.#ownPids()), [...app(), ...store()]);
    const event = { e: "machine", t: this.#clock(), harness, runtime, cpuMs, restCpuMs: rest * this.#tickMs } as const;
    this.#write({ ...event, sockets, pressure: readPressure() });
  }

  #rows(): readonly ProcessRow[] {
    const nowMs = this.#clock();
    if (this.#table === null || nowMs - this.#table.readMs > TABLE_KEEPS_MS)
      this.#table = { rows: readProcessTable(), readMs: nowMs };
    return this.#table.rows;
  }
}
