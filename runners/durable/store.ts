/**
 * The database behind the live objects: ownership of sessions, their journal, and nothing kept in memory.
 *
 * Promises that what it resolved is committed, and that a session's rows are written only under the epoch that owns it. A
 * rejected write may have been committed all the same (the connection broke): whoever asked must read again to know.
 */
import { randomUUID } from "node:crypto";
import { Pool, type PoolConfig, type QueryResultRow } from "pg";
import type { Message, TurnResult } from "../kit/typescript/messages.ts";
import { Batcher } from "./batcher.ts";
import { COMMIT, INHERIT, LOAD, OWN, SETUP, TAKE_BACK } from "./schema.ts";
import { type StoreSettings, settingsFrom } from "./settings.ts";

/** One message of a turn. Step 0 is the input; part 0 of a step is the model's answer, part n the result of its nth call. */
export interface Entry {
  readonly step: number;
  readonly part: number;
  readonly message: Message;
}

/** An entry as it was read, and how long ago it was written, by the database's clock. */
export interface StoredEntry extends Entry {
  readonly ageMs: number;
}

/** Why a turn ended for good without an answer. */
export type Failure = Extract<TurnResult, { readonly failed: unknown }>["failed"];

/** What changes in a turn; the parts are committed together or not at all. */
export interface Change {
  /** The turn begins: its place in the session, from 1. */
  readonly begins?: { readonly seq: number };
  readonly entries?: readonly Entry[];
  /** The turn ends, with its answer as the last entry or with a failure. */
  readonly ends?: "done" | { readonly failure: Failure };
}

/** A change of one turn, made by the owner with this epoch. */
export interface Write extends Change {
  readonly session: string;
  readonly turn: string;
  readonly epoch: number;
}

/** A turn as it was read. */
export interface StoredTurn {
  readonly turn: string;
  readonly seq: number;
  /** Epoch of the owner that accepted it. */
  readonly epoch: number;
  readonly state: "running" | "done" | "failed";
  readonly failure: Failure | null;
  readonly entries: readonly StoredEntry[];
}

/** Another process has owned the session since we did; nothing was written. */
export class Superseded extends Error {
  override readonly name = "Superseded";

  constructor(session: string) {
    super(`session ${session} is owned by another process now`);
  }
}

/** What the live objects need of the database. */
export type SessionStore = Pick<Store, "setUp" | "ping" | "own" | "takeBack" | "load" | "commit" | "inherit" | "close">;

/** One lane, so that the take-overs of a process lock in one order. */
const OWN_BATCHES = { lanes: 1, mostItems: 64 } as const;
const CONNECT_LIMIT_MS = 5000;
const STATEMENT_LIMIT_MS = 10_000;

/**
 * Plans are made while the tables are still empty, and the best plan for an empty table reads all of it. All statements
 * here find rows by key, so the planner is asked not to consider anything else.
 */
const BY_KEY_ONLY = "-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off";

export class Store {
  readonly #pool: Pool;
  readonly #owner: string;
  /** Tells this start from every other one of the same owner. */
  readonly #start = randomUUID();
  readonly #commits: Batcher<Write, boolean>;
  readonly #takeovers: Batcher<string, number>;
  readonly #returns: Batcher<string, number | undefined>;

  /** @param owner a name that the next start of this process has too, so that it finds what this one leaves unfinished */
  constructor(databaseUrl: string, owner: string, settings: StoreSettings = settingsFrom({})) {
    const config: PoolConfig = {
      connectionString: databaseUrl,
      max: settings.connections,
      idleTimeoutMillis: 0,
      keepAlive: true,
      connectionTimeoutMillis: CONNECT_LIMIT_MS,
      query_timeout: STATEMENT_LIMIT_MS,
      options: BY_KEY_ONLY,
    };
    this.#pool = new Pool(config);
    // An idle connection that breaks is replaced at its next use; without a listener Node would end the process.
    this.#pool.on("error", (error) => console.error(`database connection lost: ${error.message}`));
    this.#owner = owner;
    const { batchesInFlight: lanes, mostPerBatch: mostItems } = settings;
    this.#commits = new Batcher((writes) => this.#commitAll(writes), { lanes, mostItems });
    this.#takeovers = new Batcher((sessions) => this.#ownAll(sessions), OWN_BATCHES);
    this.#returns = new Batcher((sessions) => this.#takeAllBack(sessions), OWN_BATCHES);
  }

  /** Creates the tables where they are missing. Any number of processes may do so at once. */
  async setUp(): Promise<void> {
    await this.#pool.query(SETUP);
  }

  /** Resolves if the database answers. */
  async ping(): Promise<void> {
    await this.#pool.query("SELECT 1");
  }

  /** Makes this process the owner of the session and returns its new epoch, 1 for a session that did not exist. */
  own(session: string): Promise<number> {
    return this.#takeovers.add(session);
  }

  /** Owns anew what this process owned last, and returns its new epoch. @throws Superseded if somebody else has owned it since */
  async takeBack(session: string): Promise<number> {
    const epoch = await this.#returns.add(session);
    if (epoch === undefined) throw new Superseded(session);
    return epoch;
  }

  /** Commits the write. @throws Superseded if the session has another epoch by now */
  async commit(write: Write): Promise<void> {
    const kept = await this.#commits.add(write);
    if (!kept) throw new Superseded(write.session);
  }

  /** All turns of a session in order, the unfinished one last. */
  async load(session: string): Promise<readonly StoredTurn[]> {
    const rows = await this.#rows<StoredTurn>(LOAD, [session]);
    return rows.map((row) => ({ ...row, entries: row.entries ?? [] }));
  }

  /** Sessions in which an earlier start of this owner left a turn unfinished. They are ours to take back now. */
  async inherit(): Promise<readonly string[]> {
    const rows = await this.#rows<{ readonly id: string }>(INHERIT, [this.#owner, this.#start]);
    return rows.map(({ id }) => id);
  }

  /** Closes the connections. */
  async close(): Promise<void> {
    await this.#pool.end();
  }

  async #rows<Row extends QueryResultRow>(
    statement: { readonly name: string; readonly text: string },
    values: readonly unknown[],
  ): Promise<readonly Row[]> {
    const { rows } = await this.#pool.query<Row>({ ...statement, values: [...values] });
    return rows;
  }

  async #ownAll(sessions: readonly string[]): Promise<readonly number[]> {
    const epochs = await this.#epochs(OWN, [sessions, this.#owner, this.#start]);
    return sessions.map((session) => epochs.get(session) ?? 0);
  }

  async #takeAllBack(sessions: readonly string[]): Promise<readonly (number | undefined)[]> {
    const epochs = await this.#epochs(TAKE_BACK, [sessions, this.#start]);
    return sessions.map((session) => epochs.get(session));
  }

  async #epochs(statement: typeof OWN, values: readonly unknown[]): Promise<ReadonlyMap<string, number>> {
    const rows = await this.#rows<{ readonly id: string; readonly epoch: number }>(statement, values);
    return new Map(rows.map(({ id, epoch }) => [id, epoch]));
  }

  async #commitAll(writes: readonly Write[]): Promise<readonly boolean[]> {
    const rows = await this.#rows<{ readonly id: string }>(COMMIT, [
      JSON.stringify(epochsOf(writes)),
      JSON.stringify(writes.flatMap(beginningOf)),
      JSON.stringify(writes.flatMap(entriesOf)),
      JSON.stringify(writes.flatMap(endingOf)),
    ]);
    const mine = new Set(rows.map(({ id }) => id));
    return writes.map(({ session }) => mine.has(session));
  }
}

/** Each session once: a turn with parallel tool calls may have several writes in one batch, all under one epoch. */
function epochsOf(writes: readonly Write[]): unknown[] {
  const epochs = new Map(writes.map(({ session, epoch }) => [session, epoch]));
  return [...epochs].map(([session, epoch]) => ({ session, epoch }));
}

function beginningOf({ session, turn, epoch, begins }: Write): unknown[] {
  return begins === undefined ? [] : [{ session, turn, seq: begins.seq, epoch }];
}

/** Messages travel as text within the JSON: models may write U+0000, which no string of Postgres can hold but as an escape. */
function entriesOf({ session, turn, entries = [] }: Write): unknown[] {
  return entries.map(({ step, part, message }) => ({ session, turn, step, part, message: JSON.stringify(message) }));
}

function endingOf({ session, turn, ends }: Write): unknown[] {
  if (ends === undefined) return [];
  return ends === "done"
    ? [{ session, turn, state: "done", failure: null }]
    : [{ session, turn, state: "failed", failure: JSON.stringify(ends.failure) }];
}
