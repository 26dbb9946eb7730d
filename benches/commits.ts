/**
 * Commits alone: what a Postgres takes when nobody but a plain loop of inserts asks, for benches of what is built on one.
 *
 * A table of its own, one prepared statement, `pg` and nothing else. It stands for the ceiling of whoever commits as often.
 */
import { setTimeout as delay } from "node:timers/promises";
import { Client } from "pg";
import { withClient } from "../harness/postgres/postgres.ts";

const TABLE =
  "CREATE TABLE IF NOT EXISTS bare_commits (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, message json)";
const INSERT = {
  name: "bare-insert",
  text: "INSERT INTO bare_commits (message) SELECT $1::json FROM generate_series(1, $2::int)",
};
/** About as long as a short message of a conversation. */
const MESSAGE = JSON.stringify({ role: "user", content: "please check the status of my order again today" });

/** Commits one batch of rows. */
const insert = (client: Client, rows: number): Promise<unknown> => client.query({ ...INSERT, values: [MESSAGE, rows] });

async function withClients<T>(url: string, count: number, use: (clients: readonly Client[]) => Promise<T>): Promise<T> {
  const clients = Array.from({ length: count }, () => new Client({ connectionString: url }));
  try {
    await Promise.all(clients.map((client) => client.connect()));
    await clients[0]?.query(TABLE);
    return await use(clients);
  } finally {
    await Promise.all(clients.map((client) => client.end()));
  }
}

/** A loop of commits under way: how many there were so far, and its end. */
export interface CommitLoop {
  readonly commits: () => number;
  readonly done: Promise<unknown>;
  stop(): void;
}

/** On every connection one commit after the other, of as many rows as given. */
export function commitLoop(url: string, connections: number, rows: number): CommitLoop {
  let commits = 0;
  let stopped = false;
  const loop = async (client: Client): Promise<void> => {
    for (; !stopped; commits++) await insert(client, rows);
  };
  const done = withClients(url, connections, (clients) => Promise.all(clients.map(loop)));
  return {
    commits: () => commits,
    done,
    stop: () => {
      stopped = true;
    },
  };
}

/** Single commits beside whatever else the server does. */
export interface PacedCommits {
  /** Ends them, and tells how long each took, in milliseconds. Rejects if one failed. */
  stop(): Promise<readonly number[]>;
}

/** One commit of one row after the other, with a pause between two, until it is stopped. */
export function pacedCommits(url: string, pauseMs: number): PacedCommits {
  const stopped = new AbortController();
  const tookMs: number[] = [];
  const done = withClients(url, 1, async ([client]) => {
    while (client !== undefined && !stopped.signal.aborted) {
      const fromMs = performance.now();
      await insert(client, 1);
      tookMs.push(performance.now() - fromMs);
      await delay(pauseMs, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  });
  // Told by stop().
  done.catch(() => undefined);
  return {
    stop: async () => {
      stopped.abort();
      await done;
      return tookMs;
    },
  };
}

/**
 * How long single commits of one row take, one at a time, in milliseconds.
 * @param pauseMs between two of them; 0 asks again at once
 */
export function commitTimes(url: string, count: number, pauseMs: number): Promise<number[]> {
  return withClients(url, 1, async ([client]) => {
    const tookMs: number[] = [];
    for (let commit = 0; client !== undefined && commit < count; commit++) {
      const fromMs = performance.now();
      await insert(client, 1);
      tookMs.push(performance.now() - fromMs);
      if (pauseMs > 0) await delay(pauseMs);
    }
    return tookMs;
  });
}

/** What was written so far; only differences mean anything. */
export interface Written {
  /** Transactions that wrote. */
  readonly transactions: number;
  /** Rows of the table that was asked for. */
  readonly rows: number;
}

/** Counts in the database itself. @param table whose rows are counted */
export function writtenSoFar(url: string, table: string): Promise<Written> {
  return withClient(url, async (client) => {
    // Only a transaction that writes gets a number, and the numbers are consecutive.
    const { rows } = await client.query<{ readonly transactions: string; readonly rows: string }>(
      `SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS transactions, (SELECT count(*) FROM ${table})::text AS rows`,
    );
    return { transactions: Number(rows[0]?.transactions), rows: Number(rows[0]?.rows) };
  });
}
