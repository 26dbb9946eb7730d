/**
 * Client: one attempt over HTTP, told apart by what can be known of it.
 *
 * Promises: `done` is called exactly once per attempt, at the latest when its timeout has passed. "refused" means that no byte
 * of the request left; everything that breaks later is "lost", on a reused connection always. No connection is reused after
 * a second of idleness, so that a backend's own keep-alive limit cannot break a calm run.
 * Leaves to others: what a status means (`mapping.ts`), asking again (`turn.ts`).
 */
import { Agent, type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Clock } from "../clock.ts";
import type { ChunkReader } from "./answer-stream.ts";
import { type BackendRequest, type BackendResponse, retryAfterMs } from "./mapping.ts";

/** An idle connection older than this is closed instead of used again. */
export const IDLE_LIMIT_MS = 1000;
const ANSWER_LIMIT_BYTES = 64 * 1024 * 1024;

/** This machine ran out of something: that is the harness's trouble and says nothing about the backend. */
const EXHAUSTED = new Set(["EMFILE", "ENFILE", "EADDRNOTAVAIL", "ENOBUFS", "ENOMEM"]);

/** How one attempt ended, stamped after the whole read or when it was given up. */
export type Attempt =
  | {
      readonly kind: "answered";
      readonly response: BackendResponse;
      readonly firstByteMs: number;
      readonly endedMs: number;
    }
  | { readonly kind: "refused" | "lost"; readonly why: string; readonly endedMs: number };

/** Sends requests to one backend. */
export interface Client {
  /**
   * @param own true: on a connection that nothing else has used or will use.
   * @param reader is given the body of a 200 or 201 as it comes, unless that is JSON, which is no stream; `streamed` says so
   */
  attempt(
    request: BackendRequest,
    timeoutMs: number,
    own: boolean,
    done: (attempt: Attempt) => void,
    reader?: ChunkReader,
  ): void;
  /** Ends all connections; attempts under way end as lost or refused. */
  close(): void;
}

class ShortIdleAgent extends Agent {
  override keepSocketAlive(socket: Socket): boolean {
    // The declared return type is void, but the base class answers whether the socket may be kept.
    const kept: unknown = super.keepSocketAlive(socket);
    if (kept === false) return false;
    const hintedMs = socket.timeout ?? 0;
    // A free socket that times out is destroyed by the agent.
    if (hintedMs === 0 || hintedMs > IDLE_LIMIT_MS) socket.setTimeout(IDLE_LIMIT_MS);
    return true;
  }

  override reuseSocket(socket: Socket, request: ClientRequest): void {
    socket.setTimeout(0);
    super.reuseSocket(socket, request);
  }
}

/**
 * A client over node:http.
 * @param baseUrl "http://127.0.0.1:PORT", a path in front of all requests allowed.
 * @param exhausted told when this machine has no socket left.
 */
export function createClient(baseUrl: string, clock: Clock, exhausted: (why: string) => void): Client {
  const { hostname, port, pathname } = new URL(baseUrl);
  const shared = new ShortIdleAgent({ keepAlive: true });
  const single = new Agent({ keepAlive: false });
  const target = { host: hostname, port: port === "" ? 80 : Number(port), prefix: pathname.replace(/\/$/, "") };
  return {
    attempt(request, timeoutMs, own, done, reader) {
      const body = request.body === null ? null : Buffer.from(request.body);
      const outgoing = httpRequest({
        host: target.host,
        port: target.port,
        method: request.method,
        path: target.prefix + request.path,
        headers: body === null ? request.headers : { ...request.headers, "content-length": body.length },
        agent: own ? single : shared,
      });
      const ended = (attempt: Attempt, code?: string): void => {
        if (code !== undefined && EXHAUSTED.has(code))
          exhausted(`No connection to the backend could be opened: ${code}.`);
        done(attempt);
      };
      follow(outgoing, timeoutMs, clock, ended, reader);
      outgoing.end(body ?? undefined);
    },
    close() {
      shared.destroy();
      single.destroy();
    },
  };
}

/** Watches one request until its end; `end` is called once, with the system's error code where there was one. */
function follow(
  outgoing: ClientRequest,
  timeoutMs: number,
  clock: Clock,
  end: (attempt: Attempt, code?: string) => void,
  reader?: ChunkReader,
): void {
  let ended = false;
  // Until the connection stands nothing can have left; from then on the request may have arrived.
  let mayHaveLeft = false;
  const finish = (attempt: Attempt, code?: string): void => {
    if (ended) return;
    ended = true;
    clearTimeout(timer);
    end(attempt, code);
  };
  const breakOff = (why: string, code?: string): void => {
    finish({ kind: mayHaveLeft ? "lost" : "refused", why, endedMs: clock() }, code);
    outgoing.destroy();
  };
  const timer = setTimeout(() => breakOff(mayHaveLeft ? "timeout" : "connect timeout"), timeoutMs);
  outgoing.on("socket", (socket) => {
    if (socket.connecting) {
      socket.once("connect", () => {
        mayHaveLeft = true;
      });
    } else {
      mayHaveLeft = true;
    }
  });
  outgoing.on("error", (error: NodeJS.ErrnoException) => breakOff(error.code ?? error.message, error.code));
  outgoing.on("response", (incoming) => {
    const firstByteMs = clock();
    const whole = (response: BackendResponse): void =>
      finish({ kind: "answered", response, firstByteMs, endedMs: clock() });
    if (reader !== undefined && isStream(incoming)) readAlong(incoming, reader, clock, breakOff, whole);
    else readWhole(incoming, breakOff, whole);
  });
}

/** A backend that was asked for a stream may refuse, fail, or answer in one piece all the same. */
function isStream({ statusCode, headers }: IncomingMessage): boolean {
  const accepted = statusCode === 200 || statusCode === 201;
  return accepted && headers["content-type"]?.startsWith("application/json") !== true;
}

function readAlong(
  incoming: IncomingMessage,
  reader: ChunkReader,
  clock: Clock,
  breakOff: (why: string) => void,
  whole: (response: BackendResponse) => void,
): void {
  incoming.on("data", (chunk: Buffer) => reader.read(chunk, clock()));
  incoming.on("error", (error: NodeJS.ErrnoException) => breakOff(`answer cut: ${error.code ?? error.message}`));
  incoming.on("end", () => whole({ status: incoming.statusCode ?? 0, body: "", streamed: true }));
}

function readWhole(
  incoming: IncomingMessage,
  breakOff: (why: string) => void,
  whole: (response: BackendResponse) => void,
): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  incoming.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > ANSWER_LIMIT_BYTES) breakOff(`answer longer than ${ANSWER_LIMIT_BYTES} bytes`);
  });
  incoming.on("error", (error: NodeJS.ErrnoException) => breakOff(`answer cut: ${error.code ?? error.message}`));
  incoming.on("end", () => {
    const waitMs = retryAfterMs(incoming.headers["retry-after"], Date.now());
    const body = Buffer.concat(chunks, bytes).toString("utf8");
    const status = incoming.statusCode ?? 0;
    whole(waitMs === undefined ? { status, body } : { status, body, retryAfterMs: waitMs });
  });
}
