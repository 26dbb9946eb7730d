/** Real backends on 127.0.0.1 for tests of what happens on the wire. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";

/** A server and the address by which the driver reaches it. */
export interface RunningBackend {
  readonly url: string;
  readonly server: Server;
  /** Connections accepted so far. */
  connections(): number;
  close(): Promise<void>;
}

/** Starts an HTTP server with this handler on a free port. */
export async function startBackend(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<RunningBackend> {
  let connections = 0;
  const server = createServer(handle);
  server.on("connection", () => {
    connections += 1;
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    server,
    connections: () => connections,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

/** Answers a turn under the contract. */
export function answerTurn(response: ServerResponse, output = "fine"): void {
  const body = JSON.stringify({ output });
  response.writeHead(200, { "content-type": "application/json", "content-length": body.length }).end(body);
}

/** An address where nobody listens: the port was free a moment ago. */
export async function refusingUrl(): Promise<string> {
  const server = createTcpServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((done) => server.close(() => done()));
  return `http://127.0.0.1:${port}`;
}
