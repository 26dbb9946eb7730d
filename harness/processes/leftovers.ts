/**
 * Leftovers: what is left on the machine of a trial whose every ending has run: processes, ports listened on, mounts and
 * directories. Compares with how the machine stood when the trial began, and names each thing that is left.
 *
 * Promises: only what belongs to this trial counts, whoever else works here: processes that name its directory in their
 * environment, command or working folder, wherever they stand in the tree of processes, and descendants of this process that were not there
 * before; ports of these and of this process itself; mounts and marked directories of ours that were not there before.
 * Nothing is ended or removed.
 */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { monotonicMs } from "../clock.ts";
import { liveDirectories } from "./marked-directory.ts";
import { hasProc, type ProcessRow, processTree, readProcessTable, unlessGone } from "./process-table.ts";

/** What the harness promises for the time after an end, its own included. */
export const GONE_WITHIN_MS = 2_000;
const LOOK_EVERY_MS = 20;

/** How much is left, and a name for each. */
export interface Left {
  readonly processes: number;
  readonly ports: number;
  readonly mounts: number;
  readonly directories: number;
  readonly left: readonly string[];
}

/** Inodes of sockets that listen on TCP, with their ports (proc(5), net/tcp: local address, state 0A). */
export function listeningSockets(): Map<string, number> {
  const sockets = new Map<string, number>();
  for (const file of ["/proc/net/tcp", "/proc/net/tcp6"])
    for (const line of (unlessGone(() => readFileSync(file, "latin1")) ?? "").split("\n").slice(1)) {
      const [, local = "", , state, , , , , , inode] = line.trim().split(/\s+/);
      if (state === "0A" && inode !== undefined)
        sockets.set(inode, Number.parseInt(local.slice(local.lastIndexOf(":") + 1), 16));
    }
  return sockets;
}

/** Ports on which a process listens. */
export function listeningPorts(pid: number, sockets: ReadonlyMap<string, number> = listeningSockets()): number[] {
  const files = unlessGone(() => readdirSync(`/proc/${pid}/fd`)) ?? [];
  return files.flatMap((file) => {
    const target = unlessGone(() => readlinkSync(`/proc/${pid}/fd/${file}`)) ?? "";
    return sockets.get(/^socket:\[(\d+)\]$/.exec(target)?.[1] ?? "") ?? [];
  });
}

/** Places where something is mounted, as this process sees them. */
export function mountPoints(): string[] {
  const text = unlessGone(() => readFileSync("/proc/self/mountinfo", "utf8")) ?? "";
  return text.split("\n").flatMap((line) => line.split(" ")[4] ?? []);
}

/** Whether a process was given this directory: by its environment, its command, or as the place where it stands. */
export function namesDirectory(pid: number, directory: string): boolean {
  const told = ["environ", "cmdline"].map(
    (name) => unlessGone(() => readFileSync(`/proc/${pid}/${name}`, "utf8")) ?? "",
  );
  const at = unlessGone(() => readlinkSync(`/proc/${pid}/cwd`)) ?? "";
  return [...told, at].some((text) => text.includes(directory));
}

/** The program of a process and the script that it runs, without their folders. */
function nameOf(pid: number): string {
  const words = (unlessGone(() => readFileSync(`/proc/${pid}/cmdline`, "utf8")) ?? "").split("\0");
  const named = words.filter((word, place) => place === 0 || /\.[cm]?[jt]s$/.test(word));
  return named
    .map((word) => basename(word))
    .join(" ")
    .trim();
}

const identity = ({ pid, startTime }: ProcessRow): string => `${pid} ${startTime}`;

/** Looks once when a trial begins, and again when it should have left nothing. */
export class Leftovers {
  readonly #processes: ReadonlySet<string>;
  readonly #ports: ReadonlySet<number>;
  readonly #mounts: ReadonlySet<string>;
  readonly #directories: ReadonlySet<string>;
  readonly #ownDirectories: string[] = [];

  private constructor() {
    this.#processes = new Set(processTree([process.pid]).map(identity));
    this.#ports = new Set(listeningPorts(process.pid));
    this.#mounts = new Set(mountPoints());
    this.#directories = new Set(liveDirectories(tmpdir()));
  }

  /** Null where the kernel does not tell (no /proc): then nobody can say that nothing is left. */
  static begin(): Leftovers | null {
    return hasProc ? new Leftovers() : null;
  }

  /** From now on whoever names this directory belongs to the trial. */
  expect(directory: string): void {
    this.#ownDirectories.push(directory);
  }

  /** pids of the processes that are left now. */
  pids(): number[] {
    return this.#leftProcesses().map(({ pid }) => pid);
  }

  /** What is left once nothing is, or 2 s have passed: what was killed takes an instant to be gone. */
  async settled(): Promise<Left> {
    const lastMs = monotonicMs() + GONE_WITHIN_MS;
    let found = this.look();
    while (found.left.length > 0 && monotonicMs() < lastMs) {
      await delay(LOOK_EVERY_MS);
      found = this.look();
    }
    return found;
  }

  /** What is left now. */
  look(): Left {
    const processes = this.#leftProcesses();
    const sockets = listeningSockets();
    const listening = [process.pid, ...processes.map(({ pid }) => pid)].flatMap((pid) => listeningPorts(pid, sockets));
    const ports = [...new Set(listening)].filter((port) => !this.#ports.has(port));
    const mounts = mountPoints().filter((path) => !this.#mounts.has(path) && this.#isOurs(path));
    const directories = liveDirectories(tmpdir()).filter((path) => !this.#directories.has(path));
    return {
      processes: processes.length,
      ports: ports.length,
      mounts: mounts.length,
      directories: directories.length,
      left: [
        ...processes.map(({ pid }) => `process ${nameOf(pid)}`),
        ...ports.map((port) => `port ${port}`),
        ...mounts.map((path) => `mount ${this.#withoutPlace(path)}`),
        ...directories.map((path) => `directory ${this.#withoutPlace(path)}`),
      ],
    };
  }

  #isOurs(path: string): boolean {
    return this.#ownDirectories.some((directory) => path.startsWith(directory));
  }

  /** Recordings hold no path of the machine. */
  #withoutPlace(path: string): string {
    return path.startsWith(tmpdir()) ? path.slice(tmpdir().length + 1) : path;
  }

  #leftProcesses(): ProcessRow[] {
    const table = readProcessTable();
    const below = new Set(processTree([process.pid], table).map(identity));
    return table.filter((row) => {
      if (this.#processes.has(identity(row)) || row.state === "Z" || row.state === "X") return false;
      return below.has(identity(row)) || this.#ownDirectories.some((directory) => namesDirectory(row.pid, directory));
    });
  }
}
