/**
 * Nature: how a simulated runtime behaves where runtimes differ, or go wrong. The defaults are those of a correct durable one;
 * `PLAIN` is a correct runtime that keeps everything in memory and vows less. A planted bug is another nature.
 */
import type { AnswerText } from "../history.ts";
import type { Promises } from "../runner.ts";
import type { NamedCall } from "./model-messages.ts";
import type { SimulatedProcess } from "./process.ts";
import type { StoredTurn, TurnResult } from "./store.ts";

/** What is going on when a nature is asked. */
export interface Scene {
  readonly seed: number;
  readonly session: string;
  readonly turn: number;
  readonly process: SimulatedProcess;
  readonly nowMs: number;
}

/** An answer of the model as the runtime read it. */
export interface HeardAnswer {
  readonly finished: boolean;
  readonly final: boolean;
}

/** What a client is told or shown of a turn. */
export interface ListedTurn {
  readonly turn: string;
  readonly input: string;
  readonly result: TurnResult;
}

/** Something that the runtime keeps. */
export type Kept = "begin" | "step" | "result" | "end";

/** A call of a tool and where it stands in the turn as the runtime counts: answers of the model from 1, calls of one from 0. */
export interface PlacedCall {
  readonly call: NamedCall;
  readonly answer: number;
}

/** One request to a tool. */
export interface Sending {
  readonly key?: string;
  readonly fence?: number;
}

export interface Nature {
  readonly promises: Promises;
  /** store: everything is committed; process: nothing outlives the process. */
  readonly memory: "store" | "process";
  /** Commits are flushed before they are answered. */
  readonly syncs: boolean;
  /** Commits hold only for the newest owner. */
  readonly guarded: boolean;
  /** A second owner that is asked for a session takes it over; otherwise whoever is asked goes on with what it has. */
  readonly owns: boolean;
  /** Whether something that is to be kept is. */
  keeps(what: Kept, scene: Scene): boolean;
  /** When a client is answered; or by how many milliseconds the last commit follows the answer. */
  replies(scene: Scene): "after the commit" | { readonly commitMs: number };
  /** What the model is shown of the turns before. */
  recalls(turns: readonly StoredTurn[], scene: Scene): readonly StoredTurn[];
  /** What is taken for the model's answer. */
  takes(answer: HeardAnswer, scene: Scene): boolean;
  /** An answer without asking the model; null: ask it. */
  knows(scene: Scene, input: string): string | null;
  /** The requests made for one call of a tool, one after the other; the last result counts. */
  sends(call: PlacedCall, epoch: number, scene: Scene): readonly Sending[];
  /** Garbled arguments are told to the model (false), or mended and used. */
  mends(scene: Scene): boolean;
  /** Whether results are awaited before the turn goes on. */
  awaitsTools(scene: Scene): boolean;
  /** How long `sleep` really waits, of what is left of it. */
  sleepsMs(ms: number, scene: Scene): number;
  /** How often the turn goes on when its calls have come back. */
  goesOn(calls: readonly NamedCall[], scene: Scene): number;
  /** How the text of a stream agrees with the answer that it ends with. */
  streams(scene: Omit<Scene, "process">): AnswerText;
  /** What `local` tools return, given the right result. */
  computes(result: string, scene: Scene): string;
  /** What becomes of a turn that the model refused. */
  fails(code: string, scene: Scene): TurnResult;
  /** What the model's last answer becomes. */
  says(text: string, scene: Scene): string;
  /** What a client is told. `times`: how often this turn was told before. */
  tells(result: TurnResult, times: number, scene: Scene): TurnResult;
  /** What a read shows, of finished turns and of those that are not. */
  lists(
    turns: readonly ListedTurn[],
    scene: Omit<Scene, "turn">,
    unfinished: readonly Omit<ListedTurn, "result">[],
  ): readonly ListedTurn[];
  /** A turn of a session in which another one runs: queued, refused, or refused and done all the same. */
  admits(scene: Scene): "queue" | "refuse" | "refuse and run";
  /** A turn that is asked for again while it runs is joined; otherwise it runs once more. */
  joins(scene: Scene): boolean;
  /** When an interrupted turn goes on. */
  resumes(scene: Scene): "unasked" | "when asked" | "never";
  /** Processes that outlive the trial, by name. */
  readonly leaves: readonly string[];
  /** What is found in the store when a session is loaded. */
  loads(turns: readonly StoredTurn[], scene: Omit<Scene, "turn">): readonly StoredTurn[];
}

/** Position names the call, whatever completion named it: the key survives an answer that is bought again. */
export const keyOf = ({ answer, call }: PlacedCall, { session, turn }: Scene): string =>
  `${session}/${turn}/${answer}/${call.index}`;

/** A correct durable runtime: everything is journaled before it is acted on, every write is fenced. */
export const DURABLE: Nature = {
  promises: {
    "durable-turns": "database-process",
    "journaled-steps": true,
    effects: "exactly-once-with-keys",
    "fenced-effects": true,
    "single-writer": true,
    "resumes-unasked": true,
    "durable-timers": true,
    readable: true,
    streaming: true,
  },
  memory: "store",
  syncs: true,
  guarded: true,
  owns: true,
  keeps: () => true,
  replies: () => "after the commit",
  recalls: (turns) => turns,
  takes: ({ finished }) => finished,
  knows: () => null,
  sends: (call, epoch, scene) => [{ key: keyOf(call, scene), fence: epoch }],
  mends: () => false,
  awaitsTools: () => true,
  sleepsMs: (ms) => ms,
  goesOn: () => 1,
  streams: () => "whole",
  computes: (result) => result,
  fails: (code) => ({ failed: code }),
  says: (text) => text,
  tells: (result) => result,
  lists: (turns) => turns,
  admits: () => "queue",
  joins: () => true,
  resumes: () => "unasked",
  leaves: [],
  loads: (turns) => turns,
};

/** A correct runtime without a database: it vows nothing that outlives its process, and refuses what it cannot do at once. */
export const PLAIN: Nature = {
  ...DURABLE,
  promises: { effects: "at-least-once", readable: true, streaming: true },
  memory: "process",
  guarded: false,
  sends: () => [{}],
  admits: () => "refuse",
};
