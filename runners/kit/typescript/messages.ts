/**
 * The words that a runner shares with the kit: messages of a conversation, results of turns, and the error that ends one for good.
 *
 * Messages have the shape of OpenAI's Chat Completions, so that a conversation is sent to the model as it is kept.
 */

/** A call of a tool, as the model wrote it. `arguments` is JSON text and may be malformed: models make mistakes. */
export interface ToolCall {
  readonly id: string;
  readonly type: "function";
  readonly function: { readonly name: string; readonly arguments: string };
}

/** One answer of the model. Without `tool_calls` it ends the turn. */
export interface AssistantMessage {
  readonly role: "assistant";
  /** Null where the model said nothing beside its tool calls. */
  readonly content: string | null;
  readonly tool_calls?: readonly ToolCall[];
}

/** The result of one tool call. */
export interface ToolMessage {
  readonly role: "tool";
  readonly tool_call_id: string;
  readonly content: string;
}

/** One message of a conversation: the part of the Chat Completions API that the generic agent uses. */
export type Message = { readonly role: "system" | "user"; readonly content: string } | AssistantMessage | ToolMessage;

/** Why a turn ended for good without an answer. */
export type FailureCode = "model_refused" | "context_overflow" | "model_unavailable" | "too_many_steps" | "gave_up";

/** How a turn ended: with the text of the answer, or for good without one. */
export type TurnResult =
  | { readonly output: string }
  | { readonly failed: { readonly code: FailureCode; readonly message: string } };

/** A finished turn, as `GET /sessions/{session}` lists it. */
export type FinishedTurn = { readonly turn: string; readonly input: string } & TurnResult;

/** Hears the text of a turn while the model says it, for a client that reads along. It never holds the turn up and never throws. */
export interface Listener {
  /** A piece of the model's answer at this step, from 1. */
  readonly token: (step: number, text: string) => void;
  /** What was heard of this step is void: the answer broke off and the model is asked again. */
  readonly restart: (step: number) => void;
}

/** The turn cannot be answered and is to be kept as failed. Every other error means that nobody knows how the turn stands. */
export class TurnFailed extends Error {
  override readonly name = "TurnFailed";
  readonly code: FailureCode;

  constructor(code: FailureCode, message: string) {
    super(message);
    this.code = code;
  }
}
