/** Habits: where this runner can be made to go wrong, one small function each. The healthy ones do nothing wrong. */
import type { FinishedTurn, ToolCall, TurnResult } from "../kit/typescript/messages.ts";

/** Which turn something happens in. */
export interface Place {
  readonly session: string;
  readonly turn: string;
  /** This process found a journal when it started. */
  readonly restarted: boolean;
  /** Since it started. */
  readonly upMs: number;
}

/** What is written down. */
export type Entry = "begin" | "message" | "end";

export interface Habits {
  /** Whether something is written down, which comes before everything that follows from it. */
  keeps(what: Entry, place: Place): boolean;
  /** By how many milliseconds the answer is written down after it was given; 0: before. */
  readonly answersAheadMs: number;
  /** Turns that the model is shown, of all that are kept. */
  recalls<Turn>(turns: readonly Turn[], place: Place): readonly Turn[];
  /** An answer without asking the model; null: ask it. */
  knows(place: Place): string | null;
  /** What the model's answer becomes. */
  says(text: string, place: Place): string;
  /** How often a call of a remote tool is sent, each time with another key. */
  sends(place: Place): number;
  /** Whether results are awaited before the turn goes on. */
  awaitsTools(place: Place): boolean;
  /** A local call as it is made. */
  makes(call: ToolCall, place: Place): ToolCall;
  /** The result of a local call. */
  computes(result: string, place: Place): string;
  /** What a client is told; `times`: how often it was told before. */
  tells(result: TurnResult, times: number, place: Place): TurnResult;
  /** What a read shows. */
  lists(turns: readonly FinishedTurn[], place: Omit<Place, "turn">): readonly FinishedTurn[];
  /** A turn that runs is joined by whoever asks for it; otherwise it runs once more. */
  joins(place: Place): boolean;
  /** What becomes of a turn that an earlier process left unfinished, when it is asked for. */
  resumes(place: Place): "goes on" | "begins anew" | "never ends";
}

export const HEALTHY: Habits = {
  keeps: () => true,
  answersAheadMs: 0,
  recalls: (turns) => turns,
  knows: () => null,
  says: (text) => text,
  sends: () => 1,
  awaitsTools: () => true,
  makes: (call) => call,
  computes: (result) => result,
  tells: (result) => result,
  lists: (turns) => turns,
  joins: () => true,
  resumes: () => "goes on",
};
