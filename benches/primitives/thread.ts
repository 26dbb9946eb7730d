/** The threads of a measured process, and what it and they say to each other: as much as runtimes that keep their sessions on threads. */
import { Worker } from "node:worker_threads";
import { entryPoint } from "../../harness/processes/entry.ts";
import type { Listener } from "../../runners/kit/typescript/messages.ts";
import { TEXT } from "./job.ts";

/** A turn for a thread, with so many pieces of its answer before it, or how often it asks the model from now on. */
export type ToThread =
  | { readonly number: number; readonly question: Readonly<Record<string, string>>; readonly pieces: number }
  | { readonly asksPerSecond: number; readonly conversationBytes: number };

/** A piece of the answer of a turn, or the answer. */
export interface FromThread {
  readonly number: number;
  readonly piece?: string;
  readonly answer?: { readonly result: { readonly output: string } };
}

/** Where all threads count their requests that are over: telling costs nothing. */
export interface ThreadData {
  readonly asked: Int32Array;
}

export class Threads {
  readonly #asked = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  readonly #open = new Map<number, { readonly listener: Listener | undefined; readonly resolve: () => void }>();
  readonly #workers: readonly Worker[];
  #number = 0;

  /** Starts so many. */
  constructor(count: number) {
    this.#workers = Array.from({ length: count }, () => {
      const workerData: ThreadData = { asked: this.#asked };
      const worker = new Worker(entryPoint(import.meta.url, "./thread-main"), { workerData });
      return worker.on("message", (message: FromThread) => this.#receive(message));
    });
  }

  /** A message to the next thread; resolves when it is answered. @param listener hears the pieces before that */
  post(pieces = 0, listener?: Listener): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const number = ++this.#number;
    this.#open.set(number, { listener, resolve });
    const question = { ask: "turn", session: "a3f", turn: String(number), input: TEXT };
    this.#workers[number % this.#workers.length]?.postMessage({ number, question, pieces } satisfies ToThread);
    return promise;
  }

  /** From now on they ask the model so often per second, together. */
  ask(perSecond: number, conversationBytes: number): void {
    const asksPerSecond = perSecond / this.#workers.length;
    for (const worker of this.#workers) worker.postMessage({ asksPerSecond, conversationBytes } satisfies ToThread);
  }

  /** Requests to the model that are over since this was called before. */
  takeAsked(): number {
    return Atomics.exchange(this.#asked, 0, 0);
  }

  #receive({ number, piece }: FromThread): void {
    const asked = this.#open.get(number);
    if (piece !== undefined) return void asked?.listener?.token(1, piece);
    this.#open.delete(number);
    asked?.resolve();
  }
}
