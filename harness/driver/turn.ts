/**
 * Turn: one turn from the instant it is due until it has ended, through all its attempts.
 *
 * Promises: events exactly as `history.ts` defines them; never two attempts at once; `ended` is told once, and never after
 * `abandon`. States: asking (an attempt is under way), pausing (the next one is scheduled), silent (the client does not ask
 * again by itself), over.
 * Leaves to others: which turn comes when (`session.ts`), how long pauses are (`retry.ts`), what a response means (`mapping.ts`).
 */
import type { Clock } from "../clock.ts";
import type { DriverEvent } from "../history.ts";
import { fingerprint } from "../identity.ts";
import { randomOf } from "../random.ts";
import type { ClientPolicy } from "../scenario.ts";
import type { AskedTurn, Outcome, TurnRead } from "./mapping.ts";
import { nextAttemptMs } from "./retry.ts";
import type { Ticket } from "./schedule.ts";

/** What a read of a session showed; status 0: no answer. */
export interface SessionRead {
  readonly status: number;
  readonly turns?: readonly TurnRead[];
  readonly endedMs: number;
}

/** What turns and sessions need from around them: the driver gives the real ones, tests fake ones. */
export interface Surroundings {
  readonly now: Clock;
  readonly seed: number;
  at(dueMs: number, run: () => void): Ticket;
  note(event: DriverEvent): void;
  /**
   * One attempt; `heard` is called once, never within this call. `endedMs` was stamped after the whole read.
   * @param own true: on a connection that nothing else uses
   */
  ask(turn: AskedTurn, timeoutMs: number, heard: (outcome: Outcome, endedMs: number) => void, own?: boolean): void;
  /**
   * The same, reading along; null where the backend offers no streams. `first` is told at most once, before `heard`, when the
   * first text was read.
   */
  readonly askStream:
    | ((
        turn: AskedTurn,
        timeoutMs: number,
        heard: (outcome: Outcome, endedMs: number) => void,
        first: (nowMs: number, step: number | undefined) => void,
      ) => void)
    | null;
  /** One read on a connection of its own; null where the backend offers none. */
  readonly read: ((session: string, timeoutMs: number, heard: (read: SessionRead) => void) => void) | null;
}

/** Opening and proof turns are short ones: they open a conversation that goes on as planned, and show that it still does. */
export type TurnKind = "ordinary" | "opening" | "proof";

/** One turn as offered. */
export interface OfferedTurn {
  readonly session: string;
  readonly number: number;
  readonly input: string;
  readonly kind: TurnKind;
  /** The planned instant, not the instant of noticing. */
  readonly enabledMs: number;
  readonly client: ClientPolicy;
}

/** One turn of one session. */
export class Turn {
  readonly offered: OfferedTurn;
  readonly #around: Surroundings;
  readonly #ended: (endedMs: number) => void;
  #client: ClientPolicy;
  #state: "asking" | "pausing" | "silent" | "over" = "asking";
  #attempt = 0;
  #late = false;
  #pause: Ticket | null = null;
  readonly #deadline: Ticket;

  /** Offers the turn: notes it as enabled and asks for the first time. */
  constructor(around: Surroundings, offered: OfferedTurn, ended: (endedMs: number) => void) {
    this.#around = around;
    this.offered = offered;
    this.#client = offered.client;
    this.#ended = ended;
    const { session: s, number: n, enabledMs: t, kind } = offered;
    around.note(kind === "ordinary" ? { e: "enabled", t, s, n } : { e: "enabled", t, s, n, kind });
    this.#deadline = around.at(this.#deadlineMs, () => this.#passDeadline());
    this.#ask();
  }

  /** Whether it was interrupted and waits to be woken, since its client never asks again. */
  get isSilent(): boolean {
    return this.#state === "silent";
  }

  /** From now on a client that never asks again does so, eagerly. Without effect on the others. */
  wake(): void {
    if (this.#client.retry !== "never") return;
    this.#client = { ...this.#client, retry: "eager" };
    if (this.#state === "silent") this.#ask();
  }

  /** The trial is over: a turn without an answer is censored at its age. */
  abandon(): void {
    if (this.#state === "over") return;
    this.#finish();
    this.#around.note({ e: "censored", t: this.#around.now(), s: this.offered.session, n: this.offered.number });
  }

  #ask(): void {
    this.#state = "asking";
    this.#pause = null;
    this.#attempt += 1;
    const { session, number, input } = this.offered;
    const { askStream, ask } = this.#around;
    const { timeoutMs, streams } = this.#client;
    const asked = { session, turn: String(number), input };
    const startedMs = this.#around.now();
    const of = { s: session, n: number, a: this.#attempt };
    const heard = (outcome: Outcome, endedMs: number): void => {
      if (this.#state !== "over") this.#hear(outcome, startedMs, endedMs);
    };
    if (streams !== true || askStream === null) {
      this.#around.note({ e: "invoke", t: startedMs, ...of });
      ask(asked, timeoutMs, heard);
      return;
    }
    this.#around.note({ e: "invoke", t: startedMs, ...of, stream: true });
    askStream(asked, timeoutMs, heard, (t, k) => {
      if (this.#state !== "over") this.#around.note({ e: "first", t, ...of, ...(k === undefined ? {} : { k }) });
    });
  }

  #hear(outcome: Outcome, startedMs: number, t: number): void {
    // An answer may be handled before the timer of a deadline that passed just before it.
    if (t > this.#deadlineMs) this.#passDeadline();
    const of = { t, s: this.offered.session, n: this.offered.number, a: this.#attempt };
    switch (outcome.kind) {
      case "ok":
        this.#around.note({
          e: "ok",
          ...of,
          h: fingerprint(outcome.output),
          ...(outcome.stream && { stream: outcome.stream }),
        });
        break;
      case "failed":
        this.#around.note({ e: "failed", ...of, code: outcome.code });
        break;
      default:
        this.#around.note({ e: outcome.kind, ...of, why: outcome.why });
        this.#pauseAfter(startedMs, t, outcome.retryAfterMs);
        return;
    }
    this.#finish();
    this.#ended(t);
  }

  #pauseAfter(startedMs: number, endedMs: number, retryAfterMs: number | undefined): void {
    const { session, number } = this.offered;
    const setback = { startedMs, endedMs, inARow: this.#attempt, late: this.#late, retryAfterMs };
    const nextMs = nextAttemptMs(
      this.#client,
      setback,
      randomOf(this.#around.seed, "retry", session, number, this.#attempt),
    );
    this.#state = nextMs === null ? "silent" : "pausing";
    if (nextMs !== null) this.#pause = this.#around.at(nextMs, () => this.#ask());
  }

  get #deadlineMs(): number {
    return this.offered.enabledMs + this.offered.client.deadlineMs;
  }

  #passDeadline(): void {
    if (this.#late) return;
    this.#late = true;
    this.#around.note({ e: "late", t: this.#deadlineMs, s: this.offered.session, n: this.offered.number });
  }

  #finish(): void {
    this.#state = "over";
    this.#pause?.cancel();
    this.#deadline.cancel();
  }
}
