import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { DatabaseTarget } from "../nemeses/nemesis.ts";
import { isAlive, processTree, unlessGone } from "../processes/process-table.ts";
import { testWatchdog } from "../processes/testing/scratch.ts";
import { Watchdog } from "../processes/watchdog.ts";
import { withClient } from "./connection.ts";
import { prepareEmbedded } from "./embedded.ts";
import type { PostgresCluster } from "./postgres.ts";
import { Volume } from "./volume.ts";

interface Started {
  readonly cluster: PostgresCluster;
  readonly database: DatabaseTarget;
  readonly directory: string;
}

async function start(watchdog: Watchdog, ownVolume = false): Promise<Started> {
  const { path } = watchdog.createDirectory();
  const source = await prepareEmbedded(watchdog);
  const cluster = await source.start({ directory: path, logFile: join(path, "log"), cores: null, ownVolume });
  onTestFinished(() => cluster.stop());
  const { database } = cluster;
  if (database === null) expect.unreachable("an embedded server is ours");
  return { cluster, database, directory: path };
}

const ask = (url: string, sql: string) =>
  withClient(url, async (client) => (await client.query<Record<string, unknown>>(sql)).rows[0]);
const refusal = (url: string, sql = "SELECT 1") =>
  ask(url, sql).then(
    () => "answered",
    (error: Error & { code?: string }) => error.code,
  );

test.each(["kill", "immediate", "fast"] as const)(
  "a server that was ended (%s) is down whole, and starts again on the same port with what was committed",
  async (how) => {
    const { cluster, database } = await start(await testWatchdog());
    await ask(cluster.url, "CREATE TABLE kept AS SELECT 7 AS n");
    const before = processTree([database.pid ?? 0]);
    expect(before.length).toBeGreaterThan(1);
    await database.end(how);
    expect(before.filter(isAlive)).toEqual([]);
    expect([database.pid, cluster.pid]).toEqual([null, null]);
    expect(await refusal(database.directUrl)).toBe("ECONNREFUSED");
    await database.start();
    expect(database.pid).not.toBe(before[0]?.pid);
    expect(await ask(cluster.url, "SELECT n FROM kept")).toEqual({ n: 7 });
    expect(existsSync(join(database.dataFolder, "PG_VERSION"))).toBe(true);
  },
);

test("a server that was started again ends with its harness like the first, and a killed one leaves no shared memory", async () => {
  const watchdog = await Watchdog.start();
  const { cluster, database, directory } = await start(watchdog);
  const first = cluster.pid;
  await database.end("kill");
  await database.start();
  const tree = processTree([cluster.pid ?? 0]);
  await watchdog.stop();
  expect(tree.filter(isAlive)).toEqual([]);
  expect(existsSync(directory)).toBe(false);
  const other = await start(await testWatchdog());
  const { pid } = other.cluster;
  await other.database.end("kill");
  await other.cluster.stop();
  const segments = existsSync("/proc/sysvipc/shm") ? readFileSync("/proc/sysvipc/shm", "latin1").split("\n") : [];
  const creators = segments.map((line) => line.trim().split(/\s+/)[4]);
  expect(creators).not.toContain(String(first));
  expect(creators).not.toContain(String(pid));
});

test.runIf(Volume.whyNot() === null)(
  "a cluster on a volume of its own gets a true ENOSPC when that is filled, and works again when it is relieved",
  async () => {
    const { cluster, database } = await start(await testWatchdog(), true);
    expect(cluster.settings.filesystem).toMatch(/^tmpfs/);
    const { volume } = database;
    if (volume === null) expect.unreachable("a volume was asked for");
    const filling = "CREATE TABLE filler AS SELECT repeat('x', 1000) AS text FROM generate_series(1, 20000)";
    const free = volume.freeBytes;
    expect(free).toBeGreaterThan(2 ** 30);
    await volume.fill();
    expect(volume.freeBytes).toBe(0);
    expect(await refusal(database.directUrl, filling)).toBe("53100");
    await volume.relieve();
    expect(volume.freeBytes).toBeGreaterThan(2 ** 30);
    if (database.pid === null) await database.start();
    expect(await refusal(database.directUrl, filling)).toBe("answered");
  },
);

test.runIf(Volume.whyNot() === null)(
  "nothing of a volume is seen outside, and it is gone with its harness",
  async () => {
    const watchdog = await Watchdog.start();
    const { cluster, database, directory } = await start(watchdog, true);
    expect(existsSync(join(directory, "postgres", "volume"))).toBe(true);
    expect(existsSync(join(database.dataFolder, "PG_VERSION"))).toBe(false);
    expect(readFileSync("/proc/self/mountinfo", "latin1")).not.toContain(directory);
    const tree = processTree([cluster.pid ?? 0]);
    await watchdog.stop();
    expect(tree.filter(isAlive)).toEqual([]);
    const mounted = processTree([1])
      .map(({ pid }) => unlessGone(() => readFileSync(`/proc/${pid}/mountinfo`, "latin1")))
      .filter((text) => text?.includes(directory));
    expect(mounted).toEqual([]);
  },
);
