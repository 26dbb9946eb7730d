/**
 * Everything that goes between runtime and World, passed on and written down: a relay that stands where the runtime believes
 * the World to be.
 *
 * The World's history says what a request meant; only the bytes say whether a runner sent what the contract asks for.
 * Resets, cuts and silence reach the runtime as the World made them. Reading the bytes is left to `conversation.ts`.
 */

import type { ServerResponse } from "node:http";
import { Agent, createServer, type IncomingHttpHeaders, type IncomingMessage, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type ListenAddress, LOOPBACK } from "../attached.ts";
import { monotonicMs } from "../clock.ts";

/** One request of the runtime and the answer of the World, as far as it has come. Stamps are CLOCK_MONOTONIC in milliseconds. */
export interface Exchange {
  /** Number in the path: which start of a process asked. */
  readonly incarnation: number;
  /** Without the incarnation, for example "/v1/chat/completions" or "/tools/save_note". */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** When the request had been read whole. */
  readonly askedMs: number;
  /** 0 until the World has answered. */
  status: number;
  /** Pieces of the answer, before they were passed on. */
  readonly pieces: Buffer[];
  /** When the newest piece, or the end, had come from the World. */
  heardMs: number;
  /** open: under way. whole: answered to the end. broken: the World broke it off. left: the runtime did. */
  state: "open" | "whole" | "broken" | "left";
}

const ANYWHERE: ListenAddress = { host: LOOPBACK, port: 0 };

/** Headers that belong to one connection (RFC 9110, 7.6.1) or are set anew. */
const OF_THE_CONNECTION = [
  "connection",
  "keep-alive",
  "transfer-encoding",
  "content-length",
  "expect",
  "host",
  "upgrade",
];

function endToEnd(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !OF_THE_CONNECTION.includes(name)));
}

async function readWhole(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export class Wire {
  readonly #server: Server;
  readonly #worldPort: number;
  readonly #changed: () => void;
  /** The World's connections are used once, so that none can be closed by it just when it is to be used again. */
  readonly #agent = new Agent({ keepAlive: false });
  /** In the order in which they were asked. */
  readonly exchanges: Exchange[] = [];
  /** Answers to these exchanges are written down and not passed on, as if they were lost on the way. */
  withhold: (exchange: Exchange) => boolean = () => false;

  private constructor(worldPort: number, changed: () => void) {
    this.#worldPort = worldPort;
    this.#changed = changed;
    this.#server = createServer((incoming, response) => void this.#relay(incoming, response));
    this.#server.requestTimeout = 0;
    // Longer than clients keep idle connections, so that it is never the relay that closes one under a request.
    this.#server.keepAliveTimeout = 120_000;
  }

  /** @param changed called after whatever is written down @param at where it listens; default: a loopback port of its own */
  static async start(worldPort: number, changed: () => void, at: ListenAddress = ANYWHERE): Promise<Wire> {
    const wire = new Wire(worldPort, changed);
    await new Promise<void>((listening, failed) => {
      wire.#server.once("error", failed);
      wire.#server.listen(at.port, at.host, listening);
    });
    return wire;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Breaks all connections and resolves when the port is free. */
  async stop(): Promise<void> {
    const closed = new Promise((done) => this.#server.close(done));
    this.#server.closeAllConnections();
    this.#agent.destroy();
    await closed;
  }

  async #relay(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    let body: Buffer;
    try {
      body = await readWhole(incoming);
    } catch {
      // A request that broke off in the middle was never asked; the runtime that sent it is gone.
      response.destroy();
      return;
    }
    const [, incarnation = "0", path = "/"] = /^\/i\/(\d+)(\/.*)$/.exec(incoming.url ?? "") ?? [];
    const nowMs = monotonicMs();
    const exchange: Exchange = {
      incarnation: Number(incarnation),
      path,
      headers: incoming.headers,
      body,
      askedMs: nowMs,
      status: 0,
      pieces: [],
      heardMs: nowMs,
      state: "open",
    };
    this.exchanges.push(exchange);
    this.#changed();
    this.#ask(exchange, incoming, response);
  }

  #ask(exchange: Exchange, incoming: IncomingMessage, response: ServerResponse): void {
    const { body } = exchange;
    const outgoing = request({
      host: "127.0.0.1",
      port: this.#worldPort,
      method: incoming.method,
      path: incoming.url,
      headers: { ...endToEnd(incoming.headers), "content-length": body.length },
      agent: this.#agent,
    });
    response.once("close", () => {
      this.#over(exchange, "left");
      outgoing.destroy();
    });
    const broken = (): void => {
      this.#over(exchange, "broken");
      response.socket?.resetAndDestroy();
    };
    outgoing.once("error", broken);
    outgoing.once("response", (answer) => this.#passOn(exchange, answer, response, broken));
    outgoing.end(body);
  }

  #passOn(exchange: Exchange, answer: IncomingMessage, response: ServerResponse, broken: () => void): void {
    exchange.status = answer.statusCode ?? 0;
    const withheld = this.withhold(exchange);
    if (!withheld) {
      const length = answer.headers["content-length"];
      const headers = { ...endToEnd(answer.headers), ...(length === undefined ? {} : { "content-length": length }) };
      response.writeHead(exchange.status, headers);
      response.flushHeaders();
    }
    answer.on("data", (piece: Buffer) => {
      exchange.pieces.push(piece);
      exchange.heardMs = monotonicMs();
      this.#changed();
      if (!withheld) response.write(piece);
    });
    answer.once("error", broken);
    answer.once("end", () => {
      this.#over(exchange, "whole");
      if (!withheld) response.end();
    });
  }

  #over(exchange: Exchange, how: "whole" | "broken" | "left"): void {
    if (exchange.state !== "open") return;
    exchange.state = how;
    if (how !== "left") exchange.heardMs = monotonicMs();
    this.#changed();
  }
}
