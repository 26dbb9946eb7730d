/** What the bytes on the wire say: which turn a model request belongs to, what it carries, and what the model said. Pure. */
import { eventValues } from "../driver/event-stream.ts";
import { findMarker, type Marker, markerAtStart } from "../identity.ts";
import { isObject, type Json, listOf, parsed, textIn } from "./json.ts";
import type { Exchange } from "./wire.ts";

/** A call as it stands in a message of the conversation. */
export interface WrittenCall {
  readonly id: string;
  readonly name: string;
  /** The text itself, JSON or not. */
  readonly arguments: string;
}

export interface Message {
  readonly role: string;
  readonly text: string;
  readonly calls: readonly WrittenCall[];
  /** Of a tool message: the call it answers. */
  readonly callId: string;
}

/** A request to the model that belongs to a turn. */
export interface Ask {
  readonly exchange: Exchange;
  readonly session: string;
  readonly turn: number;
  /** From 1. */
  readonly step: number;
  /** The runtime wants the answer as a stream. */
  readonly streams: boolean;
  /** System and developer messages are left out: they are the runner's own affair. */
  readonly messages: readonly Message[];
}

/** A request to a remote tool, or for leave to crash. */
export interface ToolUse {
  readonly exchange: Exchange;
  readonly name: string;
  readonly marker: Marker;
}

/** A message's text: a string, or parts of text. */
function contentText(content: unknown): string {
  return typeof content === "string"
    ? content
    : listOf(content)
        .map(({ text }) => textIn(text))
        .join("");
}

function callsOf(message: Json): WrittenCall[] {
  return listOf(message.tool_calls).map(({ id, function: called }) => {
    const { name, arguments: text } = isObject(called) ? called : {};
    return { id: textIn(id), name: textIn(name), arguments: textIn(text) };
  });
}

/** The model request of an exchange, or undefined when it belongs to no turn. */
export function readAsk(exchange: Exchange): Ask | undefined {
  if (!exchange.path.startsWith("/v1/chat/completions")) return undefined;
  const body = parsed(exchange.body.toString());
  if (!isObject(body)) return undefined;
  const messages = listOf(body.messages)
    .filter(({ role }) => role !== "system" && role !== "developer")
    .map((message) => ({
      role: textIn(message.role),
      text: contentText(message.content),
      calls: callsOf(message),
      callId: textIn(message.tool_call_id),
    }));
  const input = messages.findLastIndex(({ role }) => role === "user");
  const marker = markerAtStart(messages[input]?.text ?? "");
  if (marker === undefined) return undefined;
  const step = 1 + messages.slice(input).filter(({ calls }) => calls.length > 0).length;
  return { exchange, session: marker.session, turn: marker.turn, step, streams: body.stream === true, messages };
}

/** The tool request of an exchange, or undefined when it is none or carries no mark. */
export function readToolUse(exchange: Exchange): ToolUse | undefined {
  const name = /^\/tools\/([^/?]+)/.exec(exchange.path)?.[1];
  const marker = name === undefined ? undefined : findMarker(exchange.body.toString());
  return name === undefined || marker === undefined ? undefined : { exchange, name, marker };
}

/** The text of an answer, as far as it has come. */
export const answerText = ({ pieces }: Exchange): string => Buffer.concat(pieces).toString();

/** What the model said in an answer, streamed or not: its text and its calls. */
export function saidIn(exchange: Exchange): { readonly text: string; readonly calls: readonly WrittenCall[] } {
  const body = answerText(exchange);
  const whole = parsed(body);
  const choices = (value: unknown): readonly Json[] => (isObject(value) ? listOf(value.choices) : []);
  const [choice] = choices(whole);
  if (choice !== undefined) {
    const message = isObject(choice.message) ? choice.message : {};
    return { text: contentText(message.content), calls: callsOf(message) };
  }
  let text = "";
  const calls: { id: string; name: string; arguments: string }[] = [];
  for (const event of eventValues(body, "data")) {
    const delta = choices(parsed(event))[0]?.delta;
    if (!isObject(delta)) continue;
    text += textIn(delta.content);
    for (const piece of listOf(delta.tool_calls)) {
      const index = Number(piece.index);
      const call = calls[index] ?? { id: "", name: "", arguments: "" };
      const { name, arguments: more } = isObject(piece.function) ? piece.function : {};
      calls[index] = {
        id: call.id + textIn(piece.id),
        name: call.name + textIn(name),
        arguments: call.arguments + textIn(more),
      };
    }
  }
  return { text, calls };
}
