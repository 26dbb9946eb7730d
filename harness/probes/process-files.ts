/**
 * What the kernel tells about one process, read cheaply and often: its files in /proc stay open and are read again from their
 * beginning. An open file belongs to the process it was opened for, so a pid that is given out again is never mistaken for it.
 */
import { closeSync, openSync, readSync } from "node:fs";
import type { ProcessLoad } from "../observation.ts";
import { parseStat, unlessGone } from "../processes/process-table.ts";

/** One reading of a process; ticks and pages are the kernel's units. */
export interface ProcessReading {
  readonly cpuTicks: number;
  readonly residentPages: number;
  readonly sharedPages: number;
  readonly load: ProcessLoad;
}

/** Files of proc(5). `io` belongs to the process's user or root alone; the others can be read by everybody. */
const NAMES = ["stat", "statm", "schedstat", "status", "io"] as const;
type Name = (typeof NAMES)[number];

/** The largest of these files, `status`, has about 1.5 kB. */
const buffer = Buffer.alloc(8192);

/** The number behind `label` in a file of lines "label:\tnumber"; null where it is not there. */
function numberAfter(text: string, label: string): number | null {
  const at = text.lastIndexOf(label);
  return at === -1 ? null : Number.parseInt(text.slice(at + label.length), 10);
}

/** Open files of one process. */
export class ProcessFiles {
  readonly #files = new Map<Name, number>();

  private constructor(pid: number) {
    for (const name of NAMES) {
      const file = unlessGone(() => openSync(`/proc/${pid}/${name}`, "r"));
      if (file !== undefined) this.#files.set(name, file);
    }
  }

  /** Null when there is no such process. */
  static open(pid: number): ProcessFiles | null {
    const files = new ProcessFiles(pid);
    if (files.#files.has("stat")) return files;
    files.close();
    return null;
  }

  /** Reads everything now; null once the process has ended. */
  read(): ProcessReading | null {
    const [stat, statm] = [this.#text("stat"), this.#text("statm")];
    if (stat === undefined || statm === undefined) return null;
    const status = this.#text("status") ?? "";
    const io = this.#text("io") ?? "";
    // size resident shared …, in pages; time on a core and waiting for one, in nanoseconds.
    const [, residentPages = 0, sharedPages = 0] = statm.split(" ", 3).map(Number);
    const [, waitNs = 0] = (this.#text("schedstat") ?? "").split(" ", 2).map(Number);
    return {
      cpuTicks: parseStat(stat).cpuTicks,
      residentPages,
      sharedPages,
      load: {
        waitMs: waitNs / 1e6,
        voluntarySwitches: numberAfter(status, "\nvoluntary_ctxt_switches:\t") ?? 0,
        involuntarySwitches: numberAfter(status, "\nnonvoluntary_ctxt_switches:\t") ?? 0,
        readBytes: numberAfter(io, "\nread_bytes: "),
        writtenBytes: numberAfter(io, "\nwrite_bytes: "),
      },
    };
  }

  close(): void {
    for (const file of this.#files.values()) closeSync(file);
    this.#files.clear();
  }

  #text(name: Name): string | undefined {
    const file = this.#files.get(name);
    return file === undefined
      ? undefined
      : unlessGone(() => buffer.toString("latin1", 0, readSync(file, buffer, 0, buffer.length, 0)));
  }
}
