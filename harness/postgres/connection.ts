/** Speaking to a Postgres server: short connections with limits, and what it says of its own durability. */
import { Client } from "pg";
import { TrialError } from "../errors.ts";

/** Settings that decide what an acknowledged commit survives, and what it costs. */
const DURABILITY = [
  "server_version",
  "fsync",
  "synchronous_commit",
  "full_page_writes",
  "wal_sync_method",
  "max_connections",
  "shared_buffers",
] as const;

/** Asks a running server for its durability settings. */
export async function readSettings(url: string): Promise<Record<string, string>> {
  return withClient(url, async (client) => {
    const settings: Record<string, string> = {};
    for (const name of DURABILITY) {
      const { rows } = await client.query<Record<string, string>>(`SHOW ${name}`);
      settings[name] = rows[0]?.[name] ?? "";
    }
    return settings;
  });
}

/** Runs `use` with a connection that is closed afterwards. */
export async function withClient<T>(url: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2000, query_timeout: 20_000 });
  // A connection that breaks between queries reports it here; the query in flight rejects as well.
  let broken: Error | undefined;
  client.on("error", (error) => {
    broken = error;
  });
  await client.connect();
  try {
    return await use(client);
  } catch (error) {
    throw broken === undefined
      ? error
      : new TrialError(`The connection to Postgres broke: ${broken.message}`, { cause: error });
  } finally {
    await client.end();
  }
}
