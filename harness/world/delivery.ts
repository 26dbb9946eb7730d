/** Hands a completion to the client: as a stream paced frame by frame, or whole after the time that the stream would have taken. */
import { type Exchange, errorBody, modelHeaders, sendError, sendJson } from "./api.ts";
import { ChunkWriter, type Envelope, promptTokens, type Usage, wholeCompletion } from "./chunks.ts";
import type { FaultAction } from "./faults/fault.ts";
import { PacedStream, type StreamWitness } from "./paced-stream.ts";
import type { WorldState } from "./state.ts";
import type { ChatRequest } from "./tail.ts";
import type { WrittenCall } from "./wording.ts";

export interface Completion {
  readonly id: string;
  readonly tokens: readonly string[];
  readonly calls: readonly WrittenCall[];
  /** From the arrival of the request. */
  readonly firstTokenMs: number;
  readonly gapMs: number;
  /** Where and how it breaks off, if it does. */
  readonly breaks?: Extract<FaultAction, { does: "break" }>;
}

const BREAK_ERROR = {
  message: "The server had an error while processing your request. Sorry about that!",
  type: "server_error",
};

/** Starts to deliver; the witness hears of the first token and of the end. */
export function deliver(
  state: WorldState,
  exchange: Exchange,
  request: ChatRequest,
  completion: Completion,
  witness: StreamWitness,
): void {
  const usage = { prompt: promptTokens(exchange.body.length), completion: completion.tokens.length };
  const envelope: Envelope = {
    id: completion.id,
    created: Math.floor(Date.now() / 1000),
    model: request.model,
    usage: request.includeUsage,
  };
  if (request.stream) stream(state, exchange, envelope, completion, usage, witness);
  else wait(state, exchange, envelope, completion, usage, witness);
}

function closingOf(chunks: ChunkWriter, envelope: Envelope, completion: Completion, usage: Usage): string {
  if (completion.breaks !== undefined)
    return completion.breaks.how === "error-event" ? ChunkWriter.error(errorBody(BREAK_ERROR)) : "";
  return (
    chunks.calls(completion.calls) +
    chunks.finish(completion.calls.length > 0 ? "tool_calls" : "stop") +
    (envelope.usage ? chunks.usage(usage) : "") +
    ChunkWriter.done
  );
}

function stream(
  state: WorldState,
  { response, arrivedMs }: Exchange,
  envelope: Envelope,
  completion: Completion,
  usage: Usage,
  witness: StreamWitness,
): void {
  const chunks = new ChunkWriter(envelope);
  const { tokens, breaks, firstTokenMs, gapMs } = completion;
  const plan = {
    response,
    chunks,
    tokens: breaks === undefined ? tokens : tokens.slice(0, breaks.afterTokens),
    arrivedMs,
    firstTokenMs,
    gapMs,
    closing: closingOf(chunks, envelope, completion, usage),
    how: breaks?.how === "destroy" ? "destroy" : "end",
    end: breaks === undefined ? "done" : "fault",
  } as const;
  new PacedStream(plan, state, witness).start();
}

/** Without a stream nothing can break off in the middle: the connection is destroyed when it would have, or an error is sent. */
function wait(
  state: WorldState,
  exchange: Exchange,
  envelope: Envelope,
  completion: Completion,
  usage: Usage,
  witness: StreamWitness,
): void {
  const { response, arrivedMs } = exchange;
  const { tokens, calls, breaks, firstTokenMs, gapMs } = completion;
  let over = false;
  const finish = (end: "done" | "aborted" | "fault", count: number): void => {
    if (!over) witness.over(end, count, 0);
    over = true;
  };
  response.once("close", () => finish("aborted", 0));
  const count = Math.min(tokens.length, breaks?.afterTokens ?? tokens.length);
  const lastTokenMs = firstTokenMs + Math.max(0, count - 1) * gapMs;
  state.wheel.after(arrivedMs + lastTokenMs - state.clock(), () => {
    if (over) return;
    if (breaks === undefined) {
      witness.first();
      const json = wholeCompletion(envelope, tokens.join(""), calls, usage);
      sendJson(exchange, 200, json, modelHeaders(state.clock() - arrivedMs));
    } else if (breaks.how === "error-event") sendError(exchange, 500, BREAK_ERROR);
    else response.socket?.resetAndDestroy();
    finish(breaks === undefined ? "done" : "fault", breaks === undefined ? count : 0);
  });
}
