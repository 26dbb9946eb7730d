/**
 * Second client: what else asks for the turns of a session beside its own client. Either a turn is delivered twice, as by a
 * network or queue that delivers at least once, or somebody with the same conversation open sends the next turn while one runs.
 *
 * Promises: the session's own client notices nothing of it and is not kept waiting; each delivery is one attempt on a connection
 * of its own, asked for plainly and never again; its events carry `c: 2`. Which turns it takes, and when, is drawn from the seed.
 * Whatever the contract allows is right: the same answer, a refusal, a place in the queue. What is wrong is for checkers to say.
 */
import { fingerprint } from "../identity.ts";
import { randomOf } from "../random.ts";
import type { Cohort } from "../scenario.ts";
import type { AskedTurn, Outcome } from "./mapping.ts";
import type { Surroundings } from "./turn.ts";

/** Milliseconds from what it follows (the first delivery, or its answer) to the second delivery, drawn evenly. */
export const SECOND_DELIVERY_MS = { low: 1, high: 500 } as const;

/** A turn as it goes over the wire. */
export interface Delivery {
  readonly number: number;
  readonly input: string;
}

type Habits = Pick<Cohort, "duplicates" | "twoClients" | "client">;

/** Who may have a second client at all. */
export const hasSecondClient = ({ duplicates, twoClients }: Habits): boolean =>
  duplicates !== undefined || twoClients !== undefined;

/** The second client of one session. */
export class SecondClient {
  readonly #around: Surroundings;
  readonly #session: string;
  readonly #habits: Habits;
  #attempt = 0;
  #highest = 0;
  #closed = false;

  constructor(around: Surroundings, session: string, habits: Habits) {
    this.#around = around;
    this.#session = session;
    this.#habits = habits;
  }

  /** The highest turn that it has sent; 0 before the first. */
  get highest(): number {
    return this.#highest;
  }

  /**
   * The session's own client has sent this turn for the first time.
   * @param rival what a second user would send meanwhile; asked when it is due, null if it should not be sent any more
   */
  sent(turn: Delivery, rival: () => Delivery | null): void {
    const { duplicates, twoClients } = this.#habits;
    if (duplicates?.after === "sent") this.#maybe("duplicate", duplicates.share, turn.number, () => turn);
    if (twoClients !== undefined) this.#maybe("rival", twoClients.share, turn.number, rival);
  }

  /** The session's own client has read the end of this turn. */
  ended(turn: Delivery): void {
    const { duplicates } = this.#habits;
    if (duplicates?.after === "answered") this.#maybe("duplicate", duplicates.share, turn.number, () => turn);
  }

  /** The trial is over: nothing is sent or noted any more. */
  close(): void {
    this.#closed = true;
  }

  #maybe(what: string, share: number, number: number, delivery: () => Delivery | null): void {
    const { now, seed, at } = this.#around;
    const random = randomOf(seed, what, this.#session, number);
    if (random() >= share) return;
    const { low, high } = SECOND_DELIVERY_MS;
    const dueMs = Math.round((now() + low + (high - low) * random()) * 1000) / 1000;
    at(dueMs, () => {
      const turn = this.#closed ? null : delivery();
      if (turn !== null) this.#deliver(turn);
    });
  }

  #deliver({ number, input }: Delivery): void {
    const { now, note, ask } = this.#around;
    this.#attempt += 1;
    this.#highest = Math.max(this.#highest, number);
    const of = { s: this.#session, n: number, a: this.#attempt, c: 2 } as const;
    const asked: AskedTurn = { session: this.#session, turn: String(number), input };
    note({ e: "invoke", t: now(), ...of });
    ask(asked, this.#habits.client.timeoutMs, (outcome, t) => this.#hear(outcome, { t, ...of }), true);
  }

  #hear(outcome: Outcome, of: { t: number; s: string; n: number; a: number; c: 2 }): void {
    if (this.#closed) return;
    const { note } = this.#around;
    if (outcome.kind === "ok") note({ e: "ok", ...of, h: fingerprint(outcome.output) });
    else if (outcome.kind === "failed") note({ e: "failed", ...of, code: outcome.code });
    else note({ e: outcome.kind, ...of, why: outcome.why });
  }
}
