/**
 * The live object of one session: its conversation in memory, one event at a time, every change committed before it shows.
 *
 * Promises that a turn runs at most once at a time and is answered from what was kept when it is asked for again. Whatever goes
 * wrong in a turn, this object ends: the database knows how the session stands and the next object reads it there. Leaves
 * to `objects.ts` which sessions are live and when an interrupted one is loaded again.
 */

import { Refused } from "../kit/typescript/front.ts";
import type { MemoryHolder } from "../kit/typescript/local-tools.ts";
import type { FailureCode, Listener, Message, ToolCall, TurnResult } from "../kit/typescript/messages.ts";
import { askModel } from "../kit/typescript/model.ts";
import { crashIfTold, crashOfProcess, runTool, type ToolContext } from "../kit/typescript/tools.ts";
import type { Change, SessionStore, StoredTurn } from "./store.ts";
import { messagesOf, type OpenTurn, openTurn, playTurn, resultOf } from "./turn.ts";

/** The contract's codes say what the model did; this one is our own, for a turn that was interrupted too often. */
const GAVE_UP: FailureCode = "gave_up";

interface KnownTurn {
  readonly input: string;
  readonly result: Promise<TurnResult>;
}

export interface LiveSessionSettings {
  readonly store: SessionStore;
  /** Who asks for a session takes it from whoever owns it. Unasked it is loaded only if nobody has owned it since we did. */
  readonly asked: boolean;
  /** How often a turn may be interrupted before it is given up. A turn that kills its process would otherwise do so for ever. */
  readonly mostResumptions: number;
  /** Whether the model is asked while what it is told is still being committed. */
  readonly askAhead: boolean;
  /** Called once, when the object ends by an error. */
  readonly onLost: (session: LiveSession, error: unknown) => void;
}

export class LiveSession {
  readonly id: string;
  /** Resolves when the session is loaded and healed; rejects if that fails, by Superseded alone if it is not ours to load unasked. */
  readonly loaded: Promise<void>;
  readonly #settings: LiveSessionSettings;
  /** Fired when this object ends: its requests to the model end too. */
  readonly #lost = new AbortController();
  readonly #conversation: Message[] = [];
  /** Finished, running and waiting turns. */
  readonly #turns = new Map<string, KnownTurn>();
  readonly #memory: MemoryHolder = {};
  #epoch = 0;
  #lastSeq = 0;
  /** The newest event; the next one starts after it. */
  #tail: Promise<unknown>;
  #waiting = 0;
  #idleSinceMs = performance.now();

  constructor(id: string, settings: LiveSessionSettings) {
    this.id = id;
    this.#settings = settings;
    this.loaded = this.#load();
    this.#tail = this.loaded.catch((error) => this.#end(error));
  }

  /** How long nothing has happened, in milliseconds; 0 while anything runs, or while memory is held for the session. */
  idleMs(nowMs: number): number {
    return this.#waiting > 0 || this.#memory.held !== undefined ? 0 : nowMs - this.#idleSinceMs;
  }

  /**
   * Runs the turn after those before it, joins it, or answers what was kept. To be called once loaded.
   * @param listener hears this turn if it begins with this very request; who joins one waits for its result
   */
  runTurn(turn: string, input: string, listener?: Listener): Promise<TurnResult> {
    const known = this.#turns.get(turn);
    if (known === undefined) return this.#enqueue(turn, input, () => this.#begin(turn, input, listener));
    if (known.input !== input) throw new Refused(409, `turn ${turn} has another input`);
    return known.result;
  }

  async #load(): Promise<void> {
    const { store, asked } = this.#settings;
    this.#epoch = await (asked ? store.own(this.id) : store.takeBack(this.id));
    const turns = this.#epoch === 1 ? [] : await store.load(this.id);
    await this.#afterLoad(turns);
  }

  /** The load hook: dies if it was told to, holds what was held, remembers what is finished, and takes up what is not. */
  async #afterLoad(turns: readonly StoredTurn[]): Promise<void> {
    const calls = turns.flatMap(({ entries }) => entries.flatMap(({ message }) => callsOf(message)));
    const crash = calls.findLast((call) => call.function.name === "crash" && isOnLoad(call));
    if (crash !== undefined) await crashIfTold(crash.function.arguments, crashOfProcess);
    const hold = calls.findLast((call) => call.function.name === "hold_memory");
    if (hold !== undefined) await runTool(hold, this.#toolContext());
    for (const stored of turns) {
      const turn = openTurn(stored.turn, stored.entries);
      this.#lastSeq = stored.seq;
      if (stored.state === "running") this.#heal(turn, stored.epoch);
      else this.#remember(turn, stored);
    }
  }

  #remember(turn: OpenTurn, stored: StoredTurn): void {
    const messages = messagesOf(turn);
    this.#conversation.push(...(stored.failure === null ? messages : messages.slice(0, 1)));
    this.#turns.set(turn.turn, { input: turn.input, result: Promise.resolve(resultOf(turn, stored)) });
  }

  /** An interrupted turn goes on where its journal ends, unless it was interrupted too often. */
  #heal(turn: OpenTurn, acceptedInEpoch: number): void {
    const interruptions = this.#epoch - acceptedInEpoch;
    const goOn = interruptions <= this.#settings.mostResumptions;
    void this.#enqueue(turn.turn, turn.input, () => (goOn ? this.#play(turn) : this.#giveUp(turn, interruptions)));
  }

  #enqueue(turn: string, input: string, run: () => Promise<TurnResult>): Promise<TurnResult> {
    this.#waiting += 1;
    const result = this.#tail.then(async () => {
      this.#lost.signal.throwIfAborted();
      const ended = await run();
      this.#waiting -= 1;
      this.#idleSinceMs = performance.now();
      return ended;
    });
    this.#turns.set(turn, { input, result });
    this.#tail = result.catch((error) => this.#end(error));
    return result;
  }

  async #begin(turn: string, input: string, listener?: Listener): Promise<TurnResult> {
    const seq = this.#lastSeq + 1;
    const entries = [{ step: 0, part: 0, message: { role: "user", content: input } }] as const;
    const accepted = this.#settings.store.commit({
      session: this.id,
      turn,
      epoch: this.#epoch,
      begins: { seq },
      entries,
    });
    if (!this.#settings.askAhead) await accepted;
    this.#lastSeq = seq;
    return this.#play({ turn, input, steps: [] }, { listener, accepted });
  }

  /** @param begun who listens, and the commit of the input, which the model need not wait for where it is asked ahead */
  async #play(
    turn: OpenTurn,
    { listener, accepted }: { readonly listener?: Listener | undefined; readonly accepted?: Promise<void> } = {},
  ): Promise<TurnResult> {
    const ahead = accepted === undefined ? [] : [accepted];
    const { result, messages } = await playTurn(turn, this.#conversation, {
      ask: (conversation, step) => askModel(conversation, { signal: this.#lost.signal, listener, step }),
      use: (call, step, index) => this.#use(call, keyOf(this.id, turn.turn, step, index)),
      keep: (change) => this.#keep(turn.turn, change),
      ...(this.#settings.askAhead && { ahead }),
    });
    this.#conversation.push(...messages);
    return result;
  }

  async #giveUp(turn: OpenTurn, interruptions: number): Promise<TurnResult> {
    const failure = { code: GAVE_UP, message: `interrupted ${interruptions} times` };
    await this.#keep(turn.turn, { ends: { failure } });
    this.#conversation.push({ role: "user", content: turn.input });
    return { failed: failure };
  }

  async #keep(turn: string, change: Change): Promise<void> {
    this.#lost.signal.throwIfAborted();
    await this.#settings.store.commit({ ...change, session: this.id, turn, epoch: this.#epoch });
  }

  async #use(call: ToolCall, key: string): Promise<string> {
    this.#lost.signal.throwIfAborted();
    return runTool(call, { ...this.#toolContext(), idempotencyKey: key });
  }

  #toolContext(): ToolContext {
    return { session: this.id, fence: this.#epoch, holder: this.#memory, crash: crashOfProcess };
  }

  #end(error: unknown): void {
    if (this.#lost.signal.aborted) return;
    this.#lost.abort(error);
    this.#settings.onLost(this, error);
  }
}

function callsOf(message: Message): readonly ToolCall[] {
  return message.role === "assistant" ? (message.tool_calls ?? []) : [];
}

/** A crash that is meant for the load hook. The journal, which holds the call, is where it is stored. */
function isOnLoad(call: ToolCall): boolean {
  return /"when"\s*:\s*"load"/.test(call.function.arguments);
}

/** The same call of the same step has the same key, however often it is made and whatever id the model gave it. */
function keyOf(session: string, turn: string, step: number, index: number): string {
  return `${encodeURIComponent(session)}/${encodeURIComponent(turn)}/${step}/${index}`;
}
