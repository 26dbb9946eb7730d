/**
 * Rehearsal: before the load begins, the client goes a few times through what a killed backend does to it, against a small
 * server of its own, so that the first real kill does not meet code that has never run. Its benefit has not been isolated:
 * bursts of lag of 20 to 30 ms after a kill were still seen with it.
 */
import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Clock } from "../clock.ts";
import { createClient } from "./client.ts";

const ROUNDS = 4;
const CONNECTIONS = 200;
/** A rehearsal is never worth waiting for: what has not come by then is left out. */
const ROUND_LIMIT_MS = 2_000;

/** One round: every second request is answered, then all connections are reset. */
function round(baseUrl: string, sockets: ReadonlySet<Socket>, clock: Clock): Promise<void> {
  return new Promise((done) => {
    const client = createClient(baseUrl, clock, () => undefined);
    const end = (): void => {
      clearTimeout(limit);
      client.close();
      done();
    };
    const limit = setTimeout(end, ROUND_LIMIT_MS);
    let left = CONNECTIONS;
    const heard = (): void => {
      left -= 1;
      // Those without an answer are still open when the others have theirs: now the backend dies.
      if (left === CONNECTIONS / 2) for (const socket of sockets) socket.resetAndDestroy();
      if (left === 0) end();
    };
    for (let n = 0; n < CONNECTIONS; n++) {
      const path = n % 2 === 0 ? "/answered" : "/silent";
      client.attempt({ method: "PUT", path, headers: {}, body: "{}" }, ROUND_LIMIT_MS, false, heard);
    }
  });
}

function listening(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}

/** Goes through all rounds. Leaves nothing open. */
export async function rehearse(clock: Clock): Promise<void> {
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    request.resume();
    if (request.url === "/answered") response.end('{"output":"rehearsed"}');
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
  });
  const port = await listening(server);
  try {
    for (let n = 0; n < ROUNDS; n++) await round(`http://127.0.0.1:${port}`, sockets, clock);
  } finally {
    for (const socket of sockets) socket.destroy();
    await new Promise((closed) => server.close(closed));
  }
}
