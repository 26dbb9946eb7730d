/**
 * The default: a fresh cluster per trial, copied from the template, on the runtime's cores, with every durability setting on. It
 * lives in the trial's marked directory and dies with the harness.
 */
import { chmodSync, chownSync, mkdirSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { TrialError } from "../errors.ts";
import { type Child, endChild, lastLines, startChild } from "../processes/child.ts";
import { takePorts } from "../processes/ports.ts";
import type { Watchdog } from "../processes/watchdog.ts";
import { copyFolder, DATABASE_USER, type PostgresBinaries, prepareBinaries } from "./binaries.ts";
import { readSettings } from "./connection.ts";
import type { PostgresCluster, PostgresSource, PostgresTrial } from "./postgres.ts";

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
  return { start: (trial) => startCluster(binaries, trial, watchdog) };
}

async function startCluster(
  binaries: PostgresBinaries,
  trial: PostgresTrial,
  watchdog: Watchdog,
): Promise<PostgresCluster> {
  const home = join(trial.directory, "postgres");
  const data = join(home, "data");
  mkdirSync(home);
  chmodSync(home, 0o755);
  if (binaries.user !== null) chownSync(home, binaries.user.uid, binaries.user.gid);
  await copyFolder(binaries.template, data);
  const [port = 0] = await takePorts(1);
  const flags = Object.entries(SETTINGS).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const child = await startChild({
    command: [binaries.postgres, "-D", data, "-p", String(port), ...flags],
    cwd: data,
    env: { LC_ALL: "C", TZ: "UTC", PATH: process.env.PATH ?? "/usr/bin:/bin" },
    logFile: trial.logFile,
    cores: trial.cores,
    user: binaries.user,
  });
  watchdog.watchGroup(child.pid);
  const url = `postgres://${DATABASE_USER}@127.0.0.1:${port}/postgres`;
  try {
    const settings = await settingsOnceReady(url, child, trial.logFile);
    return {
      url,
      settings: { source: "embedded", ...settings, filesystem: filesystemOf(data) },
      pid: child.pid,
      stop: () => stop(child, watchdog),
    };
  } catch (error) {
    await stop(child, watchdog);
    throw error;
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

/** SIGQUIT is Postgres's immediate shutdown: nothing is saved, since the cluster is thrown away, but shared memory is cleared. */
async function stop(child: Child, watchdog: Watchdog): Promise<void> {
  child.kill("SIGQUIT");
  const inTime = await Promise.race([child.exited.then(() => true), delay(STOP_WITHIN_MS, false, { ref: false })]);
  if (!inTime) await endChild(child, 0);
  watchdog.forgetGroup(child.pid);
}
