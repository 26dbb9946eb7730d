/**
 * The World: the scripted model and tools on one loopback port, and the witness of everything that was asked of them.
 *
 * `startWorld` runs it in this process; `main.ts` wraps it into a process of its own. The paths are those of OpenAI's API,
 * with the incarnation of the asking process in front: `/i/<incarnation>/v1/chat/completions`, `/i/<incarnation>/tools/<name>`.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { trialClock } from "../clock.ts";
import type { WorldEvent } from "../history.ts";
import { HistoryWriter } from "../history-writer.ts";
import { OwnHealth } from "../probes/process-health.ts";
import { IntervalRecorder } from "../statistics/interval-recorder.ts";
import type { ProcessHealth, WitnessHealth } from "../trial.ts";
import {
  type Exchange,
  sendError,
  sendModels,
  sendNoMessages,
  sendNoResponses,
  sendUnknownPath,
  sendWrongMethod,
} from "./api.ts";
import { Book } from "./book.ts";
import { answerChat } from "./completions.ts";
import { type HoldOrder, type HoldReport, Holds } from "./holds.ts";
import { EffectLedger } from "./ledger.ts";
import { LocalResults } from "./local-results.ts";
import type { WorldSettings } from "./protocol.ts";
import type { WorldState } from "./state.ts";
import { answerTool } from "./tools.ts";
import { Wheel } from "./wheel.ts";

export interface WorldHooks {
  /** Hears every event, whether or not a history is written. */
  readonly event?: (event: WorldEvent) => void;
  /** The history cannot be written any more (a full disk): the trial is void. */
  readonly failed?: (reason: string) => void;
  /** Hears of members that reach a hold; several that come together are one report. */
  readonly held?: (report: HoldReport) => void;
}

export interface WorldStats {
  readonly frameLatenessMs: WitnessHealth["frameLatenessMs"];
  readonly health: ProcessHealth;
}

/** A running World. */
export interface World {
  readonly port: number;
  /** What it says of its own health so far. */
  stats(): WorldStats;
  /** Holds turns at a step from now on. */
  hold(order: HoldOrder): void;
  /** Lets the members of a hold go. */
  release(id: string): void;
  /** Ends all connections, closes its files, and says the last of its health. */
  stop(): Promise<WorldStats>;
}

/** Larger requests are refused; a context of a million tokens has about 4 MB. */
const MAX_BODY_BYTES = 64 * 2 ** 20;
/** Longest time spent before the start on expected results of local tools. */
const PREPARE_BUDGET_MS = 10_000;
/** More than the runtime's idle connections live; who closes first is the runtime, as with real providers. */
const KEEP_ALIVE_MS = 600_000;
const BACKLOG = 4096;

const PATH = /^(?:\/i\/(\d{1,9}))?(\/(?:v1|tools)\/.*)$/;

/** Starts the World. Rejects with the system's error if the port is taken or a file cannot be opened. */
export async function startWorld(settings: Omit<WorldSettings, "type">, hooks: WorldHooks = {}): Promise<World> {
  const clock = trialClock(settings.zeroMs);
  const history = new HistoryWriter<WorldEvent>(settings.historyFile, (error) => hooks.failed?.(error.message));
  const localResults = new LocalResults();
  localResults.prepare(Object.values(settings.scenario.cohorts), PREPARE_BUDGET_MS);
  const emit = (event: WorldEvent): void => {
    history.append(event);
    hooks.event?.(event);
  };
  const state: WorldState = {
    settings,
    clock,
    wheel: new Wheel(clock),
    book: new Book(),
    ledger: new EffectLedger(),
    localResults,
    lateness: new IntervalRecorder(settings.histogramFile, "frame-lateness", clock),
    holds: new Holds(clock, emit, (report) => hooks.held?.(report)),
    emit,
  };
  const server = createServer((request, response) => receive(state, request, response));
  Object.assign(server, { keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0, headersTimeout: 0, timeout: 0 });
  const connections = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    connections.add(socket);
    socket.once("close", () => connections.delete(socket));
  });
  const port = await listen(server, settings);
  const health = new OwnHealth();
  return {
    port,
    stats: () => ({ frameLatenessMs: state.lateness.quantiles(), health: health.read() }),
    hold: (order) => state.holds.arm(order),
    release: (id) => state.holds.release(id),
    stop: async () => {
      await close(server, connections);
      state.wheel.stop();
      history.close();
      return { frameLatenessMs: state.lateness.close(), health: health.stop() };
    },
  };
}

function listen(server: Server, { port, host = "127.0.0.1" }: Pick<WorldSettings, "port" | "host">): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host, backlog: BACKLOG }, () => {
      server.off("error", reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** Ends every connection; resolves when all responses have heard of it, since they have something to note then. */
async function close(server: Server, connections: ReadonlySet<Socket>): Promise<void> {
  const ended = [...connections].map((socket) => new Promise((resolve) => socket.once("close", resolve)));
  server.close();
  server.closeAllConnections();
  await Promise.all(ended);
}

/** Reads a request whole and hands it on. A client that leaves before that has asked nothing. */
function receive(state: WorldState, request: IncomingMessage, response: ServerResponse): void {
  const pieces: Buffer[] = [];
  let bytes = 0;
  request.on("data", (piece: Buffer) => {
    bytes += piece.length;
    if (bytes <= MAX_BODY_BYTES) pieces.push(piece);
  });
  request.on("end", () => {
    const url = request.url ?? "/";
    const [, incarnation, path] = PATH.exec(url.split("?", 1)[0] ?? "") ?? [];
    const exchange: Exchange = {
      request,
      response,
      body: pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces),
      incarnation: Number(incarnation ?? 0),
      path: path ?? url,
      arrivedMs: state.clock(),
    };
    if (bytes > MAX_BODY_BYTES) sendError(exchange, 413, TOO_LARGE);
    else route(state, exchange);
  });
}

const TOO_LARGE = { message: "Request entity too large.", type: "invalid_request_error", code: "request_too_large" };

function route(state: WorldState, exchange: Exchange): void {
  const { path } = exchange;
  const method = exchange.request.method ?? "";
  const tool = /^\/tools\/([^/]{1,200})$/.exec(path)?.[1];
  const isModels = path === "/v1/models" || path.startsWith("/v1/models/");
  const allowed = isModels ? "GET" : "POST";
  const answer = isModels
    ? () => sendModels(exchange)
    : tool !== undefined
      ? () => answerTool(state, exchange, tool)
      : answerOfPath(state, exchange);
  if (answer === undefined) {
    state.emit({ e: "unattributed", t: exchange.arrivedMs, path, i: exchange.incarnation });
    sendUnknownPath(exchange, method, path);
  } else if (method !== allowed) sendWrongMethod(exchange, method, allowed);
  else answer();
}

function answerOfPath(state: WorldState, exchange: Exchange): (() => void) | undefined {
  const { path } = exchange;
  if (path === "/v1/chat/completions") return () => answerChat(state, exchange);
  if (path.startsWith("/v1/responses")) return () => sendNoResponses(exchange);
  // Anthropic's SDK adds /v1 to its base address itself.
  if (/^(?:\/v1){1,2}\/messages(?:\/|$)/.test(path)) return () => sendNoMessages(exchange);
  return undefined;
}
