/**
 * Whether harness and runtime stay on their cores. The split is inherited, but nothing keeps a process from moving itself; so every
 * thread is looked at now and then. What is found is told, not prevented: a trial that mends what it measures measures something else.
 */
import { readdirSync, readFileSync } from "node:fs";
import type { TrialEvent } from "../history.ts";
import { allowedCores, type CorePlan, parseCores, writeCores } from "../processes/cores.ts";
import { type ProcessRow, processTree, readProcessTable, unlessGone } from "../processes/process-table.ts";

/** A process with a thread that may run where it must not. */
export type Sighting = Omit<Extract<TrialEvent, { e: "stray" }>, "e" | "t">;

/** Whose processes to look at, asked every time since restarts change them. */
export interface IsolatedRoots {
  readonly harness: () => readonly number[];
  readonly runtime: () => readonly number[];
}

/** What a process was started as: the name of its program without folders, since runtimes rename their threads ("MainThread"). */
export function programName(cmdline: string): string {
  const [program = ""] = cmdline.split(/[\0 ]/, 1);
  return program.replace(/^.*\//, "").replace(/:$/, "") || "?";
}

/** The core a thread ran on last: field 39 of its stat (proc(5)). */
export function lastCore(stat: string): number {
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[36] ?? -1);
}

const read = (path: string): string | undefined => unlessGone(() => readFileSync(path, "latin1"));

/** A process that may run on `forbidden` cores, or undefined. Costs some 20 µs per thread. */
function look(who: Sighting["who"], pid: number, forbidden: readonly number[]): Sighting | undefined {
  let found: Sighting | undefined;
  for (const thread of unlessGone(() => readdirSync(`/proc/${pid}/task`)) ?? []) {
    const reach = parseCores(allowedCores(`${pid}/task/${thread}`) ?? "").filter((core) => forbidden.includes(core));
    if (reach.length === 0) continue;
    const ran = reach.includes(lastCore(read(`/proc/${pid}/task/${thread}/stat`) ?? ""));
    found = { who, pid, comm: programName(read(`/proc/${pid}/cmdline`) ?? ""), cores: writeCores(reach), ran };
    if (ran) break;
  }
  return found;
}

/** Looks at all threads of both sides. Made once per trial: it remembers processes that cut themselves off from their parents. */
export class IsolationProbe {
  readonly #harness: readonly number[];
  readonly #runtime: readonly number[];
  readonly #roots: IsolatedRoots;
  readonly #table: () => readonly ProcessRow[];
  /** Start times of the runtime's processes, by pid. */
  #known = new Map<number, string>();

  /** @param table for sharing one reading of /proc with others */
  constructor(cores: CorePlan, roots: IsolatedRoots, table: () => readonly ProcessRow[] = readProcessTable) {
    this.#harness = parseCores(cores.harness);
    this.#runtime = parseCores(cores.runtime);
    this.#roots = roots;
    this.#table = table;
  }

  /** Processes that are not where they belong, now. */
  look(): Sighting[] {
    const strays = this.#roots.harness().map((pid) => look("harness", pid, this.#runtime));
    for (const pid of this.#runtimePids()) strays.push(look("runtime", pid, this.#harness));
    return strays.filter((stray) => stray !== undefined);
  }

  /** The runtime's tree, its process groups, and whatever once belonged to them and lives. */
  #runtimePids(): number[] {
    const table = this.#table();
    const roots = this.#roots.runtime();
    const old = table.filter(({ pid, startTime }) => this.#known.get(pid) === startTime).map(({ pid }) => pid);
    const grouped = table.filter(({ group }) => roots.includes(group)).map(({ pid }) => pid);
    const tree = processTree([...roots, ...old, ...grouped], table);
    this.#known = new Map(tree.map(({ pid, startTime }) => [pid, startTime]));
    return tree.map(({ pid }) => pid);
  }
}
