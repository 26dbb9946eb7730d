/**
 * The wire form of completions, as OpenAI's Chat Completions API writes them: chunks of a stream, and whole answers.
 *
 * A stream pays for its envelope once: content frames are the constant head, the token, the constant tail.
 */
import { fnv1a32 } from "../random.ts";
import type { WrittenCall } from "./wording.ts";

/** What every chunk of one completion repeats. */
export interface Envelope {
  readonly id: string;
  /** Unix time in seconds. */
  readonly created: number;
  /** As the request named it. */
  readonly model: string;
  /** The request asked for usage: then each chunk says null and one more carries the numbers. */
  readonly usage: boolean;
}

export interface Usage {
  readonly prompt: number;
  readonly completion: number;
}

const FINGERPRINT = "fp_a9e27dde57";

/** JSON in pure ASCII, so that what goes to the socket as latin1 is UTF-8 as well. */
export function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Id of a completion in the shape of the real ones: a prefix and 29 characters. */
export function completionId(...parts: readonly (string | number)[]): string {
  const text = parts.join("_");
  const digits = [0, 1, 2, 3, 4].map((n) => fnv1a32(`${n}_${text}`).toString(36).padStart(7, "0"));
  return `chatcmpl-${digits.join("").slice(0, 29)}`;
}

/** Estimate: English text has about four bytes to a token. */
export const promptTokens = (bytes: number): number => Math.ceil(bytes / 4);

function usageOf({ prompt, completion }: Usage): object {
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: 0,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

/** Writes the events of one stream. All results are text of `data:` events, without the framing of HTTP chunks. */
export class ChunkWriter {
  /** A content frame is `contentHead + token + contentTail`; the token must need no JSON escapes. */
  readonly contentHead: string;
  readonly contentTail: string;
  readonly #head: string;
  readonly #end: string;

  constructor({ id, created, model, usage }: Envelope) {
    this.#head =
      `data: {"id":"${id}","object":"chat.completion.chunk","created":${created},"model":${asciiJson(model)},` +
      `"service_tier":"default","system_fingerprint":"${FINGERPRINT}","choices":[`;
    this.#end = `]${usage ? ',"usage":null' : ""}}\n\n`;
    this.contentHead = `${this.#head}{"index":0,"delta":{"content":"`;
    this.contentTail = `"},"logprobs":null,"finish_reason":null}${this.#end}`;
  }

  #delta(delta: object, finish: string | null): string {
    const choice = { index: 0, delta, logprobs: null, finish_reason: finish };
    return `${this.#head}${asciiJson(choice)}${this.#end}`;
  }

  /** The first event of every stream. */
  opening(): string {
    return this.#delta({ role: "assistant", content: "", refusal: null }, null);
  }

  /** The calls, each as its name and then its arguments in two fragments; empty where there is none. */
  calls(calls: readonly WrittenCall[]): string {
    return calls
      .map(({ id, name, arguments: text }, index) => {
        const half = Math.ceil(text.length / 2);
        const first = { index, id, type: "function", function: { name, arguments: "" } };
        const fragments = [text.slice(0, half), text.slice(half)].map((part) => ({
          index,
          function: { arguments: part },
        }));
        return [first, ...fragments].map((call) => this.#delta({ tool_calls: [call] }, null)).join("");
      })
      .join("");
  }

  finish(reason: "stop" | "tool_calls"): string {
    return this.#delta({}, reason);
  }

  /** The chunk without choices that carries the numbers, where they were asked for. */
  usage(usage: Usage): string {
    return `${this.#head}],"usage":${asciiJson(usageOf(usage))}}\n\n`;
  }

  /** An error that comes when the stream has begun. */
  static error(body: object): string {
    return `data: ${asciiJson(body)}\n\n`;
  }

  static readonly done = "data: [DONE]\n\n";
}

/** A whole answer, for requests without `stream`. */
export function wholeCompletion(
  { id, created, model }: Envelope,
  text: string,
  calls: readonly WrittenCall[],
  usage: Usage,
): string {
  const toolCalls = calls.map(({ id: callId, name, arguments: args }) => ({
    id: callId,
    type: "function",
    function: { name, arguments: args },
  }));
  const message = {
    role: "assistant",
    content: text,
    ...(toolCalls.length === 0 ? {} : { tool_calls: toolCalls }),
    refusal: null,
    annotations: [],
  };
  const reason = toolCalls.length === 0 ? "stop" : "tool_calls";
  return asciiJson({
    id,
    object: "chat.completion",
    created,
    model,
    choices: [{ index: 0, message, logprobs: null, finish_reason: reason }],
    usage: usageOf(usage),
    service_tier: "default",
    system_fingerprint: FINGERPRINT,
  });
}
