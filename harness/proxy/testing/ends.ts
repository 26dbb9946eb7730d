/** Both ends of a path for tests: a server that records or echoes, and clients that say what they saw. Everything ends with the test. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** A server on 127.0.0.1 that hands out its sockets as they are accepted. */
export interface TestServer {
  readonly port: number;
  readonly sockets: Socket[];
  /** The next socket that is accepted. */
  next(): Promise<Socket>;
}

/** @param echo whether what comes is sent back; otherwise sockets are left paused */
export async function testServer(echo: boolean): Promise<TestServer> {
  const sockets: Socket[] = [];
  const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: !echo }, (socket) => {
    sockets.push(socket);
    socket.on("error", () => undefined);
    if (echo) socket.pipe(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return {
    port: (server.address() as AddressInfo).port,
    sockets,
    next: async () => ((await once(server, "connection")) as [Socket])[0],
  };
}

/** Resolves when a socket has closed, with "end" or the code of its error. */
export function closingOf(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let code = "end";
    socket.on("error", (error: NodeJS.ErrnoException) => {
      code = error.code ?? error.message;
    });
    socket.once("close", () => resolve(code));
  });
}

/** What a client has seen of its connection so far. */
export interface TestClient {
  readonly socket: Socket;
  /** Resolves with everything read so far once it is this long. */
  read(bytes: number): Promise<string>;
  /** Resolves with how the connection closed: "end" or an error code. */
  readonly closed: Promise<string>;
}

export function testClient(port: number): TestClient {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  onTestFinished(() => void socket.destroy());
  let text = "";
  let look = (): void => {};
  socket.setEncoding("latin1").on("data", (chunk: string) => {
    text += chunk;
    look();
  });
  return {
    socket,
    closed: closingOf(socket),
    read: (bytes) =>
      new Promise((resolve) => {
        look = () => void (text.length >= bytes && resolve(text));
        look();
      }),
  };
}
