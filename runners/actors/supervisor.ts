/**
 * The supervisor of the actors of one worker: starts them at their first message, hands them one turn at a time from their
 * mailboxes, and restarts those that crash.
 *
 * State dies with an actor, its mailbox does not: the turn that crashed it is answered with an error, those that wait go to the new
 * actor, which begins empty. An actor that crashes too often is given up, alone: its turns end as failed.
 */
import { Refused } from "../kit/typescript/front.ts";
import type { FailureCode, FinishedTurn, Listener, TurnResult } from "../kit/typescript/messages.ts";
import { SessionActor, type SpawnChild } from "./actor.ts";
import { type IntensityLimit, RestartIntensity } from "./restart-intensity.ts";

/** The contract's codes say what the model did; this one is the supervisor's. */
const GAVE_UP: FailureCode = "gave_up";

/** What the supervisor needs of an actor; tests give their own. */
export type Actor = Pick<SessionActor, "runTurn" | "finished">;
export type StartActor = (session: string) => Actor;

interface Letter {
  readonly turn: string;
  readonly input: string;
  /** Who reads along. */
  readonly listener: Listener | undefined;
  readonly resolve: (result: TurnResult) => void;
  readonly reject: (error: unknown) => void;
}

interface Supervised {
  actor: Actor;
  readonly mailbox: Letter[];
  readonly intensity: RestartIntensity;
  working: boolean;
}

export interface SupervisorSettings {
  readonly start: StartActor;
  readonly limit: IntensityLimit;
  /** A monotonic clock, in milliseconds. */
  readonly now: () => number;
}

/** Starts the real actors. */
export const startSessions = (spawnChild: SpawnChild): StartActor => {
  return (session) => new SessionActor(session, spawnChild);
};

export class Supervisor {
  readonly #actors = new Map<string, Supervised>();
  readonly #settings: SupervisorSettings;

  constructor(settings: SupervisorSettings) {
    this.#settings = settings;
  }

  /** Puts the turn into the actor's mailbox. Rejects with the error that crashed the actor in this turn. */
  runTurn(session: string, turn: string, input: string, listener?: Listener): Promise<TurnResult> {
    const supervised = this.#open(session);
    return new Promise((resolve, reject) => {
      supervised.mailbox.push({ turn, input, listener, resolve, reject });
      if (!supervised.working) void this.#work(session, supervised);
    });
  }

  /** What the actor has finished; a look that does not wait in the mailbox. Undefined for a session without actor. */
  read(session: string): readonly FinishedTurn[] | undefined {
    return this.#actors.get(session)?.actor.finished();
  }

  #open(session: string): Supervised {
    let supervised = this.#actors.get(session);
    if (supervised === undefined) {
      const intensity = new RestartIntensity(this.#settings.limit);
      supervised = { actor: this.#settings.start(session), mailbox: [], intensity, working: false };
      this.#actors.set(session, supervised);
    }
    return supervised;
  }

  /** Empties the mailbox, letter by letter. */
  async #work(session: string, supervised: Supervised): Promise<void> {
    supervised.working = true;
    for (let letter = supervised.mailbox.shift(); letter !== undefined; letter = supervised.mailbox.shift()) {
      try {
        letter.resolve(await supervised.actor.runTurn(letter.turn, letter.input, letter.listener));
      } catch (error) {
        letter.reject(error);
        if (!(error instanceof Refused)) this.#restart(session, supervised, error);
      }
    }
    supervised.working = false;
  }

  #restart(session: string, supervised: Supervised, error: unknown): void {
    const again = supervised.intensity.allows(this.#settings.now());
    supervised.actor = again ? this.#settings.start(session) : new GivenUpActor();
    console.error(`actor ${session} crashed and was ${again ? "restarted" : "given up"}: ${String(error)}`);
  }
}

/** What stands in for an actor that was given up: it fails every turn, the same way whenever it is asked. */
class GivenUpActor implements Actor {
  readonly #failed = new Map<string, FinishedTurn>();

  async runTurn(turn: string, input: string): Promise<TurnResult> {
    const result: TurnResult = { failed: { code: GAVE_UP, message: "the actor crashed too often" } };
    this.#failed.set(turn, { turn, input, ...result });
    return result;
  }

  finished(): FinishedTurn[] {
    return [...this.#failed.values()];
  }
}
