/** The manners of the real API around its answers: headers, error shapes, and what the paths that we do not speak say. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { fnv1a32 } from "../random.ts";
import { asciiJson } from "./chunks.ts";

/** One request, read whole. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: Buffer;
  /** Number in the path: which start of which process is speaking. */
  readonly incarnation: number;
  /** Path without the incarnation and without the query. */
  readonly path: string;
  /** When the last byte of the body was read, trial time. */
  readonly arrivedMs: number;
}

export interface ApiError {
  readonly message: string;
  readonly type: string;
  readonly param?: string | null;
  readonly code?: string | null;
}

let serial = 0;

/** Headers of every answer of the model. */
export function modelHeaders(processingMs: number): Record<string, string> {
  serial++;
  const id = [0, 1, 2, 3].map((n) => fnv1a32(`${serial} ${n}`).toString(16).padStart(8, "0")).join("");
  return {
    "openai-organization": "agent-derby",
    "openai-processing-ms": String(Math.round(processingMs)),
    "openai-version": "2020-10-01",
    "x-request-id": `req_${id}`,
    "x-ratelimit-limit-requests": "30000",
    "x-ratelimit-limit-tokens": "150000000",
    "x-ratelimit-remaining-requests": "29999",
    "x-ratelimit-remaining-tokens": "149999000",
    "x-ratelimit-reset-requests": "2ms",
    "x-ratelimit-reset-tokens": "0s",
  };
}

/** Sends a whole JSON answer. */
export function sendJson(
  { response }: Pick<Exchange, "response">,
  status: number,
  json: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.destroyed) return;
  const length = String(Buffer.byteLength(json));
  response.writeHead(status, { "content-type": "application/json", "content-length": length, ...headers });
  response.end(json);
}

/** The body of an error: all four fields are always there. */
export const errorBody = ({ message, type, param = null, code = null }: ApiError): object => ({
  error: { message, type, param, code },
});

export function sendError(
  exchange: Pick<Exchange, "response">,
  status: number,
  error: ApiError,
  headers: Readonly<Record<string, string>> = {},
): void {
  sendJson(exchange, status, asciiJson(errorBody(error)), { ...modelHeaders(1), ...headers });
}

/** 400 in the words of the API. */
export function sendInvalid(exchange: Pick<Exchange, "response">, message: string, param: string | null = null): void {
  sendError(exchange, 400, { message, type: "invalid_request_error", param });
}

/** Begins a stream of events; the socket is corked, so that the head leaves with what is written next. */
export function writeStreamHead(response: ServerResponse, processingMs: number): void {
  response.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache",
    ...modelHeaders(processingMs),
  });
  response.flushHeaders();
}

/** Text as it goes to the socket of a response. All text is ASCII, so its length is its bytes. Clients of HTTP/1.0 know no chunks. */
export function framed({ chunkedEncoding }: ServerResponse, text: string): string {
  return chunkedEncoding ? `${text.length.toString(16)}\r\n${text}\r\n` : text;
}

/** The models that exist: one, and any other name will do as well. */
export function sendModels(exchange: Exchange): void {
  const one = (id: string): object => ({ id, object: "model", created: 1_700_000_000, owned_by: "agent-derby" });
  const name = /^\/v1\/models\/(.+)$/.exec(exchange.path)?.[1];
  const body = name === undefined ? { object: "list", data: [one("agent-derby")] } : one(name);
  sendJson(exchange, 200, asciiJson(body), modelHeaders(1));
}

const INSTEAD =
  "This model speaks OpenAI's Chat Completions only: POST /v1/chat/completions. " +
  "Configure your SDK for it: in the AI SDK use openai.chat(model); in the OpenAI Agents SDK call " +
  "setOpenAIAPI('chat_completions') (set_default_openai_api in Python).";

/** The Responses API, which SDKs choose by default more and more. */
export function sendNoResponses(exchange: Exchange): void {
  sendError(exchange, 404, { message: INSTEAD, type: "invalid_request_error", code: "unsupported_api" });
}

/** Anthropic's Messages, in Anthropic's shape. */
export function sendNoMessages(exchange: Exchange): void {
  const headers = modelHeaders(1);
  const id = headers["x-request-id"] ?? "";
  const message = `${INSTEAD} An agent built on Anthropic's SDK needs a client of the OpenAI kind.`;
  const body = { type: "error", error: { type: "not_found_error", message }, request_id: id };
  sendJson(exchange, 404, asciiJson(body), { "request-id": id });
}

export function sendUnknownPath(exchange: Pick<Exchange, "response">, method: string, path: string): void {
  sendError(exchange, 404, { message: `Invalid URL (${method} ${path})`, type: "invalid_request_error" });
}

export function sendWrongMethod(exchange: Pick<Exchange, "response">, method: string, allowed: string): void {
  const message = `Not allowed to ${method} here. Allowed: ${allowed}.`;
  sendError(
    exchange,
    405,
    { message, type: "invalid_request_error", code: "method_not_supported" },
    { allow: allowed },
  );
}
