/**
 * What a chat request asks for, read from its last messages: the next step of a scripted turn, or something else.
 *
 * A request is scripted only if its last message that is no system or developer message is an input that begins with a
 * marker, or the complete set of results of the newest assistant message's marked calls. A marker anywhere else (a summary's
 * prompt, a title's, a hand-off) makes no step of it. The conversation itself is never parsed.
 */
import { findMarker, INPUT_KINDS, type Marker, markerAtStart } from "../identity.ts";
import {
  elementsFromEnd,
  JsonEndsError,
  membersUpTo,
  parseSpan,
  type Span,
  skipSpaceBack,
  valuesFromEnd,
} from "./json-ends.ts";

/** A call that came back with its result. */
export interface ReturnedCall {
  readonly marker: Marker;
  readonly name: string;
  /** As the assistant message holds them, re-serialised or not. */
  readonly arguments: string;
  readonly result: string;
}

export type Asked =
  /** The first step of a turn. */
  | { readonly kind: "input"; readonly session: string; readonly turn: number; readonly proof: boolean }
  /** The step after the one that made these calls. */
  | {
      readonly kind: "results";
      readonly session: string;
      readonly turn: number;
      readonly step: number;
      readonly calls: readonly ReturnedCall[];
    }
  | { readonly kind: "offscript" }
  /** Calls without results, or results without calls: the API's own 400. */
  | { readonly kind: "refused"; readonly message: string };

export interface ChatRequest {
  readonly asked: Asked;
  readonly model: string;
  readonly stream: boolean;
  readonly includeUsage: boolean;
}

/** Why a body is no chat request, in the API's words. */
export interface BadRequest {
  readonly problem: string;
  readonly param: string | null;
}

interface Message {
  readonly role: string;
  readonly content?: unknown;
  readonly tool_call_id?: unknown;
  readonly tool_calls?: unknown;
}

interface RawCall {
  readonly id?: unknown;
  readonly function?: { readonly name?: unknown; readonly arguments?: unknown };
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
const isMessage = (value: unknown): value is Message => isObject(value) && typeof value.role === "string";

/** Text of a message: a string, or the text parts of a list of parts. */
function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.map((part) => (isObject(part) && typeof part.text === "string" ? part.text : "")).join("");
}

/** Messages from the last one back; system and developer messages are left out. */
function* messagesBack(body: Buffer, elements: Iterator<Span>, last: Message): Generator<Message> {
  for (let message: Message | undefined = last; message !== undefined; ) {
    if (message.role !== "system" && message.role !== "developer") yield message;
    const next = elements.next();
    const value: unknown = next.done === true ? undefined : parseSpan(body, next.value);
    if (value !== undefined && !isMessage(value)) throw new JsonEndsError("a message without a role");
    message = value;
  }
}

function rawCalls(message: Message): RawCall[] {
  return Array.isArray(message.tool_calls) ? message.tool_calls.filter(isObject) : [];
}

/** The marker of a call: its id, or the mark in its arguments where a gateway wrote ids of its own. */
function markerOf(call: RawCall): Marker | undefined {
  const id = typeof call.id === "string" ? markerAtStart(call.id) : undefined;
  const text = call.function?.arguments;
  const marker = id ?? findMarker(typeof text === "string" ? text : "");
  return marker !== undefined && marker.step > 0 ? marker : undefined;
}

function askedByResults(results: ReadonlyMap<string, string>, assistant: Message | undefined): Asked {
  const calls = assistant?.role === "assistant" ? rawCalls(assistant) : [];
  if (calls.length === 0)
    return {
      kind: "refused",
      message:
        "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
    };
  const missing = calls.map((call) => String(call.id)).filter((id) => !results.has(id));
  if (missing.length > 0) return incomplete(missing);
  const returned = calls.flatMap((call): ReturnedCall[] => {
    const marker = markerOf(call);
    if (marker === undefined) return [];
    const { name, arguments: text } = call.function ?? {};
    const result = results.get(String(call.id)) ?? "";
    return [{ marker, name: String(name), arguments: typeof text === "string" ? text : "", result }];
  });
  const marker = returned[0]?.marker;
  if (marker === undefined) return { kind: "offscript" };
  return { kind: "results", session: marker.session, turn: marker.turn, step: marker.step, calls: returned };
}

const incomplete = (ids: readonly string[]): Asked => ({
  kind: "refused",
  message:
    "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. " +
    `The following tool_call_ids did not have response messages: ${ids.join(", ")}`,
});

function classify(messages: Iterator<Message>): Asked {
  const results = new Map<string, string>();
  let message = messages.next();
  while (message.done !== true && message.value.role === "tool") {
    const { tool_call_id: id, content } = message.value;
    if (!results.has(String(id))) results.set(String(id), textOf(content));
    message = messages.next();
  }
  const last: Message | undefined = message.done === true ? undefined : message.value;
  if (results.size > 0) return askedByResults(results, last);
  if (last?.role === "assistant") {
    const open = rawCalls(last).map((call) => String(call.id));
    return open.length > 0 ? incomplete(open) : { kind: "offscript" };
  }
  const marker = last?.role === "user" ? markerAtStart(textOf(last.content)) : undefined;
  if (marker === undefined || marker.step !== 0 || marker.purchase !== 0) return { kind: "offscript" };
  const { session, turn, call } = marker;
  return { kind: "input", session, turn, proof: call === INPUT_KINDS.proof };
}

interface Settings {
  model: string;
  stream: boolean;
  includeUsage: boolean;
}

function note(settings: Settings, key: string, value: () => unknown): void {
  if (key === "stream") settings.stream = value() === true;
  else if (key === "model") settings.model = String(value());
  else if (key === "stream_options") {
    const options = value();
    settings.includeUsage = isObject(options) && options.include_usage === true;
  }
}

const MISSING: BadRequest = { problem: "Missing required parameter: 'messages'.", param: "messages" };
const EMPTY: BadRequest = {
  problem: "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
  param: "messages",
};

/** Throws JsonEndsError for what it cannot follow. */
function readEnds(body: Buffer): ChatRequest | BadRequest {
  const settings: Settings = { model: "", stream: false, includeUsage: false };
  let start = -1;
  for (const member of membersUpTo(body, "messages")) {
    if (member.key === "messages") start = member.from;
    else note(settings, member.key, () => parseSpan(body, member));
  }
  if (start === -1) return MISSING;
  const close = skipSpaceBack(body, body.length - 1);
  if (body.toString("latin1", close, close + 1) !== "}") throw new JsonEndsError("no closing brace");

  for (const value of valuesFromEnd(body, close)) {
    // Of all lists at the root of a chat request only `messages` holds objects with a role; to be sure by its key would
    // mean to walk through the whole of it.
    const elements = elementsIn(body, value.to);
    const last = elements?.next();
    const element = last === undefined || last.done === true ? undefined : parseSpan(body, last.value);
    if (elements !== undefined && isMessage(element))
      return { ...settings, asked: classify(messagesBack(body, elements, element)) };
    const member = value.member();
    if (member.from === start) return last?.done === true ? EMPTY : unusable(body, member);
    note(settings, member.key, () => parseSpan(body, member));
  }
  throw new JsonEndsError("messages not found from the end");
}

const elementsIn = (body: Buffer, to: number): Generator<Span> | undefined =>
  body[to] === 0x5d ? elementsFromEnd(body, to) : undefined;

function unusable(body: Buffer, messages: Span): BadRequest {
  parseSpan(body, messages);
  return { problem: "Invalid type for 'messages': expected an array of message objects.", param: "messages" };
}

/** Reads a chat request from the two ends of its body. */
export function readChatRequest(body: Buffer): ChatRequest | BadRequest {
  try {
    return readEnds(body);
  } catch (error) {
    if (!(error instanceof JsonEndsError)) throw error;
    return { problem: "We could not parse the JSON body of your request.", param: null };
  }
}
