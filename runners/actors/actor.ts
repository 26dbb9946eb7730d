/**
 * One session as an actor: its state and what it does with a message. Nobody else touches its state, and it handles one turn at a
 * time, which its supervisor sees to. It keeps nothing over its own death.
 */
import { Refused } from "../kit/typescript/front.ts";
import type { MemoryHolder } from "../kit/typescript/local-tools.ts";
import {
  type FinishedTurn,
  type Listener,
  type Message,
  TurnFailed,
  type TurnResult,
} from "../kit/typescript/messages.ts";
import { askModel } from "../kit/typescript/model.ts";
import { type Child, crashOfProcess, runTool, type ToolContext } from "../kit/typescript/tools.ts";

const MOST_STEPS = 32;

/** Runs turn "1" of a child session, wherever it lives. */
export type SpawnChild = (child: Child) => Promise<string>;

export class SessionActor {
  readonly #finished = new Map<string, FinishedTurn>();
  readonly #context: ToolContext;
  #conversation: readonly Message[] = [];

  constructor(session: string, spawnChild: SpawnChild) {
    const holder: MemoryHolder = {};
    const spawn = (children: readonly Child[]): Promise<string[]> => {
      // A child that is its own parent would wait for itself.
      if (children.some((child) => child.session === session)) throw new Error("a session cannot be its own child");
      return Promise.all(children.map(spawnChild));
    };
    // In a worker thread, a stray error and process.exit end the thread: they are the death of the unit.
    this.#context = { session, holder, crash: crashOfProcess, spawn };
  }

  /** Runs the turn, or answers what was answered before. Rejects when the actor crashed; it is not to be used after that. */
  async runTurn(turn: string, input: string, listener?: Listener): Promise<TurnResult> {
    const known = this.#finished.get(turn);
    if (known === undefined) return this.#play(turn, input, listener);
    if (known.input !== input) throw new Refused(409, `turn ${turn} was asked with another input`);
    return known;
  }

  /** Finished turns, in order of finishing. */
  finished(): FinishedTurn[] {
    return [...this.#finished.values()];
  }

  /** Works on a copy of the conversation, so that a failed turn leaves its input only. */
  async #play(turn: string, input: string, listener?: Listener): Promise<TurnResult> {
    const asked: Message[] = [...this.#conversation, { role: "user", content: input }];
    const conversation = [...asked];
    let result: TurnResult;
    try {
      result = { output: await this.#answer(conversation, listener) };
      this.#conversation = conversation;
    } catch (error) {
      if (!(error instanceof TurnFailed)) throw error;
      result = { failed: { code: error.code, message: error.message } };
      this.#conversation = asked;
    }
    this.#finished.set(turn, { turn, input, ...result });
    return result;
  }

  async #answer(conversation: Message[], listener?: Listener): Promise<string> {
    for (let step = 1; step <= MOST_STEPS; step++) {
      const message = await askModel(conversation, { listener, step });
      conversation.push(message);
      if (message.tool_calls === undefined) return message.content ?? "";
      const results = message.tool_calls.map(async (call): Promise<Message> => {
        return { role: "tool", tool_call_id: call.id, content: await runTool(call, this.#context) };
      });
      conversation.push(...(await Promise.all(results)));
    }
    throw new TurnFailed("too_many_steps", `no answer after ${MOST_STEPS} steps`);
  }
}
