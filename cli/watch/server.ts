/**
 * The live page's server: one page and one stream of server-sent events, on 127.0.0.1 alone.
 *
 * Promises: it never makes a campaign wait and never keeps the process alive; who reads too slowly is cut off and, as browsers do, comes
 * back for a replay; nobody but this machine is answered, and no other site's page either (a name that was rebound to 127.0.0.1 comes
 * with its own name as Host). Leaves to others: what the page shows (`reports/html/live-page.ts`).
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { LiveEvent } from "../../harness/live.ts";
import { requireFreePort } from "../../harness/processes/ports.ts";
import { LIVE_POLICY } from "../../reports/html/live-page.ts";
import { Replay } from "./replay.ts";

/** More than a whole replay; whoever lets so much lie is too slow. */
const BACKLOG_MOST_BYTES = 4 * 2 ** 20;
const PAGES_MOST = 16;
/** A comment, so that connections that died in silence are noticed. */
const BEAT_EVERY_MS = 15_000;
/** What a browser waits before it comes back. */
const COME_BACK_MS = 1_000;

/** One event as it goes over the wire. */
export const frame = (event: LiveEvent): string => `data: ${JSON.stringify(event)}\n\n`;

const HEADERS = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
} as const;

function refuse(response: ServerResponse, status: number, sentence: string): void {
  response.writeHead(status, { ...HEADERS, "content-type": "text/plain; charset=utf-8" }).end(`${sentence}\n`);
}

/** Why a request is not answered: [status, sentence]; null for one that is. */
export function refusal(
  { method, headers }: Pick<IncomingMessage, "method" | "headers">,
  port: number,
): readonly [number, string] | null {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  if (!hosts.includes(headers.host ?? "")) return [403, `This page is served as ${hosts.join(" and ")} only.`];
  if (headers.origin !== undefined && !hosts.some((host) => headers.origin === `http://${host}`))
    return [403, "Pages of other sites may not read this."];
  if (method !== "GET") return [405, "Only GET is answered."];
  return null;
}

export class LiveServer {
  readonly #server: Server;
  readonly #page: string;
  readonly #replay = new Replay();
  readonly #open = new Set<ServerResponse>();
  readonly #beat: NodeJS.Timeout;
  #mostOpen = 0;
  #port = 0;

  private constructor(page: string, beatEveryMs: number) {
    this.#page = page;
    this.#server = createServer((request, response) => this.#answer(request, response));
    this.#server.on("connection", (socket) => socket.unref());
    this.#beat = setInterval(() => this.#send(": still here\n\n"), beatEveryMs).unref();
  }

  /**
   * Serves a page; resolves when it listens.
   * @param port 0: any free one
   * @throws UsageError when the port is taken
   */
  static async start(page: string, port: number, beatEveryMs = BEAT_EVERY_MS): Promise<LiveServer> {
    if (port !== 0) await requireFreePort(port, "the live page");
    const live = new LiveServer(page, beatEveryMs);
    await new Promise<void>((resolve, reject) => {
      live.#server.once("error", reject);
      live.#server.listen({ port, host: "127.0.0.1", exclusive: true }, resolve);
    });
    live.#port = (live.#server.address() as AddressInfo).port;
    live.#server.removeAllListeners("error").on("error", () => undefined); // no trouble of a page ends a campaign
    live.#server.unref();
    return live;
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/`;
  }

  /** Pages that are open. */
  get pages(): number {
    return this.#open.size;
  }

  /** Most pages open at once since the last call. */
  takeMostOpen(): number {
    const most = this.#mostOpen;
    this.#mostOpen = this.#open.size;
    return most;
  }

  publish(event: LiveEvent): void {
    this.#replay.keep(event);
    this.#send(frame(event));
  }

  /** Says goodbye to every page and waits for none. */
  close(last: LiveEvent): void {
    this.publish(last);
    clearInterval(this.#beat);
    for (const response of this.#open) response.end();
    this.#server.close();
    // What was written is in the kernel's hands by then, where a reader finds it after we have gone.
    setImmediate(() => this.#server.closeAllConnections());
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const refused = refusal(request, this.port);
    if (refused !== null) {
      refuse(response, ...refused);
      return;
    }
    const { pathname } = new URL(request.url ?? "/", "http://127.0.0.1");
    if (pathname === "/") {
      response.writeHead(200, {
        ...HEADERS,
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": `${LIVE_POLICY}; frame-ancestors 'none'`,
      });
      response.end(this.#page);
    } else if (pathname === "/events") this.#stream(response);
    else refuse(response, 404, "There is / and /events.");
  }

  #stream(response: ServerResponse): void {
    if (this.#open.size >= PAGES_MOST) {
      refuse(response, 503, `${PAGES_MOST} pages are open already; close one of them.`);
      return;
    }
    response.writeHead(200, { ...HEADERS, "content-type": "text/event-stream; charset=utf-8" });
    this.#open.add(response);
    this.#mostOpen = Math.max(this.#mostOpen, this.#open.size);
    response.on("close", () => this.#open.delete(response));
    response.on("error", () => response.destroy());
    // A browser that comes back says what it has seen last; it is told everything anew, which is little.
    this.#write(response, `retry: ${COME_BACK_MS}\n\n${this.#replay.events().map(frame).join("")}`);
  }

  #send(text: string): void {
    for (const response of this.#open) this.#write(response, text);
  }

  #write(response: ServerResponse, text: string): void {
    response.write(text);
    if (response.writableLength > BACKLOG_MOST_BYTES) response.destroy();
  }
}
