/**
 * A runner without the kit that keeps the contract, or breaks it in the one way that WRONG names: what the checks of
 * conformance are tested with. It offers the little that the checks of its variants need.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const wrong = (kind: string): boolean => process.env.WRONG === kind;

interface Call {
  readonly id: string;
  readonly type: "function";
  readonly function: { name: string; arguments: string };
}
interface Message {
  readonly role: string;
  readonly content: string;
  readonly tool_calls?: readonly Call[];
  readonly tool_call_id?: string;
}
type Result = { readonly output: string } | { readonly failed: { readonly code: string; readonly message: string } };
interface Session {
  conversation: Message[];
  readonly turns: Map<string, { readonly input: string; readonly result: Promise<Result> }>;
  readonly finished: object[];
  last: Promise<unknown>;
}

class Failed extends Error {
  readonly code: string;
  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

function modelUrl(): string {
  const file = join(process.env.DATA_DIR ?? "", "model-url");
  if (!wrong("nostalgic")) return process.env.MODEL_URL ?? "";
  if (!existsSync(file)) writeFileSync(file, process.env.MODEL_URL ?? "");
  return readFileSync(file, "utf8");
}

/** Comes up once only. */
function dieIfMortal(): void {
  const file = join(process.env.DATA_DIR ?? "", "has-lived");
  if (wrong("mortal") && existsSync(file)) process.exit(1);
  writeFileSync(file, "");
}

function readStream(text: string): Message {
  let content = "";
  let finished = wrong("halves");
  const calls: Call[] = [];
  for (const line of text.split("\n")) {
    if (!line.startsWith("data: {")) continue;
    const { choices = [] } = JSON.parse(line.slice(6));
    const { delta = {}, finish_reason: reason } = choices[0] ?? {};
    if (delta.content) content += delta.content;
    if (reason) finished = true;
    for (const { index, id, function: piece } of delta.tool_calls ?? []) {
      calls[index] ??= { id, type: "function", function: { name: piece.name, arguments: "" } };
      calls[index].function.arguments += piece.arguments;
    }
  }
  if (!finished) throw new Error("half an answer");
  return { role: "assistant", content, ...(calls.length > 0 && { tool_calls: calls }) };
}

/** Hears the pieces of an answer; null takes back what was heard of this step. */
type Hear = (step: number, text: string | null) => void;

/** Reads an answer to its end and tells of its text on the way. */
async function readAlong(response: Response, hear: (text: string) => void): Promise<string> {
  let [text, told] = ["", 0];
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    for (let end = text.indexOf("\n", told); end !== -1; end = text.indexOf("\n", told)) {
      const line = text.slice(told, end);
      told = end + 1;
      const content = line.startsWith("data: {") ? JSON.parse(line.slice(6)).choices?.[0]?.delta?.content : undefined;
      if (content) hear(wrong("mumbles") ? content.toUpperCase() : content);
    }
  }
  return text;
}

async function ask(messages: readonly Message[], step: number, hear: Hear): Promise<Message> {
  for (let attempt = 0; ; attempt++) {
    let waitMs = 500 * 2 ** attempt;
    try {
      const headers = { "content-type": "application/json" };
      const body = JSON.stringify({ model: "any", stream: true, messages });
      const response = await fetch(`${modelUrl()}/chat/completions`, { method: "POST", headers, body });
      if (response.ok) return readStream(await readAlong(response, (text) => hear(step, text)));
      const text = await response.text();
      if (response.headers.has("retry-after")) waitMs = Number(response.headers.get("retry-after")) * 1000;
      if (response.status < 500 && response.status !== 429)
        throw new Failed(text.includes("context_length_exceeded") ? "context_overflow" : "model_refused");
    } catch (error) {
      if (error instanceof Failed) throw error;
      if (!wrong("blurts")) hear(step, null);
    }
    if (attempt === 4) throw new Failed("model_unavailable");
    await sleep(wrong("hammers") ? 0 : waitMs);
  }
}

async function post(name: string, body: string): Promise<string> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${process.env.TOOLS_URL}/${name}`, { method: "POST", headers, body });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return text;
}

function burn(seed: number, rounds: number): string {
  let x = 0x811c9dc5;
  for (const byte of Buffer.from(String(seed))) x = Math.imul(x ^ byte, 0x01000193);
  x |= 1;
  for (let round = wrong("miscounts") ? 1 : 0; round < rounds; round++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    x = (Math.imul(x, 1664525) + 1013904223) | 0;
  }
  return (x >>> 0).toString(16).padStart(8, "0");
}

class Crash extends Error {}

async function crash(text: string): Promise<string> {
  const { die } = JSON.parse(await post("crash", text));
  if (die === false || wrong("immortal")) return "spared";
  if (die === "throw") throw new Crash();
  if (die === "detached") void Promise.reject(new Crash());
  if (die === "unit") process.exit(1);
  return "spared";
}

async function use(call: Call): Promise<Message> {
  const { name, arguments: text } = call.function;
  const tell = (content: string): Message => ({ role: "tool", tool_call_id: call.id, content });
  try {
    const args = JSON.parse(text);
    if (name === "burn_cpu") return tell(burn(args.seed, args.rounds));
    if (name === "crash") return tell(await crash(text));
    if (name === "sleep") {
      await sleep(wrong("miscounts") ? args.ms / 2 : args.ms);
      return tell("slept");
    }
    return tell(await post(name, wrong("reformats") ? JSON.stringify(args, null, 1) : text));
  } catch (error) {
    if (error instanceof Crash || wrong("throws")) throw error;
    return tell(JSON.stringify({ error: String(error) }));
  }
}

async function useAll(calls: readonly Call[]): Promise<Message[]> {
  if (!wrong("serial")) return Promise.all(calls.map(use));
  const results: Message[] = [];
  for (const call of calls) results.push(await use(call));
  return results;
}

async function play(conversation: Message[], gone: AbortSignal, hear: Hear): Promise<string> {
  for (let step = 0; step < 32; step++) {
    const message = await ask(conversation, step + 1, hear);
    if (gone.aborted && wrong("cancels")) throw new Error("the client is gone");
    conversation.push(message);
    if (message.tool_calls === undefined) return wrong("rephrases") ? `${message.content}.` : message.content;
    conversation.push(...(await useAll(message.tool_calls)));
  }
  throw new Failed("too_many_steps");
}

async function run(session: Session, turn: string, input: string, gone: AbortSignal, hear: Hear): Promise<Result> {
  if (wrong("hangs")) return new Promise(() => {});
  const before = wrong("forgets") ? [] : session.conversation;
  const conversation: Message[] = [...before, { role: "user", content: input }];
  const length = conversation.length;
  let result: Result;
  try {
    result = { output: await play(conversation, gone, hear) };
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    conversation.length = length;
    result = { failed: { code: error.code, message: "" } };
  }
  session.conversation = conversation;
  session.finished.push({ turn, input, ...result });
  return result;
}

const sessions = new Map<string, Session>();

function answerTurn(
  session: Session,
  turn: string,
  input: string,
  gone: AbortSignal,
  hear: Hear,
): Promise<Result> | 409 {
  const known = session.turns.get(turn);
  if (known !== undefined && known.input !== input) return 409;
  if (known !== undefined && !wrong("reruns")) return known.result;
  const start = (): Promise<Result> => run(session, turn, input, gone, hear);
  const result = wrong("mixes") ? start() : session.last.then(start);
  session.turns.set(turn, { input, result });
  session.last = result.catch(() => session.turns.delete(turn));
  return result;
}

/** Session, turn and input of a request in the contract's API, or in one of its own: `POST /chat`. */
async function readRequest(request: IncomingMessage): Promise<readonly [name: string, turn: string, input: unknown]> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  const [, first, name = "", , turn = ""] = (request.url ?? "").split("/");
  if (first !== "chat") return [name, turn, text === "" ? undefined : JSON.parse(text).input];
  const { thread, message } = JSON.parse(text);
  return [thread.id, message.id, message.text];
}

const frame = (event: string, data: unknown): string => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

/** Writes events as they come, or keeps them to the end. Nothing is sent before the first of them. */
function eventWriter(response: ServerResponse): { readonly hear: Hear; readonly end: (result: Result) => void } {
  let held = "";
  const begin = (): void =>
    void (response.headersSent || response.writeHead(200, { "content-type": "text/event-stream" }));
  const hear: Hear = (step, text) => {
    held += text === null ? frame("restart", { step }) : frame("token", { step, text });
    if (wrong("hoards")) return;
    begin();
    response.write(held);
    held = "";
  };
  const end = (result: Result): void => {
    begin();
    response.end(held + frame("result", result));
  };
  return { hear, end };
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<readonly [number, unknown]> {
  if (request.url === "/healthz") return [200, { runtime: "wrong", version: "1" }];
  const [name, turn, input] = await readRequest(request).catch(() => ["", "", undefined] as const);
  const known = sessions.get(name);
  if (request.method === "GET") return known === undefined ? [404, {}] : [200, { turns: known.finished }];
  if (typeof input !== "string" || name.length > 64 || turn.length > 64) return [400, {}];
  const session = known ?? { conversation: [], turns: new Map(), finished: [], last: Promise.resolve() };
  sessions.set(name, session);
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  const events = request.headers.accept === "text/event-stream" ? eventWriter(response) : undefined;
  const result = answerTurn(session, turn, input, gone.signal, events?.hear ?? (() => {}));
  if (result === 409) return [409, {}];
  events?.end(await result);
  return [200, await result];
}

dieIfMortal();
const server = createServer((request, response) => {
  answer(request, response)
    .catch(() => [500, {}] as const)
    .then(([status, body]) => response.headersSent || response.writeHead(status).end(JSON.stringify(body)));
});
server.listen(Number(process.env.PORT_HTTP), "127.0.0.1");
