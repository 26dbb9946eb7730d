/** Hands a completion to the client: as a stream paced frame by frame, or whole after the time that the stream would have taken. */
import type { SaidEnd } from "../history.ts";
import { type Exchange, errorBody, modelHeaders, sendError, sendJson } from "./api.ts";
import { ChunkWriter, type Envelope, promptTokens, type Usage, wholeCompletion } from "./chunks.ts";
import { DistortedStream } from "./distorted-stream.ts";
import type { FaultAction, Piece } from "./faults/fault.ts";
import { type Gate, PacedStream, type StreamWitness } from "./paced-stream.ts";
import type { WorldState } from "./state.ts";
import type { ChatRequest } from "./tail.ts";
import type { WrittenCall } from "./wording.ts";

/** What was delivered when a completion was over. */
export interface Delivered {
  readonly end: SaidEnd;
  /** Tokens written. */
  readonly count: number;
  /** Since the request had arrived. */
  readonly ageMs: number;
  /** Something was written otherwise than it should have been. */
  readonly odd: boolean;
}

export interface Completion {
  readonly id: string;
  readonly tokens: readonly string[];
  readonly calls: readonly WrittenCall[];
  /** From the arrival of the request. */
  readonly firstTokenMs: number;
  readonly gapMs: number;
  /** Where the stream stops until it is let go. Answers without a stream have no such place. */
  readonly gate?: Gate;
  /** Where and how it breaks off, if it does. */
  readonly breaks?: Extract<FaultAction, { does: "break" }>;
  /** How its events are distorted, if they are. */
  readonly pieces?: Extract<FaultAction, { does: "distort" }>["pieces"];
  /** How often the event with the finish_reason comes. Default 1. */
  readonly finishes?: number;
  /** Whether its fault had begun to show. */
  readonly shows?: (delivered: Delivered) => boolean;
}

/** Who wants to know of an answer's beginning and end. */
export interface AnswerWitness {
  /** The first token is about to be written. */
  readonly first: () => void;
  /** Called once; `faulty` if a fault had begun to show. */
  readonly over: (end: SaidEnd, tokens: number, blockedMs: number, faulty: boolean) => void;
}

interface Delivery {
  readonly state: WorldState;
  readonly exchange: Exchange;
  readonly envelope: Envelope;
  readonly completion: Completion;
  readonly usage: Usage;
  readonly witness: StreamWitness & { readonly odd: () => void };
}

const BREAK_ERROR = {
  message: "The server had an error while processing your request. Sorry about that!",
  type: "server_error",
};

/** A word with a character of two bytes, up to the first of them. */
const TORN_CHARACTER = " caf\u00c3";
/** Longer than any client waits. */
const NEVER_MS = 3_600_000;

/** Starts to deliver; the witness hears of the first token and of the end. */
export function deliver(
  state: WorldState,
  exchange: Exchange,
  request: ChatRequest,
  completion: Completion,
  witness: AnswerWitness,
): void {
  const usage = { prompt: promptTokens(exchange.body.length), completion: completion.tokens.length };
  const envelope: Envelope = {
    id: completion.id,
    created: Math.floor(Date.now() / 1000),
    model: request.model,
    usage: request.includeUsage,
  };
  let odd = false;
  const hears: Delivery["witness"] = {
    first: witness.first,
    odd: () => {
      odd = true;
    },
    over: (end, count, blockedMs) => {
      const ageMs = state.clock() - exchange.arrivedMs;
      witness.over(end, count, blockedMs, completion.shows?.({ end, count, ageMs, odd }) ?? false);
    },
  };
  const delivery = { state, exchange, envelope, completion, usage, witness: hears };
  if (!request.stream) wait(delivery);
  else if (completion.pieces === undefined) stream(delivery);
  else distort(delivery, completion.pieces);
}

function closingOf(chunks: ChunkWriter, { envelope, completion, usage }: Delivery): string {
  const { breaks, calls, finishes = 1 } = completion;
  if (breaks?.how === "error-event") return ChunkWriter.error(errorBody(BREAK_ERROR));
  if (breaks?.torn === "line") return chunks.contentHead;
  if (breaks?.torn === "character") return chunks.contentHead + TORN_CHARACTER;
  if (breaks !== undefined) return breaks.withCalls === true ? chunks.calls(calls) : "";
  return (
    chunks.calls(calls) +
    chunks.finish(calls.length > 0 ? "tool_calls" : "stop").repeat(finishes) +
    (envelope.usage ? chunks.usage(usage) : "") +
    ChunkWriter.done
  );
}

function stream(delivery: Delivery): void {
  const { state, exchange, envelope, completion, witness } = delivery;
  const { response, arrivedMs } = exchange;
  const chunks = new ChunkWriter(envelope);
  const { tokens, breaks, firstTokenMs, gapMs, gate = null } = completion;
  const plan = {
    response,
    chunks,
    tokens: breaks === undefined ? tokens : tokens.slice(0, breaks.afterTokens),
    arrivedMs,
    firstTokenMs,
    gapMs,
    gate,
    closing: closingOf(chunks, delivery),
    how: breaks?.how === "destroy" ? "destroy" : "end",
    end: breaks === undefined ? "done" : "fault",
  } as const;
  new PacedStream(plan, state, witness).start();
}

function piecesOf(delivery: Delivery, chunks: ChunkWriter, pieces: NonNullable<Completion["pieces"]>): Iterable<Piece> {
  const { tokens, firstTokenMs, gapMs } = delivery.completion;
  const frames = tokens.map((token) => chunks.contentHead + token + chunks.contentTail);
  return pieces({ frames, closing: closingOf(chunks, delivery), firstTokenMs, gapMs });
}

function distort(delivery: Delivery, pieces: NonNullable<Completion["pieces"]>): void {
  const { state, exchange, envelope, witness } = delivery;
  const { response, arrivedMs } = exchange;
  const chunks = new ChunkWriter(envelope);
  const plan = { response, arrivedMs, opening: chunks.opening(), pieces: piecesOf(delivery, chunks, pieces) };
  new DistortedStream(plan, state, witness).start();
}

/** When the last token would have come, from the arrival of the request. */
function lastTokenMs(delivery: Delivery, count: number): number {
  const { completion, envelope } = delivery;
  if (completion.pieces === undefined) return completion.firstTokenMs + Math.max(0, count - 1) * completion.gapMs;
  let sumMs = 0;
  for (const { afterMs } of piecesOf(delivery, new ChunkWriter(envelope), completion.pieces)) {
    sumMs += afterMs;
    if (sumMs > NEVER_MS) break;
  }
  return sumMs;
}

/** Without a stream nothing can break off in the middle: the connection is destroyed when it would have, or an error is sent. */
function wait(delivery: Delivery): void {
  const { state, exchange, envelope, completion, usage, witness } = delivery;
  const { response, arrivedMs } = exchange;
  const { tokens, calls, breaks } = completion;
  let over = false;
  const finish = (end: SaidEnd, count: number): void => {
    if (over) return;
    over = true;
    // A distortion shows to a client without a stream when its answer would have come and does not.
    if (completion.pieces !== undefined && state.clock() - arrivedMs > completion.firstTokenMs) witness.odd();
    witness.over(end, count, 0);
  };
  if (response.destroyed) {
    finish("aborted", 0);
    return;
  }
  response.once("close", () => finish("aborted", 0));
  const count = Math.min(tokens.length, breaks?.afterTokens ?? tokens.length);
  const dueMs = arrivedMs + lastTokenMs(delivery, count);
  state.wheel.after(dueMs - state.clock(), () => {
    if (over) return;
    // The whole answer is one frame: also a runtime that never streams has a World whose lateness is known.
    const nowMs = state.clock();
    state.lateness.record(nowMs - dueMs, nowMs);
    if (breaks === undefined) witness.first();
    finish(breaks === undefined ? "done" : "fault", breaks === undefined ? count : 0);
    if (breaks === undefined) {
      const json = wholeCompletion(envelope, tokens.join(""), calls, usage);
      sendJson(exchange, 200, json, modelHeaders(state.clock() - arrivedMs));
    } else if (breaks.how === "error-event") sendError(exchange, 500, BREAK_ERROR);
    else response.socket?.resetAndDestroy();
  });
}
