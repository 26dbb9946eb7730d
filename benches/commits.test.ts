import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type PostgresCluster, preparePostgres } from "../harness/postgres/postgres.ts";
import { Watchdog } from "../harness/processes/watchdog.ts";
import { commitLoop, commitTimes, pacedCommits, writtenSoFar } from "./commits.ts";

/** The server's own housekeeping may write as well. */
const OTHERS_MOST = 5;

let watchdog: Watchdog;
let postgres: PostgresCluster;
beforeAll(async () => {
  watchdog = await Watchdog.start();
  const { path } = watchdog.createDirectory();
  const source = await preparePostgres("embedded", watchdog);
  postgres = await source.start({ directory: path, logFile: join(path, "log"), cores: null });
}, 60_000);
afterAll(async () => {
  await postgres.stop();
  await watchdog.stop();
});

describe("commits alone", () => {
  it("takes as many times as asked, each of a commit of its own", async () => {
    await commitTimes(postgres.url, 1, 0);
    const before = await writtenSoFar(postgres.url, "bare_commits");
    const tookMs = await commitTimes(postgres.url, 20, 0);
    const after = await writtenSoFar(postgres.url, "bare_commits");
    expect(tookMs.filter((ms) => ms > 0)).toHaveLength(20);
    expect(after.rows - before.rows).toBe(20);
    const others = after.transactions - before.transactions - 20;
    expect(others).toBeGreaterThanOrEqual(0);
    expect(others).toBeLessThanOrEqual(OTHERS_MOST);
  });

  it("goes on, a commit at a time, until it is stopped, and tells of each", async () => {
    const before = await writtenSoFar(postgres.url, "bare_commits");
    const paced = pacedCommits(postgres.url, 1);
    await expect
      .poll(async () => (await writtenSoFar(postgres.url, "bare_commits")).rows - before.rows)
      .toBeGreaterThan(5);
    const tookMs = await paced.stop();
    const after = await writtenSoFar(postgres.url, "bare_commits");
    expect(tookMs.filter((ms) => ms > 0)).toHaveLength(after.rows - before.rows);
  });

  it("says why it could not commit when it is stopped", async () => {
    const nowhere = new URL(postgres.url);
    nowhere.pathname = "/nowhere";
    await expect(pacedCommits(nowhere.href, 1).stop()).rejects.toThrow('database "nowhere" does not exist');
  });

  it("counts what the database has committed, on every connection", async () => {
    const before = await writtenSoFar(postgres.url, "bare_commits");
    const loop = commitLoop(postgres.url, 2, 3);
    await expect.poll(() => loop.commits()).toBeGreaterThan(50);
    loop.stop();
    await loop.done;
    const after = await writtenSoFar(postgres.url, "bare_commits");
    expect(after.rows - before.rows).toBe(loop.commits() * 3);
    const others = after.transactions - before.transactions - loop.commits();
    expect(others).toBeGreaterThanOrEqual(0);
    expect(others).toBeLessThanOrEqual(OTHERS_MOST);
  });
});
