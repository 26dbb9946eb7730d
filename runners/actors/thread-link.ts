/**
 * One side of the line between two threads: asks questions of the other and answers its questions, over plain `postMessage`.
 *
 * Both threads use it. It promises that a question is answered once, or fails when the line is cut; then nobody knows whether the
 * other side did what it was asked.
 */
import { Refused } from "../kit/typescript/front.ts";
import type { Reply, Request, ThreadMessage } from "./protocol.ts";

type Answered = Exclude<Reply, { readonly refused: string } | { readonly error: string }>;

interface Waiting {
  readonly resolve: (reply: Answered) => void;
  readonly reject: (error: Error) => void;
}

export class ThreadLink {
  readonly #post: (message: ThreadMessage) => void;
  readonly #serve: (request: Request) => Promise<Answered>;
  readonly #waiting = new Map<number, Waiting>();
  #lastNumber = 0;

  /**
   * @param post sends a message to the other thread
   * @param serve answers a question of the other thread
   */
  constructor(post: (message: ThreadMessage) => void, serve: (request: Request) => Promise<Answered>) {
    this.#post = post;
    this.#serve = serve;
  }

  /** Asks the other thread. Rejects with what went wrong there, or when the line is cut. */
  ask(question: Request): Promise<Answered> {
    const number = ++this.#lastNumber;
    return new Promise((resolve, reject) => {
      this.#waiting.set(number, { resolve, reject });
      this.#post({ number, question });
    });
  }

  /** Takes a message from the other thread. */
  async receive(message: ThreadMessage): Promise<void> {
    if ("question" in message) this.#post({ number: message.number, answer: await this.#replyTo(message.question) });
    else this.#settle(message.number, message.answer);
  }

  /** The other thread is gone: everything that was asked of it fails. */
  cut(reason: string): void {
    for (const { reject } of this.#waiting.values()) reject(new Error(reason));
    this.#waiting.clear();
  }

  async #replyTo(question: Request): Promise<Reply> {
    try {
      return await this.#serve(question);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return error instanceof Refused ? { refused: message } : { error: message };
    }
  }

  #settle(number: number, reply: Reply): void {
    const waiting = this.#waiting.get(number);
    this.#waiting.delete(number);
    if ("refused" in reply) waiting?.reject(new Refused(409, reply.refused));
    else if ("error" in reply) waiting?.reject(new Error(reply.error));
    else waiting?.resolve(reply);
  }
}
