/** What the main thread and a worker say to each other. Every question has a number, and is answered once by the other side. */
import type { FinishedTurn, TurnResult } from "../kit/typescript/messages.ts";

/** A turn for an actor, or a look at what it has finished. */
export type Request =
  | { readonly ask: "turn"; readonly session: string; readonly turn: string; readonly input: string }
  | { readonly ask: "read"; readonly session: string };

/** The turn was refused, or nobody knows how it stands. */
export type Trouble = { readonly refused: string } | { readonly error: string };
export type Reply = { readonly result: TurnResult } | { readonly turns: readonly FinishedTurn[] | undefined } | Trouble;

/** Either thread asks: the main thread on behalf of clients, a worker on behalf of an actor that spawns children. */
export interface Question {
  readonly number: number;
  readonly question: Request;
  /** Whoever asks reads along: what is heard of the turn is told before the answer. */
  readonly listens?: true;
}
/** What is heard of a turn whose question is not answered yet: a piece of a step's text, or null where the step begins anew. */
export interface Heard {
  readonly number: number;
  readonly step: number;
  readonly text: string | null;
}
export interface Answer {
  readonly number: number;
  readonly answer: Reply;
}
export type ThreadMessage = Question | Heard | Answer;
