/**
 * The database of a simulated runtime: statements are applied at one instant, or not at all where the database is down, and
 * what was applied outlives every process. Whoever sent a statement and died never hears of it.
 */
import type { NamedCall } from "./model-messages.ts";
import type { SimulatedProcess } from "./process.ts";
import { type Routine, until } from "./routine.ts";
import type { SimulatedTime } from "./time.ts";

/** One answer of the model and the results of its calls; those not yet known are missing. */
export interface Step {
  readonly purchase: number;
  readonly text: string;
  readonly calls: readonly NamedCall[];
  readonly results: (string | undefined)[];
  /** When the answer was kept. */
  readonly sinceMs: number;
}
export type TurnResult = { readonly output: string } | { readonly failed: string };

export interface StoredTurn {
  readonly turn: number;
  readonly input: string;
  steps: Step[];
  result: TurnResult | null;
}

export interface StoredSession {
  readonly id: string;
  /** Counts the owners. */
  epoch: number;
  /** Name of the last one. */
  owner: string;
  readonly turns: StoredTurn[];
}

/** Something that ends a live session and is nobody's mistake. */
export class Interruption extends Error {}
/** The database was away: whether the statement was applied, nobody knows. */
export class DatabaseLost extends Interruption {}
/** Another owner has taken the session. */
export class Superseded extends Interruption {}

/** What asynchronous commit may lose. */
const UNSYNCED_MS = 600;
const STATEMENT_MS = { low: 0.3, high: 3 };
/** What a client waits for a database that is away before it hears so. */
const REFUSED_AFTER_MS = 1;

/** A deep copy, as a row is one. */
export const copyOf = ({ turn, input, steps, result }: StoredTurn): StoredTurn => ({
  turn,
  input,
  steps: steps.map((step) => ({ ...step, results: [...step.results] })),
  result,
});

export class Store {
  readonly #time: SimulatedTime;
  readonly #sessions = new Map<string, StoredSession>();
  /** Statements of an earlier start of the database are lost. */
  #start = 1;
  #down = false;
  /** How to take back what was applied and not yet flushed, in order. */
  readonly #unsynced: { readonly ms: number; readonly undo: () => void }[] = [];

  constructor(time: SimulatedTime) {
    this.#time = time;
  }

  stop(): void {
    this.#down = true;
    this.#start += 1;
    const sinceMs = this.#time.clock() - UNSYNCED_MS;
    for (const { ms, undo } of this.#unsynced.splice(0).toReversed()) if (ms >= sinceMs) undo();
  }

  /** A change was applied that is flushed only after a while, as with asynchronous commit. */
  notSynced(undo: () => void): void {
    this.#unsynced.push({ ms: this.#time.clock(), undo });
  }

  begin(): void {
    this.#down = false;
  }

  /** Sends one statement. @throws DatabaseLost */
  *query<Value>(by: SimulatedProcess, statement: (sessions: Map<string, StoredSession>) => Value): Routine<Value> {
    const { low, high } = STATEMENT_MS;
    const way = (): number => (low + (high - low) * by.random()) / 2;
    const sentIn = this.#start;
    const answer = yield* until<{ readonly value: Value } | null>((done) => {
      if (this.#down) {
        this.#time.after(REFUSED_AFTER_MS, () => done(null));
        return;
      }
      const isThere = (): boolean => !this.#down && this.#start === sentIn;
      this.#time.after(way(), () => {
        const value = isThere() ? { value: statement(this.#sessions) } : null;
        this.#time.after(way(), () => done(isThere() ? value : null));
      });
    });
    if (answer === null) throw new DatabaseLost();
    return answer.value;
  }
}
