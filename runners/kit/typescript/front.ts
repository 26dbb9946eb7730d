/**
 * The HTTP front of a runner: speaks the contract's requests and statuses, and hands turns to an agent.
 *
 * It knows nothing of sessions: joining, queueing, refusing and keeping are the agent's. It promises that a broken client
 * connection never cancels a turn, and that SIGTERM lets running turns finish for a while. How a turn looks to a client that
 * reads along is in `event-answer.ts`.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { finished } from "node:stream/promises";
import { EventAnswer, writeError } from "./event-answer.ts";
import type { FinishedTurn, Listener, TurnResult } from "./messages.ts";

const ID_MAX_LENGTH = 64;
const BODY_MAX_BYTES = 1024 * 1024;
/** How long a process that was asked to end waits for its running turns. */
export const DRAIN_MAX_MS = 10_000;
/**
 * After a restart every waiting client connects within one instant. With Node's default of 511 the kernel drops what is
 * above it, and the client's TCP tries again only after a whole second, which would be measured as the runtime's.
 */
const BACKLOG = 4096;

/** What a runner offers behind the front. */
export interface Agent {
  /**
   * Runs the turn or joins the one that runs. Rejects with {@link Refused}, or with anything else when nobody knows.
   * @param listener given when the client reads along; without one the turn costs nothing for it
   */
  runTurn(session: string, turn: string, input: string, listener?: Listener): Promise<TurnResult>;
  /** Finished turns in order of finishing; undefined for a session that is not known. */
  readSession?(session: string): Promise<readonly FinishedTurn[] | undefined>;
  /** False until turns are accepted. Default: always true. */
  ready?(): boolean;
  /** Gives back what the agent holds; called once, after the last turn. */
  close?(): Promise<void>;
}

/** The turn was certainly not accepted: 409 for another input, 503 for "not now". */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly status: 409 | 503;
  readonly retryAfterSeconds: number;

  constructor(status: 409 | 503, message: string, retryAfterSeconds = 1) {
    super(message);
    this.status = status;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export interface FrontSettings {
  readonly runtime: string;
  readonly version: string;
  readonly agent: Agent;
  /** Loopback port. Default: PORT_HTTP; 0 takes any. */
  readonly port?: number;
}

export interface Front {
  readonly port: number;
  /** Accepts nothing more and resolves when the running turns have ended, or after 10 s. */
  close(): Promise<void>;
}

/** Opens the front at 127.0.0.1 and resolves when it listens. SIGTERM closes it and ends the process with code 0. */
export async function serve(settings: FrontSettings): Promise<Front> {
  const state: State = { ...settings, draining: false, running: new Set() };
  const server = createServer((request, response) => {
    const answered = answer(state, request, response).finally(() => state.running.delete(answered));
    state.running.add(answered);
  });
  // Turns take as long as they take; the client, not the server, gives up.
  server.requestTimeout = 0;
  const port = settings.port ?? Number(process.env.PORT_HTTP);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host: "127.0.0.1", backlog: BACKLOG }, resolve);
  });
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => {
    process.off("SIGTERM", terminate);
    closed ??= drain(server, state);
    return closed;
  };
  const terminate = (): void => {
    void close().then(() => process.exit(0));
  };
  process.once("SIGTERM", terminate);
  return { port: (server.address() as AddressInfo).port, close };
}

interface State extends FrontSettings {
  draining: boolean;
  /** Requests that are being answered, whether or not their clients still listen. */
  readonly running: Set<Promise<unknown>>;
}

async function drain(server: Server, state: State): Promise<void> {
  state.draining = true;
  server.close();
  const requestsAnswered = async (): Promise<void> => {
    while (state.running.size > 0) await Promise.allSettled(state.running);
  };
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise((resolve) => {
    timer = setTimeout(resolve, DRAIN_MAX_MS);
  });
  await Promise.race([requestsAnswered(), limit]);
  clearTimeout(timer);
  server.closeAllConnections();
  await state.agent.close?.();
}

async function answer(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const answered = await route(state, request, response);
    if (answered !== STREAMED) await send(state, response, ...answered);
    else await sent(state, response);
  } catch (error) {
    const status = error instanceof Refused ? error.status : error instanceof Malformed ? 400 : 500;
    if (error instanceof Refused && status === 503) response.setHeader("retry-after", error.retryAfterSeconds);
    if (status === 500) console.error(error);
    const body = { error: error instanceof Error ? error.message : String(error) };
    if (response.headersSent) writeError(response, body);
    else await send(state, response, status, body);
  }
}

async function send(state: State, response: ServerResponse, status: number, body: unknown): Promise<void> {
  const text = JSON.stringify(body);
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
  response.end(text);
  await sent(state, response);
}

/** When connections are about to be cut, the answer has to be out first. It fails if the client is gone, and nobody minds. */
async function sent(state: State, response: ServerResponse): Promise<void> {
  if (state.draining) await finished(response).catch(() => undefined);
}

/** The request is not one of the contract's. */
class Malformed extends Error {}

/** The turn's result went out behind its tokens. */
const STREAMED = "streamed";

async function route(
  state: State,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<readonly [status: number, body: unknown] | typeof STREAMED> {
  const { agent } = state;
  const path = (request.url ?? "/").split("?", 1)[0] ?? "/";
  const ready = !state.draining && (agent.ready?.() ?? true);
  if (request.method === "GET" && path === "/healthz") {
    return [ready ? 200 : 503, { runtime: state.runtime, version: state.version }];
  }
  const [, collection, session, turns, turn, ...rest] = path.split("/");
  if (collection !== "sessions" || session === undefined || rest.length > 0) return NOT_FOUND;
  if (request.method === "PUT" && turns === "turns" && turn !== undefined) {
    const input = await readInput(request);
    const ids = [idFrom(session), idFrom(turn)] as const;
    if (!ready) throw new Refused(503, "no turns are accepted now");
    if (request.headers.accept?.includes("text/event-stream") !== true)
      return [200, resultOf(await agent.runTurn(...ids, input))];
    const events = new EventAnswer(response);
    events.result(resultOf(await agent.runTurn(...ids, input, events)));
    return STREAMED;
  }
  if (request.method === "GET" && turns === undefined && agent.readSession !== undefined) {
    if (!ready) throw new Refused(503, "sessions cannot be told yet");
    const known = await agent.readSession(idFrom(session));
    return known === undefined ? NOT_FOUND : [200, { turns: known }];
  }
  return NOT_FOUND;
}

const NOT_FOUND = [404, { error: "not found" }] as const;

/** Nothing but the contract's field, so that a turn is answered with the same bytes however the agent keeps it. */
function resultOf(result: TurnResult): TurnResult {
  return "output" in result
    ? { output: result.output }
    : { failed: { code: result.failed.code, message: result.failed.message } };
}

function idFrom(segment: string): string {
  let id: string;
  try {
    id = decodeURIComponent(segment);
  } catch {
    throw new Malformed(`the id ${segment} is not well encoded`);
  }
  if (id.length === 0 || id.length > ID_MAX_LENGTH) throw new Malformed(`an id has 1 to ${ID_MAX_LENGTH} characters`);
  return id;
}

async function readInput(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_MAX_BYTES) throw new Malformed(`a body has at most ${BODY_MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  let body: unknown;
  try {
    body = JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    throw new Malformed("the body is no JSON");
  }
  const input = (body as { readonly input?: unknown } | null)?.input;
  if (typeof input !== "string") throw new Malformed('the body has no string "input"');
  return input;
}
