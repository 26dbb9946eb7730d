/**
 * One side of the line between two threads: asks questions of the other and answers its questions, over plain `postMessage`.
 *
 * Both threads use it. It promises that a question is answered once, or fails when the line is cut; then nobody knows whether the
 * other side did what it was asked.
 */
import { Refused } from "../kit/typescript/front.ts";
import type { Listener } from "../kit/typescript/messages.ts";
import type { Question, Reply, Request, ThreadMessage } from "./protocol.ts";

type Answered = Exclude<Reply, { readonly refused: string } | { readonly error: string }>;

interface Waiting {
  readonly resolve: (reply: Answered) => void;
  readonly reject: (error: Error) => void;
  readonly listener: Listener | undefined;
}

/** Answers a question of the other thread; `listener` is given where the asker reads along. */
export type Serve = (request: Request, listener?: Listener) => Promise<Answered>;

export class ThreadLink {
  readonly #post: (message: ThreadMessage) => void;
  readonly #serve: Serve;
  readonly #waiting = new Map<number, Waiting>();
  #lastNumber = 0;

  /**
   * @param post sends a message to the other thread
   * @param serve answers a question of the other thread
   */
  constructor(post: (message: ThreadMessage) => void, serve: Serve) {
    this.#post = post;
    this.#serve = serve;
  }

  /** Asks the other thread. Rejects with what went wrong there, or when the line is cut. */
  ask(question: Request, listener?: Listener): Promise<Answered> {
    const number = ++this.#lastNumber;
    return new Promise((resolve, reject) => {
      this.#waiting.set(number, { resolve, reject, listener });
      this.#post({ number, question, ...(listener && { listens: true }) });
    });
  }

  /** Takes a message from the other thread. */
  async receive(message: ThreadMessage): Promise<void> {
    if ("question" in message) this.#post({ number: message.number, answer: await this.#replyTo(message) });
    else if ("answer" in message) this.#settle(message.number, message.answer);
    else this.#hear(message.number, message.step, message.text);
  }

  /** The other thread is gone: everything that was asked of it fails. */
  cut(reason: string): void {
    for (const { reject } of this.#waiting.values()) reject(new Error(reason));
    this.#waiting.clear();
  }

  async #replyTo({ number, question, listens }: Question): Promise<Reply> {
    try {
      return await this.#serve(question, listens && this.#tellingTo(number));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return error instanceof Refused ? { refused: message } : { error: message };
    }
  }

  /** Tells the other thread what is heard of its question. */
  #tellingTo(number: number): Listener {
    return {
      token: (step, text) => this.#post({ number, step, text }),
      restart: (step) => this.#post({ number, step, text: null }),
    };
  }

  #hear(number: number, step: number, text: string | null): void {
    const listener = this.#waiting.get(number)?.listener;
    if (text === null) listener?.restart(step);
    else listener?.token(step, text);
  }

  #settle(number: number, reply: Reply): void {
    const waiting = this.#waiting.get(number);
    this.#waiting.delete(number);
    if ("refused" in reply) waiting?.reject(new Refused(409, reply.refused));
    else if ("error" in reply) waiting?.reject(new Error(reply.error));
    else waiting?.resolve(reply);
  }
}
