import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer, type Server } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { untilReady } from "./readiness.ts";

const never = new AbortController().signal;

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => new Promise<void>((resolve) => void server.close(() => resolve())));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("an address is ready when it answers 200, not when it answers something else", async () => {
  const server = createHttpServer((request, response) => response.writeHead(request.url === "/up" ? 200 : 404).end());
  const at = await listening(server);
  expect(await untilReady(`http://${at}/up`, 5_000, never)).toBe(true);
  expect(await untilReady(`http://${at}/down`, 100, never)).toBe(false);
});

test("a port is ready when it takes connections, whatever it answers", async () => {
  const server = createServer((socket) => socket.destroy());
  const at = await listening(server);
  expect(await untilReady(`tcp://${at}`, 5_000, never)).toBe(true);
});

test("a port that nobody listens on is not ready", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => void server.close(() => resolve()));
  expect(await untilReady(`tcp://127.0.0.1:${port}`, 100, never)).toBe(false);
});
