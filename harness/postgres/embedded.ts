/**
 * The default: a fresh cluster per trial, copied from the template, on the runtime's cores, with every durability setting on. It
 * lives in the trial's marked directory and dies with the harness.
 */
import { chmodSync, chownSync, mkdirSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { TrialError } from "../errors.ts";
import type { DatabaseTarget } from "../nemeses/nemesis.ts";
import { type Child, lastLines, startChild } from "../processes/child.ts";
import { endTrees } from "../processes/end-trees.ts";
import { takePorts } from "../processes/ports.ts";
import type { ProcessIdentity } from "../processes/process-table.ts";
import { removeSharedMemory } from "../processes/remains.ts";
import type { Watchdog } from "../processes/watchdog.ts";
import { copyFolder, DATABASE_USER, type PostgresBinaries, prepareBinaries } from "./binaries.ts";
import { readSettings } from "./connection.ts";
import type { PostgresCluster, PostgresSource, PostgresTrial } from "./postgres.ts";
import { Volume } from "./volume.ts";

const READY_WITHIN_MS = 20_000;
const READY_POLL_MS = 50;
const STOP_WITHIN_MS = 5000;

/** Given on the command line, so that the report's settings are the ones in force whatever the template says. */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  fsync: "on",
  synchronous_commit: "on",
  full_page_writes: "on",
  max_connections: "100",
  shared_buffers: "128MB",
  // In the data directory instead of /dev/shm, where files would outlive a kill.
  dynamic_shared_memory_type: "mmap",
};

/** Magic numbers of statfs(2) that a reader of the report knows by name. */
const FILESYSTEMS: Readonly<Record<number, string>> = {
  61267: "ext4",
  1481003842: "xfs",
  2435016766: "btrfs",
  2035054128: "overlay",
  801189825: "zfs",
  26: "apfs",
};
const TMPFS = 16_914_836;

/** Name of the filesystem of a path; memory is flagged, since there fsync costs nothing and durability cannot be compared. */
export function filesystemOf(path: string): string {
  const { type } = statfsSync(path);
  if (type === TMPFS) return "tmpfs (in memory: fsync is free here)";
  return FILESYSTEMS[type] ?? `type 0x${type.toString(16)}`;
}

/** Prepares binaries and template. @param parent folder of the prepared copy; default the system's temporary folder */
export async function prepareEmbedded(watchdog: Watchdog, parent?: string): Promise<PostgresSource> {
  const binaries = await prepareBinaries(watchdog, parent);
  return { start: (trial) => EmbeddedServer.create(binaries, trial, watchdog) };
}

/** What a server keeps over its restarts. */
interface Site {
  readonly binaries: PostgresBinaries;
  readonly trial: PostgresTrial;
  readonly watchdog: Watchdog;
  /** Holds everything of the cluster. */
  readonly home: string;
  readonly volume: Volume | null;
  readonly port: number;
}

/** A cluster with its server, which can be ended and started again on the same files and port. */
class EmbeddedServer implements PostgresCluster, DatabaseTarget {
  readonly #site: Site;
  readonly url: string;
  readonly dataFolder: string;
  #child: Child | null = null;
  /** Whoever was killed and had no chance to clear its shared memory. */
  #killed: readonly ProcessIdentity[] = [];
  #settings: Readonly<Record<string, string>> = {};

  private constructor(site: Site) {
    this.#site = site;
    this.url = `postgres://${DATABASE_USER}@127.0.0.1:${site.port}/postgres`;
    this.dataFolder = join(site.volume?.folder ?? site.home, "data");
  }

  /** Makes the cluster and starts its server. @throws TrialError */
  static async create(binaries: PostgresBinaries, trial: PostgresTrial, watchdog: Watchdog): Promise<EmbeddedServer> {
    const { user, template } = binaries;
    const home = join(trial.directory, "postgres");
    mkdirSync(home);
    chmodSync(home, 0o755);
    if (user !== null) chownSync(home, user.uid, user.gid);
    const wanted = trial.ownVolume === true && Volume.whyNot() === null;
    const volume = wanted ? await Volume.open(join(home, "volume"), { user, watchdog, logFile: trial.logFile }) : null;
    const [port = 0] = await takePorts(1);
    const server = new EmbeddedServer({ binaries, trial, watchdog, home, volume, port });
    try {
      await copyFolder(template, server.#seen(server.dataFolder));
      await server.start();
      return server;
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  get settings(): Readonly<Record<string, string>> {
    return this.#settings;
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  get database(): DatabaseTarget {
    return this;
  }

  get directUrl(): string {
    return this.url;
  }

  get volume(): Volume | null {
    return this.#site.volume;
  }

  async start(): Promise<void> {
    const { binaries, trial, watchdog, home, volume, port } = this.#site;
    const flags = Object.entries(SETTINGS).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    const command = [binaries.postgres, "-D", this.dataFolder, "-p", String(port), ...flags];
    const child = await startChild({
      command: volume === null ? command : volume.within(command),
      cwd: home,
      env: { LC_ALL: "C", TZ: "UTC", PATH: process.env.PATH ?? "/usr/bin:/bin" },
      logFile: trial.logFile,
      cores: trial.cores,
      user: volume === null ? binaries.user : null,
    });
    watchdog.watchGroup(child.pid);
    this.#child = child;
    child.exited.then(() => {
      watchdog.forgetGroup(child.pid);
      if (this.#child === child) this.#child = null;
    });
    const settings = await settingsOnceReady(this.url, child, trial.logFile);
    this.#settings = { source: "embedded", ...settings, filesystem: filesystemOf(this.#seen(this.dataFolder)) };
  }

  async end(how: "kill" | "immediate" | "fast"): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    const ended = await endTrees(
      [child.pid],
      ({ kill: "SIGKILL", immediate: "SIGQUIT", fast: "SIGINT" } as const)[how],
    );
    if (how === "kill") this.#killed = [...this.#killed, ...ended];
    await child.exited;
  }

  /** SIGQUIT is Postgres's immediate shutdown: nothing is saved, since the cluster is thrown away, but shared memory is cleared. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (child !== null) {
      child.kill("SIGQUIT");
      const inTime = await Promise.race([child.exited.then(() => true), delay(STOP_WITHIN_MS, false, { ref: false })]);
      if (!inTime) await endTrees([child.pid], "SIGKILL");
      await child.exited;
    }
    await removeSharedMemory(this.#killed);
    await this.#site.volume?.close();
  }

  /** A path of the cluster as it is reached from here. */
  #seen(path: string): string {
    return this.#site.volume?.seen(path) ?? path;
  }
}

/** Polls until the server answers. */
async function settingsOnceReady(url: string, child: Child, logFile: string): Promise<Record<string, string>> {
  const deadline = performance.now() + READY_WITHIN_MS;
  let ended = false;
  child.exited.then(() => {
    ended = true;
  });
  for (let last = "no answer"; ; await delay(READY_POLL_MS)) {
    try {
      return await readSettings(url);
    } catch (error) {
      last = (error as Error).message;
    }
    if (ended) throw new TrialError(`Postgres ended before it was ready. Its last words:\n${lastLines(logFile)}`);
    if (performance.now() > deadline) {
      throw new TrialError(
        `Postgres was not ready after ${READY_WITHIN_MS / 1000} s (${last}). Its last words:\n${lastLines(logFile)}`,
      );
    }
  }
}
