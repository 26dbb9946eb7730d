/**
 * CPU, memory, waits, switches and I/O of a runtime and of its database, from outside, out of /proc. All but memory is cumulative
 * and never falls: what a dead process had used stays counted as last seen (at most one interval of it is missed). Memory that
 * processes share counts once.
 */
import { execFileSync } from "node:child_process";
import type { TrialEvent } from "../history.ts";
import type { ProcessLoad } from "../observation.ts";
import { hasProc, type ProcessRow, processTree, readProcessTable } from "../processes/process-table.ts";
import { round } from "../statistics/round.ts";
import { ProcessFiles, type ProcessReading } from "./process-files.ts";

/** A sample without its stamp. */
export type ProcSample = Omit<Extract<TrialEvent, { e: "sample" }>, "e" | "t">;

/** Whose processes to add up, asked at every sample since restarts change them. */
export interface SampledRoots {
  readonly app: () => readonly number[];
  readonly store: () => readonly number[];
}

/** A scan of all of /proc finds children; between two scans only processes already known are read. It costs most of all sampling. */
const SCAN_EVERY_MS = 2000;

interface Usage {
  readonly cpuMs: number;
  readonly rssBytes: number;
  readonly load: ProcessLoad;
}

const NO_LOAD: ProcessLoad = {
  waitMs: 0,
  voluntarySwitches: 0,
  involuntarySwitches: 0,
  readBytes: null,
  writtenBytes: null,
};

const plus = (a: number | null, b: number | null): number | null => (a === null ? b : b === null ? a : a + b);

const addLoads = (a: ProcessLoad, b: ProcessLoad): ProcessLoad => ({
  waitMs: a.waitMs + b.waitMs,
  voluntarySwitches: a.voluntarySwitches + b.voluntarySwitches,
  involuntarySwitches: a.involuntarySwitches + b.involuntarySwitches,
  readBytes: plus(a.readBytes, b.readBytes),
  writtenBytes: plus(a.writtenBytes, b.writtenBytes),
});

/** Unit of a kernel figure, in ticks per second or bytes per page. */
export const kernelUnit = (name: "CLK_TCK" | "PAGESIZE"): number =>
  Number(execFileSync("getconf", [name], { encoding: "utf8", timeout: 5000 }));

/** One tree of processes. */
class SampledTree {
  readonly #open = new Map<number, ProcessFiles>();
  /** What was last seen of each process that ever belonged here, dead ones included. */
  readonly #seen = new Map<ProcessFiles, ProcessReading>();
  #known = new Set<number>();

  /** Looks for children anew. */
  scan(roots: readonly number[], table: readonly ProcessRow[]): void {
    this.#known = new Set(processTree(roots, table).map((row) => row.pid));
  }

  read(roots: readonly number[], tickMs: number, pageBytes: number): Usage {
    let privatePages = 0;
    let sharedPages = 0;
    for (const pid of new Set([...roots, ...this.#known])) {
      const reading = this.#readOne(pid);
      privatePages += (reading?.residentPages ?? 0) - (reading?.sharedPages ?? 0);
      sharedPages = Math.max(sharedPages, reading?.sharedPages ?? 0);
    }
    let cpuTicks = 0;
    let load = NO_LOAD;
    for (const reading of this.#seen.values()) {
      cpuTicks += reading.cpuTicks;
      load = addLoads(load, reading.load);
    }
    const waitMs = round(load.waitMs, 2);
    return {
      cpuMs: cpuTicks * tickMs,
      rssBytes: (privatePages + sharedPages) * pageBytes,
      load: { ...load, waitMs },
    };
  }

  close(): void {
    for (const files of this.#open.values()) files.close();
    this.#open.clear();
  }

  #readOne(pid: number): ProcessReading | null {
    const files = this.#open.get(pid) ?? ProcessFiles.open(pid);
    if (files === null) return null;
    const reading = files.read();
    if (reading === null) {
      files.close();
      this.#open.delete(pid);
      return null;
    }
    this.#open.set(pid, files);
    this.#seen.set(files, reading);
    return reading;
  }
}

export class ProcSampler {
  readonly #app = new SampledTree();
  readonly #store = new SampledTree();
  readonly #tickMs = 1000 / kernelUnit("CLK_TCK");
  readonly #pageBytes = kernelUnit("PAGESIZE");
  readonly #roots: SampledRoots;
  readonly #now: () => number;
  readonly #table: () => readonly ProcessRow[];
  #scannedAt = Number.NEGATIVE_INFINITY;

  private constructor(roots: SampledRoots, now: () => number, table: () => readonly ProcessRow[]) {
    this.#roots = roots;
    this.#now = now;
    this.#table = table;
  }

  /**
   * A sampler, or null where there is no /proc.
   * @param now milliseconds, for deciding when to look for children again
   * @param table for sharing one reading of /proc with others
   */
  static create(
    roots: SampledRoots,
    now: () => number = () => performance.now(),
    table: () => readonly ProcessRow[] = readProcessTable,
  ): ProcSampler | null {
    return hasProc ? new ProcSampler(roots, now, table) : null;
  }

  /** Reads all figures now; well below a millisecond unless it is time to look for children. */
  sample(): ProcSample {
    const now = this.#now();
    const [appRoots, storeRoots] = [this.#roots.app(), this.#roots.store()];
    if (now - this.#scannedAt >= SCAN_EVERY_MS) {
      const table = this.#table();
      this.#app.scan(appRoots, table);
      this.#store.scan(storeRoots, table);
      this.#scannedAt = now;
    }
    const app = this.#app.read(appRoots, this.#tickMs, this.#pageBytes);
    const store = this.#store.read(storeRoots, this.#tickMs, this.#pageBytes);
    return {
      appCpuMs: app.cpuMs,
      appRssBytes: app.rssBytes,
      storeCpuMs: store.cpuMs,
      storeRssBytes: store.rssBytes,
      app: app.load,
      store: store.load,
    };
  }

  /** Closes the files that stay open between samples. */
  close(): void {
    this.#app.close();
    this.#store.close();
  }
}
