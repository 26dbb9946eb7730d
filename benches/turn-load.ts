/** Loads of plain turns for benches of runners: every session has eight of them, and every answer is compared with what the model said. */
import { monotonicMs } from "../harness/clock.ts";
import { type BackendRequest, type BackendResponse, outcomeOf, turnRequest } from "../harness/driver/mapping.ts";
import { TrialError } from "../harness/errors.ts";
import type { Mapping } from "../harness/runner.ts";
import type { Contestant } from "./contestant.ts";
import { KeptConnection } from "./kept-connection.ts";

/** What the model says in every turn. */
export const TOKENS = Array.from({ length: 20 }, (_, index) => `${index === 0 ? "" : " "}word${index}`);
export const TURNS_OF_A_SESSION = 8;
const OUTPUT = TOKENS.join("");
const INPUT = "please check the status of my order again today";
export const ANSWER_WITHIN_MS = 30_000;

let sessionsSoFar = 0;

/** The turns of one user after the other, eight each. */
export class TurnSequence {
  readonly #mapping: Mapping;
  #session = "";
  #turn = TURNS_OF_A_SESSION;

  constructor({ mapping }: Pick<Contestant, "mapping">) {
    this.#mapping = mapping;
  }

  /** The request of the next turn. */
  next(): BackendRequest {
    if (this.#turn === TURNS_OF_A_SESSION) {
      this.#session = `b${(++sessionsSoFar).toString(36)}`;
      this.#turn = 0;
    }
    this.#turn++;
    return turnRequest(this.#mapping, { session: this.#session, turn: String(this.#turn), input: INPUT });
  }

  /** What is wrong with an answer, as a sentence; null where it is what the model said. */
  wrong(response: BackendResponse): string | null {
    const outcome = outcomeOf(this.#mapping, response);
    if (outcome.kind === "ok" && outcome.output === OUTPUT) return null;
    return `A turn was answered with ${response.status} ${response.body.slice(0, 200)}.`;
  }

  /** Leaves the session, of which nobody knows how it stands. */
  abandon(): void {
    this.#turn = TURNS_OF_A_SESSION;
  }
}

/** One user after the other on one connection, as many sessions as it takes. */
class Users {
  readonly #turns: TurnSequence;
  readonly #connection: KeptConnection;

  constructor(contestant: Contestant) {
    this.#turns = new TurnSequence(contestant);
    this.#connection = new KeptConnection(contestant.baseUrl, ANSWER_WITHIN_MS);
  }

  /** The next turn, with the milliseconds it took. @throws TrialError when its answer is not what the model said */
  async turn(): Promise<number> {
    const request = this.#turns.next();
    const fromMs = monotonicMs();
    const response = await this.#connection.ask(request);
    const tookMs = monotonicMs() - fromMs;
    const wrong = this.#turns.wrong(response);
    if (wrong !== null) throw new TrialError(wrong);
    return tookMs;
  }

  close(): void {
    this.#connection.close();
  }
}

/** A load under way: what it took so far, and its end. */
export interface Load {
  readonly tookMs: number[];
  /** Rejects as soon as a turn fails; resolves after `stop` with the last turn. */
  readonly done: Promise<unknown>;
  stop(): void;
}

/** As many users as given, each asking again as soon as it is answered. */
export function closedLoop(contestant: Contestant, count: number): Load {
  const users = Array.from({ length: count }, () => new Users(contestant));
  const tookMs: number[] = [];
  let stopped = false;
  const loop = async (one: Users): Promise<void> => {
    while (!stopped) tookMs.push(await one.turn());
  };
  const done = Promise.all(users.map(loop)).finally(() => {
    stopped = true;
    for (const one of users) one.close();
  });
  return {
    tookMs,
    done,
    stop: () => {
      stopped = true;
    },
  };
}

/** Turns on an even schedule, whatever becomes of those before. */
export function evenSchedule(contestant: Contestant, perSecond: number): Load {
  const users: Users[] = [];
  const free: Users[] = [];
  const tookMs: number[] = [];
  let stopped = false;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const ask = async (): Promise<void> => {
    const one = free.pop() ?? new Users(contestant);
    if (!users.includes(one)) users.push(one);
    tookMs.push(await one.turn());
    free.push(one);
    if (stopped && free.length === users.length) resolve();
  };
  const timer = setInterval(() => void ask().catch(reject), 1000 / perSecond);
  const done = promise.finally(() => {
    clearInterval(timer);
    for (const one of users) one.close();
  });
  return {
    tookMs,
    done,
    stop: () => {
      stopped = true;
      clearInterval(timer);
      if (free.length === users.length) resolve();
    },
  };
}
