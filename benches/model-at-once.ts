/**
 * A model for benches of runners: it streams like the World, in the same frames, but all at once and at next to no cost. It lives
 * in the bench's own process, since a World beside it would be busier than the fastest of runners.
 */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { ChunkWriter, completionId } from "../harness/world/chunks.ts";
import type { WrittenCall } from "../harness/world/wording.ts";

/** As the harness's runners set it; hundreds of connections may come at once. */
const BACKLOG = 4096;
/** Longer than any bench, so that it is never the model that closes a connection which a runtime keeps. */
const KEEP_ALIVE_MS = 3_600_000;

export interface ModelAtOnce {
  readonly port: number;
  close(): Promise<void>;
}

/** The events of one completion, for sending again and again. @param tokens must need no JSON escapes */
export function completionEvents(tokens: readonly string[], calls: readonly WrittenCall[] = []): Buffer {
  const envelope = { id: completionId(...tokens), created: 1_700_000_000, model: "any", usage: false };
  const chunks = new ChunkWriter(envelope);
  const content = tokens.map((token) => chunks.contentHead + token + chunks.contentTail);
  const end = chunks.calls(calls) + chunks.finish(calls.length > 0 ? "tool_calls" : "stop") + ChunkWriter.done;
  return Buffer.from(chunks.opening() + content.join("") + end);
}

/** Starts it on a loopback port of its own. @param answer gives the events for the body of a request */
export async function startModelAtOnce(answer: (body: Buffer) => Buffer): Promise<ModelAtOnce> {
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" });
      response.end(answer(Buffer.concat(pieces)));
    });
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.listen(0, "127.0.0.1", BACKLOG);
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
