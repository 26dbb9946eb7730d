import { once } from "node:events";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { UsageError } from "../errors.ts";
import { ephemeralPorts, requireFreePort, takePorts } from "./ports.ts";

test("ports are distinct over several calls and outside the range of outgoing connections", async () => {
  const ports = [...(await takePorts(20)), ...(await takePorts(20))];
  const { low, high } = ephemeralPorts();
  expect(new Set(ports).size).toBe(40);
  expect(ports.filter((port) => port >= low && port <= high)).toEqual([]);
});

test("a port where somebody listens is refused, saying what it was wanted for", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const attempt = requireFreePort(port, 'port "http" of process "server"');
  await expect(attempt).rejects.toThrow(UsageError);
  await expect(attempt).rejects.toThrow(
    `Port ${port} on 127.0.0.1, wanted for port "http" of process "server", is taken.`,
  );
  server.close();
  await once(server, "close");
  await expect(requireFreePort(port, "anything")).resolves.toBeUndefined();
});

test("an address that is none of this machine is refused, named as it was given", async () => {
  const attempt = requireFreePort(4999, "the model", "192.0.2.7");
  await expect(attempt).rejects.toThrow(UsageError);
  await expect(attempt).rejects.toThrow("Nobody can listen on 192.0.2.7, wanted for the model");
});
