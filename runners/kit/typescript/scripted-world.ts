/**
 * A tiny model and tool server for the tests of runners: it answers what the test says, and remembers what it was asked.
 *
 * It promises nothing about time. The World of the harness is another thing; runners do not know it.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Message } from "./messages.ts";

/** A good answer of the model: text, tool calls as [name, arguments], or both. */
export interface Answer {
  readonly text?: string;
  readonly calls?: readonly (readonly [name: string, args: unknown])[];
}

/** What the model does with one request: a good answer, or anything at all. */
export type Reply = Answer | ((response: ServerResponse) => void);

/** One request for a remote tool (or for leave to crash). */
export interface ToolRequest {
  readonly name: string;
  readonly body: string;
  readonly headers: IncomingMessage["headers"];
}

export interface ScriptedWorld {
  /** Decides each reply from the conversation; `n` counts requests from 1. Replace it at will. */
  model: (messages: readonly Message[], n: number) => Reply | Promise<Reply>;
  /** Decides each tool's status and body. Default: 200 "done". */
  tool: (request: ToolRequest) => readonly [status: number, body: string] | Promise<readonly [number, string]>;
  /** The conversations that the model was sent. */
  readonly asked: (readonly Message[])[];
  readonly toolRequests: ToolRequest[];
  /** Connections ever accepted. */
  connections: number;
  readonly modelUrl: string;
  readonly toolsUrl: string;
  close(): Promise<void>;
}

/** Starts the server on a free loopback port and points MODEL_URL and TOOLS_URL at it. */
export async function startWorld(): Promise<ScriptedWorld> {
  const server = createServer((request, response) => {
    void reply(world, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const world: ScriptedWorld = {
    model: () => ({ text: "fine" }),
    tool: () => [200, "done"],
    asked: [],
    toolRequests: [],
    connections: 0,
    modelUrl: `${base}/v1`,
    toolsUrl: `${base}/tools`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  server.on("connection", () => {
    world.connections++;
  });
  process.env.MODEL_URL = world.modelUrl;
  process.env.TOOLS_URL = world.toolsUrl;
  return world;
}

async function reply(world: ScriptedWorld, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString();
  const path = request.url ?? "";
  if (path.startsWith("/tools/")) {
    const asked = { name: decodeURIComponent(path.slice("/tools/".length)), body, headers: request.headers };
    world.toolRequests.push(asked);
    const [status, text] = await world.tool(asked);
    response.writeHead(status).end(text);
    return;
  }
  const { messages } = JSON.parse(body) as { readonly messages: readonly Message[] };
  world.asked.push(messages);
  const given = await world.model(messages, world.asked.length);
  if (typeof given === "function") given(response);
  else sendAnswer(response, given);
}

function sendAnswer(response: ServerResponse, { text, calls = [] }: Answer): void {
  beginStream(response);
  for (const word of text?.split(/(?<= )/) ?? []) response.write(frame({ content: word }));
  calls.forEach(([name, args], index) => {
    const whole = typeof args === "string" ? args : JSON.stringify(args);
    const half = Math.floor(whole.length / 2);
    const call = { index, id: `call_${index}`, type: "function", function: { name, arguments: "" } };
    response.write(frame({ tool_calls: [call] }));
    for (const piece of [whole.slice(0, half), whole.slice(half)]) {
      response.write(frame({ tool_calls: [{ index, function: { arguments: piece } }] }));
    }
  });
  response.end(`${frame({}, calls.length > 0 ? "tool_calls" : "stop")}data: [DONE]\n\n`);
}

/** Sends the headers of a stream. */
export function beginStream(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.flushHeaders();
}

/** One frame of a stream. */
export function frame(delta: unknown, finishReason: string | null = null): string {
  return `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finishReason }] })}\n\n`;
}

/** A reply with a status and an error of OpenAI's shape. */
export function status(code: number, error: object = {}, headers: Record<string, string> = {}): Reply {
  return (response) => {
    response.writeHead(code, { "content-type": "application/json", ...headers }).end(JSON.stringify({ error }));
  };
}
