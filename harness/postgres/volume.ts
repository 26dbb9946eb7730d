/**
 * Volume: a filesystem of a given size for the data of one cluster, which a fault can fill to the last block: the server then gets
 * a true ENOSPC. It is a tmpfs in a mount namespace of its own, so it needs no partition, is seen by nobody else, and is gone with
 * its last process however that ends. As it lies in memory, flushing to it is free: what survives on it says nothing of a disk.
 */
import { execFile, execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, statfsSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { TrialError } from "../errors.ts";
import type { DatabaseVolume } from "../nemeses/nemesis.ts";
import { type Child, childEnvironment, endChild, lastLines, startChild } from "../processes/child.ts";
import { hasProc, unlessGone } from "../processes/process-table.ts";
import type { Watchdog } from "../processes/watchdog.ts";

const run = promisify(execFile);

/** A limit, not a reservation: memory is taken as the cluster grows, some 50 MB to begin with. */
const VOLUME_BYTES = 2 * 2 ** 30;
const SOURCE = "agent-derby-volume";
const READY_WITHIN_MS = 5000;
const READY_POLL_MS = 10;
const RUN_WITHIN_MS = 5000;
/** The server writes on while the size is brought down to what is in use, so the first try may come too late. */
const FILL_TRIES = 50;

/** Root may mount in a namespace of its own; anybody else is root of a user namespace first. */
const asRoot = (): boolean => process.getuid?.() === 0;
const unsharing = (): string[] =>
  asRoot() ? ["unshare", "--mount"] : ["unshare", "--user", "--map-root-user", "--mount"];

/** What a volume is made with. */
export interface VolumeSite {
  /** Whom the data belong to; null: us. */
  readonly user: { readonly uid: number; readonly gid: number } | null;
  readonly watchdog: Watchdog;
  readonly logFile: string;
}

let reason: string | null | undefined;

function tryMount(): string | null {
  if (!hasProc) return "Filesystems can be mounted in a namespace on Linux alone.";
  const [program = "", ...args] = [...unsharing(), "mount", "-t", "tmpfs", "-o", "size=1m", SOURCE, "/tmp"];
  try {
    execFileSync(program, args, { stdio: "pipe", timeout: RUN_WITHIN_MS });
    return null;
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: Buffer };
    return `No filesystem can be mounted in a namespace here: ${stderr?.toString().trim() || message}.`;
  }
}

export class Volume implements DatabaseVolume {
  /** Where it is mounted, as its own processes see it. */
  readonly folder: string;
  readonly #holder: Child;
  readonly #site: VolumeSite;

  private constructor(folder: string, holder: Child, site: VolumeSite) {
    this.folder = folder;
    this.#holder = holder;
    this.#site = site;
  }

  /** Why this machine has no volumes, as a sentence; null if it has. Tried once, in a namespace that is gone at once. */
  static whyNot(): string | null {
    if (reason === undefined) reason = tryMount();
    return reason;
  }

  /** Makes the folder and mounts the volume on it. @throws TrialError when it cannot be mounted */
  static async open(folder: string, site: VolumeSite): Promise<Volume> {
    mkdirSync(folder);
    const options = `size=${VOLUME_BYTES},mode=0755`;
    const script = `mount -t tmpfs -o ${options} ${SOURCE} "$1" && exec sleep infinity`;
    const holder = await startChild({
      command: [...unsharing(), "sh", "-c", script, "sh", folder],
      cwd: "/",
      env: childEnvironment(),
      logFile: site.logFile,
    });
    site.watchdog.watchGroup(holder.pid);
    const volume = new Volume(folder, holder, site);
    try {
      await volume.#mounted();
      return volume;
    } catch (error) {
      await volume.close();
      throw error;
    }
  }

  /** A path of the volume as it is reached from outside its namespace. */
  seen(path: string): string {
    return `/proc/${this.#holder.pid}/root${path}`;
  }

  /** The command that runs another inside, as the owner of the data. Postgres takes no orders from root, not even a namespace's. */
  within(command: readonly string[]): string[] {
    const { user } = this.#site;
    const enter = ["nsenter", "--target", String(this.#holder.pid), "--mount"];
    if (asRoot())
      return [...enter, ...(user ? [`--setuid=${user.uid}`, `--setgid=${user.gid}`] : []), "--", ...command];
    const inner = ["unshare", "--user", "--map-user=1000", "--map-group=1000"];
    return [...enter, "--user", "--preserve-credentials", "--", ...inner, "--", ...command];
  }

  get freeBytes(): number {
    const { bavail, bsize } = statfsSync(this.seen(this.folder));
    return bavail * bsize;
  }

  async fill(): Promise<void> {
    let last = "";
    for (let tries = 0; tries < FILL_TRIES; tries++) {
      const { blocks, bfree, bsize } = statfsSync(this.seen(this.folder));
      try {
        await this.#resize((blocks - bfree) * bsize);
        return;
      } catch (error) {
        last = (error as Error).message;
      }
    }
    throw new TrialError(`The database's filesystem could not be filled: ${last}`);
  }

  relieve(): Promise<void> {
    return this.#resize(VOLUME_BYTES);
  }

  /** Ends the namespace; whatever still runs inside keeps the files until it ends as well. */
  async close(): Promise<void> {
    await endChild(this.#holder, 0);
    this.#site.watchdog.forgetGroup(this.#holder.pid);
  }

  async #resize(bytes: number): Promise<void> {
    const pid = String(this.#holder.pid);
    const user = asRoot() ? [] : ["--user", "--preserve-credentials"];
    // With its source named as well, mount does not repeat options of before, among them ids that the namespace does not know.
    const remount = ["mount", "-t", "tmpfs", "-o", `remount,size=${bytes}`, SOURCE, this.folder];
    await run("nsenter", ["--target", pid, "--mount", ...user, "--", ...remount], { timeout: RUN_WITHIN_MS });
  }

  async #mounted(): Promise<void> {
    const deadline = performance.now() + READY_WITHIN_MS;
    const mounts = () => unlessGone(() => readFileSync(`/proc/${this.#holder.pid}/mountinfo`, "latin1"));
    for (let seen = mounts(); !seen?.includes(` ${SOURCE} `); seen = mounts()) {
      if (seen === undefined || performance.now() > deadline)
        throw new TrialError(`The database's own filesystem was not mounted. ${lastLines(this.#site.logFile)}`);
      await delay(READY_POLL_MS);
    }
  }
}
