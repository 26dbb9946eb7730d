/**
 * The model client: one completion of a conversation, read as a stream, with the tries of the contract's table.
 *
 * It is the ordinary `openai` package, so that every runner in TypeScript pays the same for it. The package's own retries are
 * switched off: they end at the first byte, while the contract counts a stream that breaks off among the same five tries, and
 * they also retry 408 and 409 and follow a Retry-After of up to a minute. What to do with the answer is the runner's business.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { APIError, OpenAI } from "openai";
import type { ChatCompletionChunk, ChatCompletionMessageParam } from "openai/resources/chat/completions";
import { limitIdleTime } from "./idle-limit.ts";
import { type AssistantMessage, type Listener, type Message, type ToolCall, TurnFailed } from "./messages.ts";

/** Tries after the first one. */
export const MORE_TRIES = 4;
/** The longest wait that a Retry-After header may ask for. */
export const RETRY_AFTER_MAX_MS = 30_000;
const FIRST_BACKOFF_MS = 500;
/** The share of a wait that chance may take away, as in the `openai` package. */
const JITTER = 0.25;
const IDLE_LIMIT_MS = 30_000;

export interface AskOptions {
  /** Ends the request, and the waiting between two tries, with the signal's reason. */
  readonly signal?: AbortSignal;
  /** How long the model may send no byte, in milliseconds. Default 30 s. */
  readonly idleLimitMs?: number;
  /** Waits between two tries. Default: a real timer. */
  readonly wait?: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Hears the text as it comes, as that of `step`. */
  readonly listener?: Listener | undefined;
  /** Which answer of its turn this is, from 1; for the listener. */
  readonly step?: number;
}

/**
 * Sends the conversation to the model at MODEL_URL and returns its whole answer.
 * @throws TurnFailed when the model refuses (400, 401 and the like), the context overflows, or the tries are used up
 */
export async function askModel(messages: readonly Message[], options: AskOptions = {}): Promise<AssistantMessage> {
  const client = clientFor(process.env.MODEL_URL, options.idleLimitMs ?? IDLE_LIMIT_MS);
  const { listener, step = 1 } = options;
  const wait = options.wait ?? waitForTimer;
  for (let attempt = 0; ; attempt++) {
    let heard = false;
    const hear =
      listener &&
      ((text: string): void => {
        heard = true;
        listener.token(step, text);
      });
    try {
      return await readAnswer(client, messages, options.signal, hear);
    } catch (error) {
      if (heard) listener?.restart(step);
      options.signal?.throwIfAborted();
      throwIfRefused(error);
      if (attempt === MORE_TRIES) {
        throw new TurnFailed("model_unavailable", `${MORE_TRIES + 1} tries, the last: ${String(error)}`);
      }
      await wait(retryDelayMs(error, attempt), options.signal);
    }
  }
}

/** Clients are kept by address: a new one per call would cost more than small answers do. The address changes only in tests. */
const clients = new Map<string, OpenAI>();

function clientFor(baseURL: string | undefined, idleLimitMs: number): OpenAI {
  if (baseURL === undefined) throw new Error("MODEL_URL is not set");
  const key = `${idleLimitMs} ${baseURL}`;
  let client = clients.get(key);
  if (client === undefined) {
    client = new OpenAI({
      baseURL,
      apiKey: "any",
      organization: null,
      project: null,
      maxRetries: 0,
      // Limits the time to the response's headers; the limit between bytes is in the fetch below. The global fetch keeps
      // connections alive and opens as many as there are parallel streams, so it needs no agent of its own.
      timeout: idleLimitMs,
      fetch: async (input, init) => limitIdleTime(await fetch(input, init), idleLimitMs),
      logLevel: "off",
    });
    clients.set(key, client);
  }
  return client;
}

/** One try. Throws whatever went wrong; an answer without a finish reason is half an answer and goes the same way. */
async function readAnswer(
  client: OpenAI,
  messages: readonly Message[],
  signal?: AbortSignal,
  hear?: (text: string) => void,
): Promise<AssistantMessage> {
  const stream = await client.chat.completions.create(
    { model: "any", messages: messages as ChatCompletionMessageParam[], stream: true },
    signal === undefined ? {} : { signal },
  );
  const calls: PartialCall[] = [];
  let content = "";
  let finished = false;
  for await (const chunk of stream) {
    const choice = chunk.choices[0];
    if (choice === undefined) continue;
    if (choice.delta?.content) {
      content += choice.delta.content;
      hear?.(choice.delta.content);
    }
    if (choice.delta?.tool_calls) addCalls(calls, choice.delta.tool_calls);
    if (choice.finish_reason) finished = true;
  }
  if (!finished) throw new Error("the stream ended without a finish_reason");
  const said = content === "" ? null : content;
  const toolCalls = calls.filter((call) => call !== undefined).map(wholeCall);
  return toolCalls.length === 0
    ? { role: "assistant", content: said ?? "" }
    : { role: "assistant", content: said, tool_calls: toolCalls };
}

interface PartialCall {
  id: string;
  name: string;
  text: string;
}

/** A call comes in pieces that name it by index: first its id and name, then its arguments. */
function addCalls(calls: PartialCall[], pieces: readonly ChatCompletionChunk.Choice.Delta.ToolCall[]): void {
  for (const piece of pieces) {
    const call = calls[piece.index] ?? { id: "", name: "", text: "" };
    calls[piece.index] = call;
    if (piece.id) call.id = piece.id;
    if (piece.function?.name) call.name = piece.function.name;
    if (piece.function?.arguments) call.text += piece.function.arguments;
  }
}

function wholeCall({ id, name, text }: PartialCall): ToolCall {
  return { id, type: "function", function: { name, arguments: text } };
}

/** 4xx other than 429 will not get better by asking again. */
function throwIfRefused(error: unknown): void {
  if (!(error instanceof APIError) || error.status === undefined) return;
  if (error.status === 429 || error.status >= 500) return;
  const code = error.code === "context_length_exceeded" ? "context_overflow" : "model_refused";
  throw new TurnFailed(code, error.message);
}

function retryDelayMs(error: unknown, attempt: number): number {
  const asked = error instanceof APIError ? retryAfterMs(error.headers?.get("retry-after")) : undefined;
  return asked ?? FIRST_BACKOFF_MS * 2 ** attempt * (1 - Math.random() * JITTER);
}

/** Retry-After is a number of seconds or an HTTP date (RFC 9110, 10.2.3). */
function retryAfterMs(header: string | null | undefined): number | undefined {
  if (header === null || header === undefined || header === "") return undefined;
  const seconds = Number(header);
  const ms = Number.isNaN(seconds) ? Date.parse(header) - Date.now() : seconds * 1000;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), RETRY_AFTER_MAX_MS);
}

async function waitForTimer(ms: number, signal?: AbortSignal): Promise<void> {
  await sleep(ms, undefined, signal === undefined ? {} : { signal });
}
