/** A Postgres server of the user's, named by its URL: a database of its own for each trial, dropped afterwards. Its settings stay as they are. */
import { randomBytes } from "node:crypto";
import { UsageError } from "../errors.ts";
import { readSettings, withClient } from "./connection.ts";
import type { PostgresCluster, PostgresSource } from "./postgres.ts";

/** @throws UsageError when the text is no Postgres URL or nobody answers there */
export async function prepareServer(url: string): Promise<PostgresSource> {
  if (!URL.canParse(url) || !/^postgres(ql)?:$/.test(new URL(url).protocol)) {
    throw new UsageError(
      `--postgres: expected "embedded", "docker" or a URL like postgres://user:password@127.0.0.1:5432/postgres, got "${url}".`,
    );
  }
  try {
    await readSettings(url);
  } catch (error) {
    // The URL may hold a password, so only its host is repeated.
    throw new UsageError(`No Postgres answers at ${new URL(url).host}: ${(error as Error).message}.`);
  }
  return { start: () => createDatabase(url) };
}

async function createDatabase(serverUrl: string): Promise<PostgresCluster> {
  const name = `derby_${randomBytes(6).toString("hex")}`;
  await withClient(serverUrl, (client) => client.query(`CREATE DATABASE ${name}`));
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const settings = await readSettings(url.href);
  return {
    url: url.href,
    settings: { source: "server of the user", ...settings, filesystem: "unknown" },
    pid: null,
    database: null,
    stop: () =>
      withClient(
        serverUrl,
        async (client) => void (await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)),
      ),
  };
}
