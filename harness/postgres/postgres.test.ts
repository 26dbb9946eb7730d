import { chmodSync, existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { TrialError, UsageError } from "../errors.ts";
import { isAlive, processTree, readProcess } from "../processes/process-table.ts";
import { scratchFolder, testWatchdog } from "../processes/testing/scratch.ts";
import { Watchdog } from "../processes/watchdog.ts";
import { prepareBinaries } from "./binaries.ts";
import { withClient } from "./connection.ts";
import { prepareDocker, type Testcontainers } from "./docker.ts";
import { prepareEmbedded } from "./embedded.ts";
import { type PostgresCluster, type PostgresSource, preparePostgres } from "./postgres.ts";

const asRoot = process.getuid?.() === 0;

interface Started {
  readonly cluster: PostgresCluster;
  readonly directory: string;
}

async function startCluster(source: PostgresSource, watchdog: Watchdog): Promise<Started> {
  const { path } = watchdog.createDirectory();
  const cluster = await source.start({ directory: path, logFile: join(path, "postgres.log"), cores: null });
  onTestFinished(() => cluster.stop());
  return { cluster, directory: path };
}

async function embedded(): Promise<Started> {
  const watchdog = await testWatchdog();
  return startCluster(await preparePostgres("embedded", watchdog), watchdog);
}

const ask = (url: string, sql: string) =>
  withClient(url, async (client) => (await client.query<Record<string, unknown>>(sql)).rows[0]);

test("an embedded cluster answers on 127.0.0.1 alone, with every durability setting on, and ends in order", async () => {
  const { cluster } = await embedded();
  expect(await ask(cluster.url, "SELECT 1 AS one")).toEqual({ one: 1 });
  expect(cluster.settings).toMatchObject({
    source: "embedded",
    fsync: "on",
    synchronous_commit: "on",
    full_page_writes: "on",
    max_connections: "100",
    shared_buffers: "128MB",
  });
  expect(cluster.settings.server_version).toMatch(/^\d+\./);
  expect(cluster.settings.filesystem).toMatch(/\w/);
  expect(await ask(cluster.url, "SHOW listen_addresses")).toEqual({ listen_addresses: "127.0.0.1" });
  expect(await ask(cluster.url, "SHOW unix_socket_directories")).toEqual({ unix_socket_directories: "" });
  const tree = processTree([cluster.pid ?? 0]);
  expect(tree.length).toBeGreaterThan(1);
  await cluster.stop();
  expect(tree.filter(isAlive)).toEqual([]);
});

test.runIf(asRoot)("started by root it runs as a user that owns nothing else", async () => {
  const { cluster } = await embedded();
  const status = readFileSync(`/proc/${cluster.pid}/status`, "latin1");
  expect(status).toMatch(/^Uid:\t65534\t65534\t65534\t65534$/m);
  expect(status).toMatch(/^Gid:\t65534\t65534\t65534\t65534$/m);
});

test("each trial has an empty cluster of its own", async () => {
  const watchdog = await testWatchdog();
  const source = await preparePostgres("embedded", watchdog);
  const { cluster: one } = await startCluster(source, watchdog);
  const { cluster: two } = await startCluster(source, watchdog);
  const find = "SELECT to_regclass('kept')::text AS name";
  await ask(one.url, "CREATE TABLE kept (n int)");
  expect(await ask(one.url, find)).toEqual({ name: "kept" });
  expect(await ask(two.url, find)).toEqual({ name: null });
});

test("a watchdog that loses its harness ends the server with its sessions, and clears data and shared memory", async () => {
  const watchdog = await Watchdog.start();
  const { cluster, directory } = await startCluster(await preparePostgres("embedded", watchdog), watchdog);
  const tree = processTree([cluster.pid ?? 0]);
  expect(new Set(tree.map(({ group }) => group)).size).toBeGreaterThan(1);
  // Stopping closes the pipe with the cluster still noted, which is all that a watchdog sees of a killed harness.
  await watchdog.stop();
  expect(tree.filter(isAlive)).toEqual([]);
  expect(existsSync(directory)).toBe(false);
  const segments = existsSync("/proc/sysvipc/shm") ? readFileSync("/proc/sysvipc/shm", "latin1").split("\n") : [];
  expect(segments.filter((line) => line.trim().split(/\s+/)[4] === String(cluster.pid))).toEqual([]);
});

test("the prepared copy lies apart from the package and is used again", async () => {
  const parent = scratchFolder();
  chmodSync(parent, 0o755);
  const watchdog = await testWatchdog();
  const first = await prepareBinaries(watchdog, parent);
  expect(first.postgres.startsWith(parent)).toBe(true);
  expect(statSync(dirname(dirname(dirname(first.postgres)))).mode & 0o777).toBe(0o755);
  const made = statSync(first.postgres).ino;
  const second = await prepareBinaries(watchdog, parent);
  expect(statSync(second.postgres).ino).toBe(made);
  const { cluster } = await startCluster(await prepareEmbedded(watchdog, parent), watchdog);
  expect(await ask(cluster.url, "SELECT 1 AS one")).toEqual({ one: 1 });
});

test.runIf(asRoot)("a temporary folder that the server's user cannot enter is refused, naming TMPDIR", async () => {
  const parent = scratchFolder();
  chmodSync(parent, 0o700);
  const attempt = prepareBinaries(await testWatchdog(), parent);
  await expect(attempt).rejects.toThrow(UsageError);
  await expect(attempt).rejects.toThrow(/may not enter .*Set TMPDIR/);
});

test("a prepared copy that others could have written is not trusted", async () => {
  const parent = scratchFolder();
  chmodSync(parent, 0o755);
  const watchdog = await testWatchdog();
  const { template } = await prepareBinaries(watchdog, parent);
  chmodSync(dirname(template), 0o777);
  await expect(prepareBinaries(watchdog, parent)).rejects.toThrow(/is not a folder that only this user can write/);
});

test("a server that cannot start makes the trial void, with its last words", async () => {
  const watchdog = await testWatchdog();
  const source = await preparePostgres("embedded", watchdog);
  const { path } = watchdog.createDirectory();
  const attempt = source.start({ directory: path, logFile: join(path, "log"), cores: "4000" });
  await expect(attempt).rejects.toThrow(TrialError);
  await expect(attempt).rejects.toThrow(/Postgres ended before it was ready. Its last words:\ntaskset/);
});

test("on a named server each trial has a database of its own, which is dropped afterwards", async () => {
  const { cluster: server } = await embedded();
  const source = await preparePostgres(server.url, await testWatchdog());
  const cluster = await source.start({ directory: "", logFile: "", cores: null });
  const name = new URL(cluster.url).pathname.slice(1);
  expect(name).toMatch(/^derby_[0-9a-f]{12}$/);
  expect(await ask(cluster.url, "SELECT current_database() AS name")).toEqual({ name });
  expect(cluster.pid).toBeNull();
  await cluster.stop();
  const left = "SELECT count(*)::int AS n FROM pg_database WHERE datname LIKE 'derby\\_%'";
  expect(await ask(server.url, left)).toEqual({ n: 0 });
});

test.each([
  ["neither a known word nor a URL", "embeded", /expected "embedded", "docker" or a URL like .* got "embeded"/],
  [
    "a URL where nobody answers",
    "postgres://me:secret@127.0.0.1:1/x",
    /^No Postgres answers at 127.0.0.1:1: (?!.*secret)/,
  ],
])("%s is refused", async (_sentence, choice, expected) => {
  const attempt = preparePostgres(choice, await testWatchdog());
  await expect(attempt).rejects.toThrow(UsageError);
  await expect(attempt).rejects.toThrow(expected);
});

test("docker without testcontainers says which package to install", async () => {
  const missing = Object.assign(new Error("Cannot find package"), { code: "ERR_MODULE_NOT_FOUND" });
  await expect(prepareDocker(() => Promise.reject(missing))).rejects.toThrow(
    /is not installed. Run: npm install testcontainers@12/,
  );
});

test("docker without an engine says so", async () => {
  const containers = {
    getContainerRuntimeClient: () => Promise.reject(new Error("Could not find a working container runtime strategy")),
  };
  const attempt = prepareDocker(() => Promise.resolve(containers as unknown as Testcontainers));
  await expect(attempt).rejects.toThrow(
    /no container engine answers \(Could not find a working container runtime strategy\)/,
  );
});

test("docker starts a container with durability settings and stops it", async () => {
  const { cluster: server } = await embedded();
  const calls: unknown[] = [];
  class GenericContainer {
    constructor(image: string) {
      calls.push(image);
    }
    withEnvironment = () => this;
    withExposedPorts = () => this;
    withStartupTimeout = () => this;
    withCommand(command: string[]) {
      calls.push(command.filter((word) => word !== "-c"));
      return this;
    }
    async start() {
      await ask(server.url, "CREATE DATABASE derby");
      const stop = () => Promise.resolve(calls.push("stopped"));
      return { getHost: () => "127.0.0.1", getMappedPort: () => Number(new URL(server.url).port), stop };
    }
  }
  const source = await prepareDocker(async () => ({ GenericContainer, getContainerRuntimeClient: async () => ({}) }));
  const cluster = await source.start({ directory: "", logFile: "", cores: null });
  expect(await ask(cluster.url, "SELECT 1 AS one")).toEqual({ one: 1 });
  await cluster.stop();
  expect(calls[0]).toMatch(/^postgres:\d+$/);
  expect(calls[1]).toEqual(expect.arrayContaining(["fsync=on", "synchronous_commit=on", "full_page_writes=on"]));
  expect(calls[2]).toBe("stopped");
  expect(readProcess(server.pid ?? 0)).toBeDefined();
});
