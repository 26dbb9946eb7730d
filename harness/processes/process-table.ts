/**
 * Who runs on this machine: process, parent, group and start time, read from /proc (on macOS from `ps`).
 * A pid alone names nothing for long, since the kernel gives it out again; pid and start time together do.
 */
import { execFileSync } from "node:child_process";
import { closeSync, existsSync, openSync, readdirSync, readSync } from "node:fs";

/** One process at one instant. */
export interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** Clock ticks since boot on Linux, a date on macOS; compared for equality only. */
  readonly startTime: string;
  /** The kernel's letter; Z and X are dead. */
  readonly state: string;
  /** User and system time of all threads in clock ticks; 0 on macOS. */
  readonly cpuTicks: number;
}

/** What names a process for good. */
export type ProcessIdentity = Pick<ProcessRow, "pid" | "startTime">;

/** True where /proc tells about processes. */
export const hasProc = existsSync("/proc/self/stat");

/** Reads one line of /proc/PID/stat (proc(5)); the command name may hold spaces and parentheses, so fields count from the last one. */
export function parseStat(line: string): ProcessRow {
  // Field 22, the start time, is the last that is asked for.
  const fields = line.slice(line.lastIndexOf(")") + 2).split(" ", 20);
  const number = (index: number): number => Number(fields[index] ?? 0);
  return {
    pid: Number.parseInt(line, 10),
    parent: number(1),
    group: number(2),
    startTime: fields[19] ?? "",
    state: fields[0] ?? "X",
    cpuTicks: number(11) + number(12),
  };
}

function readWithPs(selection: readonly string[]): ProcessRow[] {
  const text = execFileSync("ps", [...selection, "-o", "pid=,ppid=,pgid=,stat=,lstart="], {
    encoding: "utf8",
    timeout: 5000,
  });
  return text.split("\n").flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S)\S*\s+(.*?)\s*$/.exec(line);
    if (match === null) return [];
    const [, pid, parent, group, state, startTime] = match;
    return [
      {
        pid: Number(pid),
        parent: Number(parent),
        group: Number(group),
        state: state ?? "X",
        startTime: startTime ?? "",
        cpuTicks: 0,
      },
    ];
  });
}

/** Runs `read` and gives undefined where the process or file has gone meanwhile, which is ordinary for anything in /proc. */
export function unlessGone<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ESRCH" || code === "EACCES") return undefined;
    throw error;
  }
}

/** A line of stat has some 300 bytes, and a command's name at most 64. */
const bytes = Buffer.alloc(1024);

/** The first bytes of a file of one line; a third of the price of reading any file. */
function readLine(path: string): string {
  const file = openSync(path, "r");
  try {
    return bytes.toString("latin1", 0, readSync(file, bytes, 0, bytes.length, 0));
  } finally {
    closeSync(file);
  }
}

/** One process, or undefined when there is none with this pid. */
export function readProcess(pid: number): ProcessRow | undefined {
  if (!hasProc) return readProcessTable().find((row) => row.pid === pid);
  return unlessGone(() => parseStat(readLine(`/proc/${pid}/stat`)));
}

/** All processes. Costs some 10 µs per process, so nothing calls it more than a few times per second. */
export function readProcessTable(): ProcessRow[] {
  if (!hasProc) return readWithPs(["-ax"]);
  return readdirSync("/proc").flatMap((name) => {
    const row = /^\d+$/.test(name) ? readProcess(Number(name)) : undefined;
    return row === undefined ? [] : [row];
  });
}

/** True while this very process lives; a zombie does not. */
export function isAlive(process: ProcessIdentity): boolean {
  const row = readProcess(process.pid);
  return row !== undefined && row.startTime === process.startTime && row.state !== "Z" && row.state !== "X";
}

/** The roots that live, and everything below them, dead ones left out. */
export function processTree(roots: readonly number[], table: readonly ProcessRow[] = readProcessTable()): ProcessRow[] {
  const found = new Set(roots);
  // A parent may stand after its child in the table once pids have wrapped, hence the repetition.
  for (let before = 0; before !== found.size; ) {
    before = found.size;
    for (const row of table) if (found.has(row.parent)) found.add(row.pid);
  }
  return table.filter((row) => found.has(row.pid) && row.state !== "Z" && row.state !== "X");
}

/** Sends a signal; a process that is gone, or belongs to somebody else by now, is left alone. Returns whether it was sent. */
export function signalIfAlive(process: ProcessIdentity, signal: NodeJS.Signals): boolean {
  return isAlive(process) && sendSignal(process.pid, signal);
}

/** Sends a signal to a pid, or to a group when negative. False when nobody is there. */
export function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}
