import { join } from "node:path";
import type { Client } from "pg";
import { expect, onTestFinished, test } from "vitest";
import { TrialError } from "../errors.ts";
import { withClient } from "../postgres/connection.ts";
import { prepareEmbedded } from "../postgres/embedded.ts";
import { Volume } from "../postgres/volume.ts";
import { isStopped } from "../processes/freeze-trees.ts";
import { hasProc, isAlive, processTree } from "../processes/process-table.ts";
import { testWatchdog } from "../processes/testing/scratch.ts";
import { tinyRuntime } from "../processes/testing/tiny-runtime.ts";
import { Path } from "../proxy/path.ts";
import { addressOf, through } from "../proxy/proxies.ts";
import type { DatabaseTarget, FaultTarget } from "./nemesis.ts";
import { nemesisOf } from "./nemesis.ts";
import { planned, underFault } from "./testing/under-fault.ts";

interface DatabaseUnderFault {
  readonly target: FaultTarget;
  readonly database: DatabaseTarget;
  /** Where a runtime reaches the database: through the proxy. */
  readonly url: string;
}

async function databaseUnderFault(ownVolume = false): Promise<DatabaseUnderFault> {
  const watchdog = await testWatchdog();
  const { path: directory } = watchdog.createDirectory();
  const source = await prepareEmbedded(watchdog);
  const cluster = await source.start({ directory, logFile: join(directory, "log"), cores: null, ownVolume });
  onTestFinished(() => cluster.stop());
  const { database } = cluster;
  if (database === null) expect.unreachable("an embedded server is ours");
  const path = await Path.listen(addressOf(cluster.url));
  onTestFinished(() => path.close());
  const { target } = await underFault(tinyRuntime());
  const proxy = {
    disturb: async (disturbance: Parameters<Path["disturb"]>[0]) => path.disturb(disturbance),
    reset: async () => path.reset(),
    redirect: async (port: number) => path.redirect(port),
    probe: (ask: Parameters<Path["probe"]>[0]) => path.probe(ask),
    seen: async () => path.seen(),
  };
  return { target: { ...target, database, proxy: () => proxy }, database, url: through(cluster.url, path.port) };
}

const ask = (url: string, sql: string) =>
  withClient(url, async (client) => (await client.query<Record<string, unknown>>(sql)).rows[0]);
const commit = (url: string) => ask(url, "CREATE TABLE kept AS SELECT 7 AS n");
const kept = (url: string) => ask(url, "SELECT n FROM kept");

test.each([
  ["postgres-kill", {}, /^SIGKILL to everything of Postgres: all \d+ processes .* connections are refused\.$/],
  ["postgres-restart", {}, /^A fast shutdown: all \d+ processes of Postgres are gone/],
  ["postgres-restart", { how: "immediate" }, /^An immediate shutdown: all/],
] as const)(
  "%s %o: the server is gone until it is started again, with what was committed",
  async (kind, given, proved) => {
    const { target, database, url } = await databaseUnderFault();
    await commit(url);
    const before = processTree([database.pid ?? 0]);
    const { proof, cure } = await nemesisOf(kind).inject(target, planned(given, { restartAfterMs: 150 }));
    const down = performance.now();
    expect(proof).toMatch(proved);
    expect(before.filter(isAlive)).toEqual([]);
    await expect(kept(database.directUrl)).rejects.toThrow(/ECONNREFUSED/);
    await cure();
    expect(performance.now() - down).toBeGreaterThanOrEqual(100);
    expect(await kept(url)).toEqual({ n: 7 });
  },
);

/** Whether a query on a connection of its own is answered within so many milliseconds. */
async function answersWithin(url: string, ms: number): Promise<boolean> {
  const query = (client: Client) => client.query("SELECT 1");
  const answered = withClient(url, query).then(
    () => true,
    () => false,
  );
  return Promise.race([answered, new Promise<false>((resolve) => setTimeout(resolve, ms, false))]);
}

test.skipIf(!hasProc)("postgres-freeze: a query gets its answer after the thaw, not before", async () => {
  const { target, database, url } = await databaseUnderFault();
  await withClient(url, async (client) => {
    await client.query("SELECT 1");
    const frozen = processTree([database.pid ?? 0]);
    const { proof, cure } = await nemesisOf("postgres-freeze").inject(target, planned({ forMs: 0 }));
    expect(proof).toBe(`SIGSTOP to everything of Postgres: all ${frozen.length} processes stand still.`);
    expect(frozen.every(isStopped)).toBe(true);
    const query = client.query("SELECT 2 AS two");
    expect(await answersWithin(database.directUrl, 100)).toBe(false);
    await cure();
    expect((await query).rows).toEqual([{ two: 2 }]);
    expect(frozen.some(isStopped)).toBe(false);
  });
});

test("postgres-partition: a query gets its answer after the cure, and the server never noticed", async () => {
  const { target, database, url } = await databaseUnderFault();
  await withClient(url, async (client) => {
    await client.query("SELECT 1");
    const { proof, cure } = await nemesisOf("postgres-partition").inject(target, planned({ forMs: 0 }));
    expect(proof).toMatch(/on the path "database" got no byte in 250 ms; .* 1 connection had been open\.$/);
    const query = client.query("SELECT 2 AS two");
    expect(await answersWithin(url, 100)).toBe(false);
    expect(await answersWithin(database.directUrl, 5_000)).toBe(true);
    await cure();
    expect((await query).rows).toEqual([{ two: 2 }]);
  });
});

test("postgres-slow: a query takes a round trip longer, and not after the cure", async () => {
  const { target, url } = await databaseUnderFault();
  await withClient(url, async (client) => {
    const tookMs = async (): Promise<number> => {
      const began = performance.now();
      await client.query("SELECT 1");
      return performance.now() - began;
    };
    await tookMs();
    const { proof, cure } = await nemesisOf("postgres-slow").inject(target, planned({ ms: 100, forMs: 0 }));
    expect(proof).toMatch(/^A round trip .* path "database" takes \d{3} ms/);
    expect(await tookMs()).toBeGreaterThanOrEqual(198);
    await cure();
    // One of them meets no pause of the machine.
    const after = [await tookMs(), await tookMs(), await tookMs(), await tookMs()];
    expect(Math.min(...after)).toBeLessThan(198);
  });
});

const FILLING = "INSERT INTO kept SELECT generate_series(1, 500000)";

test.runIf(Volume.whyNot() === null)(
  "postgres-full: writes are refused for want of space, until the cure",
  async () => {
    const { target, database, url } = await databaseUnderFault(true);
    await commit(url);
    const { proof, cure } = await nemesisOf("postgres-full").inject(target, planned({ forMs: 0 }));
    expect(proof).toMatch(/Postgres refused a new table with SQLSTATE 53100 \(disk full\)\. It is a tmpfs/);
    expect(database.volume?.freeBytes).toBe(0);
    await expect(ask(url, FILLING)).rejects.toMatchObject({ code: "53100" });
    await cure();
    expect(await kept(url)).toEqual({ n: 7 });
    await ask(url, FILLING);
  },
);

test.runIf(Volume.whyNot() === null)(
  "postgres-full: a server whose log found no room and that ended is started again, with what was committed",
  async () => {
    const { target, database, url } = await databaseUnderFault(true);
    await commit(url);
    const { cure } = await nemesisOf("postgres-full").inject(target, planned({ forMs: 0 }));
    // The log needs a new segment: that is when Postgres panics, and its recovery panics as well.
    for (let tries = 0; tries < 500 && database.pid !== null; tries++)
      await ask(url, "SELECT pg_logical_emit_message(true, 'filler', repeat('x', 4000000))").catch(() => undefined);
    expect(database.pid).toBeNull();
    await cure();
    expect(await kept(url)).toEqual({ n: 7 });
    expect(database.pid).not.toBeNull();
  },
);

const OF_SERVERS = ["postgres-kill", "postgres-restart", "postgres-freeze", "postgres-full"] as const;

test.each(OF_SERVERS)("%s without a database of ours is missed, and says so before anything starts", async (kind) => {
  const { target } = await underFault(tinyRuntime());
  const attempt = nemesisOf(kind).inject(target, planned());
  await expect(attempt).rejects.toThrow(TrialError);
  await expect(attempt).rejects.toThrow(/no database here that we may harm/);
  expect(nemesisOf(kind).needs?.(planned()).database).toMatch(/^(ours|volume)$/);
});

test("a server that survives what was to end it is a missed fault, and answers", async () => {
  const { target, database } = await databaseUnderFault();
  const immortal: DatabaseTarget = {
    ...{ dataFolder: database.dataFolder, directUrl: database.directUrl, volume: null },
    get pid() {
      return database.pid;
    },
    end: async () => undefined,
    start: () => database.start(),
  };
  const attempt = nemesisOf("postgres-kill").inject({ ...target, database: immortal }, planned());
  await expect(attempt).rejects.toThrow(/processes of Postgres were left, and a connection was: answered\.$/);
  expect(await ask(database.directUrl, "SELECT 1 AS one")).toEqual({ one: 1 });
});

test.runIf(Volume.whyNot() === null)(
  "postgres-full is missed where the data lie on a filesystem of others",
  async () => {
    const { target } = await databaseUnderFault();
    await expect(nemesisOf("postgres-full").inject(target, planned())).rejects.toThrow(/not lie on a filesystem/);
  },
);
