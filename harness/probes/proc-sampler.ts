/**
 * CPU and memory of a runtime and of its database, from outside, out of /proc. CPU time is cumulative and never falls: what a dead
 * process had used stays counted as last seen (at most one interval of it is missed). Memory that processes share counts once.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import type { TrialEvent } from "../history.ts";
import {
  hasProc,
  type ProcessRow,
  processTree,
  readProcess,
  readProcessTable,
  unlessGone,
} from "../processes/process-table.ts";

/** A sample without its stamp. */
export type ProcSample = Omit<Extract<TrialEvent, { e: "sample" }>, "e" | "t">;

/** Whose processes to add up, asked at every sample since restarts change them. */
export interface SampledRoots {
  readonly app: () => readonly number[];
  readonly store: () => readonly number[];
}

/** A scan of all of /proc finds children; between two scans only processes already known are read. */
const SCAN_EVERY_MS = 1000;

interface Usage {
  readonly cpuMs: number;
  readonly rssBytes: number;
}

/** Unit of a kernel figure, in ticks per second or bytes per page. */
const unit = (name: "CLK_TCK" | "PAGESIZE"): number =>
  Number(execFileSync("getconf", [name], { encoding: "utf8", timeout: 5000 }));

/** One tree of processes. */
class SampledTree {
  /** CPU ticks last seen of each process that ever belonged here. */
  readonly #ticks = new Map<string, number>();
  #known = new Set<number>();

  /** Looks for children anew. */
  scan(roots: readonly number[], table: readonly ProcessRow[]): void {
    this.#known = new Set(processTree(roots, table).map((row) => row.pid));
  }

  read(roots: readonly number[], tickMs: number, pageBytes: number): Usage {
    let privatePages = 0;
    let sharedPages = 0;
    for (const pid of new Set([...roots, ...this.#known])) {
      const row = readProcess(pid);
      const statm = unlessGone(() => readFileSync(`/proc/${pid}/statm`, "latin1"));
      if (row === undefined || statm === undefined) continue;
      // size resident shared …, in pages (proc(5)).
      const [, resident = 0, shared = 0] = statm.split(" ").map(Number);
      this.#ticks.set(`${pid} ${row.startTime}`, row.cpuTicks);
      privatePages += resident - shared;
      sharedPages = Math.max(sharedPages, shared);
    }
    const ticks = [...this.#ticks.values()].reduce((sum, value) => sum + value, 0);
    return { cpuMs: ticks * tickMs, rssBytes: (privatePages + sharedPages) * pageBytes };
  }
}

export class ProcSampler {
  readonly #app = new SampledTree();
  readonly #store = new SampledTree();
  readonly #tickMs = 1000 / unit("CLK_TCK");
  readonly #pageBytes = unit("PAGESIZE");
  readonly #roots: SampledRoots;
  readonly #now: () => number;
  #scannedAt = Number.NEGATIVE_INFINITY;

  private constructor(roots: SampledRoots, now: () => number) {
    this.#roots = roots;
    this.#now = now;
  }

  /** A sampler, or null where there is no /proc. @param now milliseconds, for deciding when to look for children again */
  static create(roots: SampledRoots, now: () => number = () => performance.now()): ProcSampler | null {
    return hasProc ? new ProcSampler(roots, now) : null;
  }

  /** Reads all figures now; well below a millisecond unless it is time to look for children. */
  sample(): ProcSample {
    const now = this.#now();
    const [appRoots, storeRoots] = [this.#roots.app(), this.#roots.store()];
    if (now - this.#scannedAt >= SCAN_EVERY_MS) {
      const table = readProcessTable();
      this.#app.scan(appRoots, table);
      this.#store.scan(storeRoots, table);
      this.#scannedAt = now;
    }
    const app = this.#app.read(appRoots, this.#tickMs, this.#pageBytes);
    const store = this.#store.read(storeRoots, this.#tickMs, this.#pageBytes);
    return { appCpuMs: app.cpuMs, appRssBytes: app.rssBytes, storeCpuMs: store.cpuMs, storeRssBytes: store.rssBytes };
  }
}
