/** Turns of clients on kept connections, at random instants. */
import { turnRequest } from "../../harness/driver/mapping.ts";
import type { Mapping } from "../../harness/runner.ts";
import { KeptConnection } from "../kept-connection.ts";
import { Pace } from "./pace.ts";

/** As the contract names the event of a token. */
const TOKEN_EVENT = "event: token\n";

export class Turns {
  /** Answered so far, and pieces that their clients read along. */
  count = 0;
  tokens = 0;
  readonly #baseUrl: string;
  readonly #answerWithinMs: number;
  readonly #free: KeptConnection[] = [];
  readonly #all: KeptConnection[] = [];
  readonly #pace = new Pace(Math.random, () => undefined);
  #begun = 0;

  constructor(baseUrl: string, answerWithinMs: number) {
    this.#baseUrl = baseUrl;
    this.#answerWithinMs = answerWithinMs;
  }

  /** From now on so many per second; 0 for none. */
  set(perSecond: number, mapping: Mapping): void {
    // A turn that fails because everything ends is nobody's business; a process that died is noticed by its tally.
    this.#pace.set(perSecond, () => this.#turn(mapping).catch(() => undefined));
  }

  async #turn(mapping: Mapping): Promise<void> {
    const connection = this.#free.pop() ?? this.#connect();
    const request = turnRequest(mapping, {
      session: "a3f",
      turn: String(++this.#begun),
      input: "what about my order?",
    });
    const { body } = await connection.ask(request);
    this.count++;
    this.tokens += body.split(TOKEN_EVENT).length - 1;
    this.#free.push(connection);
  }

  #connect(): KeptConnection {
    const connection = new KeptConnection(this.#baseUrl, this.#answerWithinMs);
    this.#all.push(connection);
    return connection;
  }

  close(): void {
    this.#pace.set(0, async () => undefined);
    for (const connection of this.#all) connection.close();
  }
}
