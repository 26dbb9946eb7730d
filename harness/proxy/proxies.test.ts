import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { TrialError } from "../errors.ts";
import { isAlive, readProcess } from "../processes/process-table.ts";
import { scratchFolder } from "../processes/testing/scratch.ts";
import { addressOf, Proxies, through } from "./proxies.ts";
import { testClient, testServer } from "./testing/ends.ts";

async function proxies(port: number): Promise<Proxies> {
  const logFile = join(scratchFolder(), "proxy.log");
  const target = { host: "127.0.0.1", port };
  const started = await Proxies.start({ paths: { client: target, model: target }, logFile, cores: null });
  onTestFinished(async () => void (await started.process.stop()));
  return started;
}

test("one process stands in all paths, each disturbed for itself", async () => {
  const running = await proxies((await testServer(true)).port);
  const { client = 0, model = 0 } = running.ports;
  expect(client).not.toBe(model);
  await running.on("client").disturb({ refuse: true });
  expect((await running.on("client").probe({ bytes: 1, withinMs: 5_000 })).how).toBe("reset");
  const talk = testClient(model);
  talk.socket.write("hello");
  expect(await talk.read(5)).toBe("hello");
  expect(await running.on("model").seen()).toEqual({ opened: 1, open: 1, bytes: 10 });
  expect(await running.on("model").reset()).toBe(1);
  expect(await talk.closed).toBe("ECONNRESET");
  await running.on("client").disturb(null);
  expect((await running.on("client").probe({ bytes: 3, withinMs: 5_000 })).how).toBe("answered");
});

test("a path without a proxy is a trial's error", async () => {
  const running = await proxies(1);
  expect(() => running.on("database")).toThrow(TrialError);
  expect(() => running.on("database")).toThrow(/no proxy on the path "database"/);
});

test("a proxy that dies says so to whoever waits, and the process ends when it is stopped", async () => {
  const running = await proxies((await testServer(true)).port);
  const row = readProcess(running.process.pid);
  await running.on("model").disturb({ silent: true });
  const asked = running.on("model").probe({ bytes: 1, withinMs: 60_000 });
  await running.process.stop();
  await expect(asked).rejects.toThrow("The proxy process has ended.");
  expect(row !== undefined && isAlive(row)).toBe(false);
});

test("addresses are read from URLs and written back by way of the proxy", () => {
  expect(addressOf("postgres://me@db.example/app")).toEqual({ host: "db.example", port: 5432 });
  expect(addressOf("http://[::1]:8080/v1")).toEqual({ host: "::1", port: 8080 });
  expect(through("postgres://derby@127.0.0.1:5555/postgres?a=b", 77)).toBe(
    "postgres://derby@127.0.0.1:77/postgres?a=b",
  );
});
