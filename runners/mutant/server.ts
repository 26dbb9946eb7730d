/**
 * A proxy between client and runtime that mutates single exchanges by seed: MUTATION names what it does. It knows requests and
 * responses, and nothing of the runtime behind it, which listens at BACKEND_PORT.
 */
import { createServer, type IncomingMessage, type ServerResponse, request as sendRequest } from "node:http";
import { type Exchange, MUTATIONS, type Mutation, type Reply } from "./mutations.ts";

/** Mutations begin under some load, so that the few turns of a handshake pass unchanged. */
const PASSED_UNCHANGED = 30;

const { BACKEND_PORT, MUTATION = "", PORT_HTTP, SEED = "1" } = process.env;
const mutation: Mutation | undefined = MUTATIONS[MUTATION];
if (MUTATION !== "" && mutation === undefined) throw new Error(`There is no mutation "${MUTATION}".`);
const times = new Map<string, number>();
let exchanges = 0;

/** The same text gives the same value in [0, 1): FNV-1a-32, mixed once more, since it hardly moves for texts that end alike. */
function chanceOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32;
}

async function textOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** One request to the runtime behind. */
function forward({ method, url, headers }: IncomingMessage, body: string): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const { host: _, connection: __, ...passed } = headers;
    const options = { host: "127.0.0.1", port: Number(BACKEND_PORT), method, path: url, headers: passed };
    const outgoing = sendRequest(options, (response) => {
      const retryAfter = response.headers["retry-after"];
      textOf(response).then(
        (text) =>
          resolve({ status: response.statusCode ?? 500, body: text, ...(retryAfter !== undefined && { retryAfter }) }),
        reject,
      );
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

function exchangeOf(request: IncomingMessage, response: ServerResponse, body: string): Exchange {
  const path = `${request.method} ${request.url}`;
  const before = times.get(path) ?? 0;
  times.set(path, before + 1);
  return {
    path,
    chance: chanceOf(`${SEED} ${path}`),
    times: before,
    forward: () => forward(request, body),
    drop() {
      response.socket?.resetAndDestroy();
      return new Promise(() => undefined);
    },
  };
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await textOf(request);
  exchanges += 1;
  const mutate = request.method === "PUT" ? mutation?.put : request.method === "GET" ? mutation?.get : undefined;
  const changes = mutate !== undefined && exchanges > PASSED_UNCHANGED && request.url?.startsWith("/sessions/");
  const reply = changes ? await mutate(exchangeOf(request, response, body)) : await forward(request, body);
  const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(reply.body) };
  const retry = reply.retryAfter === undefined ? {} : { "retry-after": reply.retryAfter };
  response.writeHead(reply.status, { ...headers, ...retry }).end(reply.body);
}

const server = createServer((request, response) => {
  // Whether the runtime behind has read the request is not known: as a connection that breaks.
  answer(request, response).catch(() => response.socket?.destroy());
});
server.requestTimeout = 0;
server.listen({ port: Number(PORT_HTTP), host: "127.0.0.1" });
process.once("SIGTERM", () => process.exit(0));
