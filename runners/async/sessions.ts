/**
 * All sessions of the process, in a Map. A turn is a promise: the same turn again gets the same promise, and the next turn of
 * a session waits for the one before. Nothing is written down, so all of it goes with the process.
 */
import { type Agent, Refused } from "../kit/typescript/front.ts";
import type { MemoryHolder } from "../kit/typescript/local-tools.ts";
import {
  type FinishedTurn,
  type Listener,
  type Message,
  TurnFailed,
  type TurnResult,
} from "../kit/typescript/messages.ts";
import { type Child, type CrashHooks, crashOfProcess } from "../kit/typescript/tools.ts";
import { runAgent } from "./agent-loop.ts";

interface Session {
  conversation: Message[];
  /** Running, waiting and finished turns. */
  readonly turns: Map<string, { readonly input: string; readonly result: Promise<TurnResult> }>;
  readonly finished: FinishedTurn[];
  readonly holder: MemoryHolder;
  /** Settles when the newest turn has ended, one way or the other. */
  last: Promise<unknown>;
}

export class Sessions implements Agent {
  readonly #sessions = new Map<string, Session>();
  readonly #crash: CrashHooks;

  /** @param crash how the process dies when the script says so; tests give their own */
  constructor(crash: CrashHooks = crashOfProcess) {
    this.#crash = crash;
  }

  /** @param listener hears this turn if it begins with this very request; who joins a running turn waits for its result */
  async runTurn(name: string, turn: string, input: string, listener?: Listener): Promise<TurnResult> {
    const session = this.#open(name);
    const known = session.turns.get(turn);
    if (known !== undefined) {
      if (known.input !== input) throw new Refused(409, `turn ${turn} was asked with another input`);
      return known.result;
    }
    const result = session.last.then(() => this.#run(name, session, turn, input, listener));
    session.turns.set(turn, { input, result });
    // A turn that broke has no answer to keep: it is forgotten, so that the client may ask again.
    session.last = result.catch(() => session.turns.delete(turn));
    return result;
  }

  async readSession(name: string): Promise<readonly FinishedTurn[] | undefined> {
    return this.#sessions.get(name)?.finished;
  }

  #open(name: string): Session {
    let session = this.#sessions.get(name);
    if (session === undefined) {
      session = { conversation: [], turns: new Map(), finished: [], holder: {}, last: Promise.resolve() };
      this.#sessions.set(name, session);
    }
    return session;
  }

  /** Works on a copy of the conversation: a turn that breaks half-way leaves nothing behind. */
  async #run(name: string, session: Session, turn: string, input: string, listener?: Listener): Promise<TurnResult> {
    const conversation: Message[] = [...session.conversation, { role: "user", content: input }];
    const asked = conversation.length;
    const spawn = (children: readonly Child[]) => this.#spawn(name, children);
    const context = { session: name, holder: session.holder, crash: this.#crash, spawn };
    let result: TurnResult;
    try {
      result = { output: await runAgent(conversation, context, listener) };
    } catch (error) {
      if (!(error instanceof TurnFailed)) throw error;
      result = { failed: { code: error.code, message: error.message } };
      conversation.length = asked;
    }
    session.conversation = conversation;
    session.finished.push({ turn, input, ...result });
    return result;
  }

  async #spawn(parent: string, children: readonly Child[]): Promise<string[]> {
    return Promise.all(
      children.map(async ({ session, input }) => {
        // The child would wait for the turn that waits for it.
        if (session === parent) throw new Error("a session cannot be its own child");
        const result = await this.runTurn(session, "1", input);
        if ("failed" in result) throw new Error(`child ${session}: ${result.failed.message}`);
        return result.output;
      }),
    );
  }
}
