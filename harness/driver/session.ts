/**
 * Session: one user's conversation as planned: arrive, then turn after turn with thinking between them, then leave.
 *
 * Promises: turn n+1 is never offered before turn n has ended; think times are never shortened; after `hold` nothing new is
 * offered but the proof turn. States: coming, thinking, pending (a turn has not ended), left.
 * Leaves to others: the attempts of a turn (`turn.ts`), what a second client does (`second-client.ts`), when proofs are due
 * (`proof-round.ts`).
 */
import { assert } from "../errors.ts";
import type { ClientPolicy, Cohort } from "../scenario.ts";
import type { PlannedSession } from "../trial.ts";
import { inputText } from "./input.ts";
import type { Ticket } from "./schedule.ts";
import { type Delivery, hasSecondClient, SecondClient } from "./second-client.ts";
import { type Surroundings, Turn } from "./turn.ts";

/** How a proof is asked for, the same for every session. Milliseconds. */
export const PROOF = {
  client: { retry: "eager", timeoutMs: 10_000, deadlineMs: 10_000 } satisfies ClientPolicy,
  /** How long a proof that is due waits for a turn that is still pending. */
  patienceMs: 10_000,
  readTimeoutMs: 10_000,
  /** A read that is answered "not yet" (503) is repeated this often, with this pause. */
  readRepeats: 3,
  readPauseMs: 250,
} as const;

/** Counts over all sessions, proof turns apart. */
export interface Tally {
  live: number;
  offered: number;
  pending: number;
  /** Turns whose whole 200 was read: answered, or failed for good. */
  acknowledged: number;
}

/** What a session needs to know of its cohort. */
export type Habits = Pick<Cohort, "client" | "readEvery" | "duplicates" | "twoClients">;

/** One planned session. */
export class Session {
  readonly plan: PlannedSession;
  readonly #habits: Habits;
  readonly #second: SecondClient | null;
  readonly #around: Surroundings;
  readonly #tally: Tally;
  readonly #acknowledged: () => void;
  #state: "coming" | "thinking" | "pending" | "left" = "coming";
  #next: Ticket | null = null;
  #turn: Turn | null = null;
  #turnsOffered = 0;
  #held = false;
  #stopped = false;
  #whenTurnEnds: (() => void) | null = null;

  /** @param acknowledged told after each ordinary turn that ended. */
  constructor(around: Surroundings, plan: PlannedSession, habits: Habits, tally: Tally, acknowledged: () => void) {
    this.#around = around;
    this.plan = plan;
    this.#habits = habits;
    this.#second = hasSecondClient(habits) ? new SecondClient(around, plan.id, habits) : null;
    this.#tally = tally;
    this.#acknowledged = acknowledged;
  }

  /** Whether it ever offered a turn. */
  get hadTurn(): boolean {
    return this.#state !== "coming";
  }

  /** Whether its turn was interrupted and its client never asks again. */
  get isSilent(): boolean {
    return this.#turn?.isSilent ?? false;
  }

  /** Plans the arrival. @param originMs the instant from which the plan's `arriveMs` counts. */
  begin(originMs: number): void {
    this.#plan(originMs + this.plan.arriveMs, (arriveMs) => {
      this.#tally.live += 1;
      this.#around.note({ e: "arrive", t: arriveMs, s: this.plan.id });
      this.#offer(arriveMs);
    });
  }

  /** Offers no new turn from now on; a pending one goes on. */
  hold(): void {
    this.#held = true;
    this.#next?.cancel();
    this.#next = null;
  }

  /** Asks again for a pending turn for which its client would not. */
  wake(): void {
    this.#turn?.wake();
  }

  /**
   * One proof turn once the pending turn has ended (none if it does not end in time), then one read.
   * `done` is called once, unless the session is stopped before.
   */
  prove(done: () => void): void {
    this.wake();
    this.#afterTurn(PROOF.patienceMs, (ended) => {
      if (!ended) {
        this.#read(PROOF.readRepeats, done);
        return;
      }
      this.#offerProof();
      this.#afterTurn(PROOF.client.deadlineMs, () => this.#read(PROOF.readRepeats, done));
    });
  }

  /** The trial is over. */
  stop(): void {
    this.#stopped = true;
    this.#second?.close();
    this.hold();
    this.#turn?.abandon();
  }

  #plan(instantMs: number, run: (dueMs: number) => void): void {
    if (this.#held) return;
    // Sums of stamps are brought back to whole microseconds, as all stamps are, so that histories stay small.
    const dueMs = Math.round(instantMs * 1000) / 1000;
    this.#next = this.#around.at(dueMs, () => {
      this.#next = null;
      run(dueMs);
    });
  }

  #offer(enabledMs: number): void {
    assert(this.#turn === null, `session ${this.plan.id} was to have two turns at once`);
    this.#turnsOffered += 1;
    this.#state = "pending";
    this.#tally.offered += 1;
    this.#tally.pending += 1;
    const delivery = this.#delivery(this.#turnsOffered);
    const { client } = this.#habits;
    const offered = { session: this.plan.id, ...delivery, enabledMs, client };
    const turn = new Turn(this.#around, offered, (endedMs) => this.#endTurn(delivery, endedMs));
    this.#turn = turn;
    this.#second?.sent(delivery, () => (this.#held || this.#turn !== turn ? null : this.#afterwards(delivery)));
  }

  #delivery(number: number): Delivery & { readonly kind: "opening" | "ordinary" } {
    const kind = number === 1 && this.plan.opening ? "opening" : "ordinary";
    return { number, kind, input: inputText(this.#around.seed, this.plan.id, number, kind) };
  }

  /** What a second user sends while this turn runs: the next one, or where the plan has none the same. */
  #afterwards(turn: Delivery): Delivery {
    return turn.number < this.plan.turns ? this.#delivery(turn.number + 1) : turn;
  }

  #endTurn(turn: Delivery, endedMs: number): void {
    this.#turn = null;
    this.#tally.pending -= 1;
    this.#tally.acknowledged += 1;
    this.#second?.ended(turn);
    const { readEvery } = this.#habits;
    if (readEvery !== undefined && turn.number % readEvery === 0) this.#read(0, () => undefined);
    if (this.#turnsOffered < this.plan.turns) this.#think(endedMs);
    else this.#leave(endedMs);
    this.#acknowledged();
    this.#tellTurnEnded();
  }

  #think(endedMs: number): void {
    const thinkMs = this.plan.thinkMs[this.#turnsOffered - 1];
    assert(thinkMs !== undefined, `session ${this.plan.id} has no think time after turn ${this.#turnsOffered}`);
    this.#state = "thinking";
    this.#plan(endedMs + thinkMs, (enabledMs) => this.#offer(enabledMs));
  }

  #leave(endedMs: number): void {
    this.#state = "left";
    this.#tally.live -= 1;
    this.#around.note({ e: "leave", t: endedMs, s: this.plan.id });
  }

  #offerProof(): void {
    // A number that a second client has used would be the same turn with another input.
    const number = Math.max(this.#turnsOffered, this.#second?.highest ?? 0) + 1;
    const input = inputText(this.#around.seed, this.plan.id, number, "proof");
    const enabledMs = this.#around.now();
    const offered = { session: this.plan.id, number, input, kind: "proof", enabledMs, client: PROOF.client } as const;
    this.#turn = new Turn(this.#around, offered, () => {
      this.#turn = null;
      this.#tellTurnEnded();
    });
  }

  /** Calls `then` when no turn is pending any more, or with false when one still is after `limitMs`. */
  #afterTurn(limitMs: number, then: (ended: boolean) => void): void {
    if (this.#turn === null) {
      then(true);
      return;
    }
    const limit = this.#around.at(this.#around.now() + limitMs, () => {
      this.#whenTurnEnds = null;
      then(false);
    });
    this.#whenTurnEnds = () => {
      limit.cancel();
      then(true);
    };
  }

  #tellTurnEnded(): void {
    const tell = this.#whenTurnEnds;
    this.#whenTurnEnds = null;
    tell?.();
  }

  #read(repeats: number, done: () => void): void {
    const { read, now, note, at } = this.#around;
    if (read === null) {
      done();
      return;
    }
    const began = now();
    read(this.plan.id, PROOF.readTimeoutMs, ({ status, turns, endedMs }) => {
      if (this.#stopped) return;
      if (status === 503 && repeats > 0) {
        at(endedMs + PROOF.readPauseMs, () => this.#read(repeats - 1, done));
        return;
      }
      const event = { e: "read", t: endedMs, began, s: this.plan.id, status } as const;
      note(turns === undefined ? event : { ...event, turns });
      done();
    });
  }
}
