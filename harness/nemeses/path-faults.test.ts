import { expect, test } from "vitest";
import { TrialError } from "../errors.ts";
import { tinyRuntime } from "../processes/testing/tiny-runtime.ts";
import { type TestClient, testClient } from "../proxy/testing/ends.ts";
import { type FaultTarget, NEMESES, nemesisOf, type PathProxy } from "./nemesis.ts";
import { ask, planned, type UnderFault, underFault } from "./testing/under-fault.ts";

const KINDS = ["latency", "bandwidth", "reset", "half-open", "slow-close", "partition"] as const;
const path = "client";

/** Sends a request on a connection that stays open, and waits for the answer's first bytes. */
async function asked(client: TestClient): Promise<void> {
  client.socket.write("GET / HTTP/1.1\r\nHost: here\r\n\r\n");
  await client.read(20);
}

const portOf = (url: string): number => Number(new URL(url).port);

/** A connection of a client that has been used once. */
async function kept({ url }: UnderFault): Promise<TestClient> {
  const client = testClient(portOf(url));
  await asked(client);
  return client;
}

/** Milliseconds until an answer is there. */
async function answeredIn(url: string): Promise<number> {
  const began = performance.now();
  expect(await ask(url, 20_000)).toHaveProperty("env");
  return performance.now() - began;
}

test("latency: answers come later by a round trip, and not after the cure", async () => {
  const { target, url } = await underFault(tinyRuntime());
  const { proof, cure } = await nemesisOf("latency").inject(target, planned({ path, ms: 150, forMs: 0 }));
  expect(proof).toMatch(/^A round trip .* path "client" takes \d{3,} ms; it took [\d.]+ ms before\.$/);
  expect(await answeredIn(url)).toBeGreaterThanOrEqual(298);
  await cure();
  expect(await answeredIn(url)).toBeLessThan(298);
});

test("bandwidth: an answer takes as long as its bytes do, and not after the cure", async () => {
  const { target, url } = await underFault(tinyRuntime({ FILLER: "x".repeat(4_000) }));
  const settings = { path, bytesPerSecond: 10_000, forMs: 0 };
  const { proof, cure } = await nemesisOf("bandwidth").inject(target, planned(settings));
  expect(proof).toMatch(/^4000 of 4000 bytes came through .* in \d{3,} ms; all of them took [\d.]+ ms before\.$/);
  expect(await answeredIn(url)).toBeGreaterThanOrEqual(400);
  await cure();
  expect(await answeredIn(url)).toBeLessThan(400);
});

test("reset: open connections break on both sides, new ones work", async () => {
  const under = await underFault(tinyRuntime());
  const clients = [await kept(under), await kept(under)];
  const { proof, cure } = await nemesisOf("reset").inject(under.target, planned({ path }));
  expect(proof).toMatch(/^2 connections on the path "client" were reset on both sides; /);
  expect(await Promise.all(clients.map(({ closed }) => closed))).toEqual(["ECONNRESET", "ECONNRESET"]);
  await cure();
  await answeredIn(under.url);
});

test("reset with everyMs: connections made meanwhile break as well", async () => {
  const under = await underFault(tinyRuntime());
  await kept(under);
  const { cure } = await nemesisOf("reset").inject(under.target, planned({ path, everyMs: 60, forMs: 200 }));
  const later = await kept(under);
  await Promise.all([cure(), later.closed.then((how) => expect(how).toBe("ECONNRESET"))]);
});

test("reset and half-open are missed where no connection is open", async () => {
  const { target } = await underFault(tinyRuntime());
  for (const kind of ["reset", "half-open"])
    await expect(nemesisOf(kind).inject(target, planned({ path }))).rejects.toThrow(
      new TrialError('No connection was open on the path "client".'),
    );
});

test("half-open: an old connection is dead and open, a new one works, and the cure resets the old one", async () => {
  const under = await underFault(tinyRuntime());
  const old = await kept(under);
  const before = (await old.read(20)).length;
  const { proof, cure } = await nemesisOf("half-open").inject(under.target, planned({ path, forMs: 0 }));
  expect(proof).toMatch(/^1 connection on the path "client" went dead: /);
  old.socket.write("GET / HTTP/1.1\r\nHost: here\r\n\r\n");
  await answeredIn(under.url);
  expect(old.socket.readyState).toBe("open");
  expect(await old.read(20)).toHaveLength(before);
  await cure();
  expect(await old.closed).toBe("ECONNRESET");
});

/** A client whose answer has come and whose connection the runtime is about to end. */
async function answeredLast(url: string): Promise<TestClient> {
  const client = testClient(portOf(url));
  client.socket.write("GET / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n");
  await client.read(100);
  return client;
}

test("slow-close: an answer comes in time, and the end of its connection late", async () => {
  const { target, url } = await underFault(tinyRuntime());
  const { proof, cure } = await nemesisOf("slow-close").inject(target, planned({ path, ms: 150, forMs: 0 }));
  expect(proof).toMatch(/came \d{3} ms later; it took [\d.]+ ms before\.$/);
  const { closed } = await answeredLast(url);
  const answered = performance.now();
  expect(await closed).toBe("end");
  expect(performance.now() - answered).toBeGreaterThanOrEqual(100);
  await cure();
});

test("slow-close: an end that is held for long is let go by the cure", async () => {
  const { target, url } = await underFault(tinyRuntime());
  const { proof, cure } = await nemesisOf("slow-close").inject(target, planned({ path, ms: 60_000, forMs: 0 }));
  expect(proof).toMatch(/was not there \d{3} ms later; it took [\d.]+ ms before\.$/);
  const client = await answeredLast(url);
  await answeredLast(url);
  expect(client.socket.readyState).toBe("open");
  await cure();
  expect(await client.closed).toBe("end");
});

test("partition, silent: nothing comes through and nobody is told; it comes after the cure", async () => {
  const under = await underFault(tinyRuntime());
  const old = await kept(under);
  const before = (await old.read(20)).length;
  const { proof, cure } = await nemesisOf("partition").inject(under.target, planned({ path, forMs: 0 }));
  expect(proof).toMatch(/got no byte in 250 ms; it took [\d.]+ ms before\. 1 connection had been open\.$/);
  old.socket.write("GET / HTTP/1.1\r\nHost: here\r\n\r\n");
  expect(await ask(under.url, 100)).toBe("silent");
  expect(await old.read(20)).toHaveLength(before);
  await cure();
  expect((await old.read(2 * before)).length).toBeGreaterThanOrEqual(2 * before);
  await answeredIn(under.url);
});

test("partition, refused: old and new connections are reset until the cure", async () => {
  const under = await underFault(tinyRuntime());
  const old = await kept(under);
  const { proof, cure } = await nemesisOf("partition").inject(
    under.target,
    planned({ path, how: "refused", forMs: 0 }),
  );
  expect(proof).toMatch(/was reset after [\d.]+ ms, along with 1 connection that had been open\.$/);
  expect(await old.closed).toBe("ECONNRESET");
  expect(await ask(under.url)).toBe("broken");
  await cure();
  await answeredIn(under.url);
});

/** A target whose proxy does nothing of what it is told. */
function idle(target: FaultTarget): FaultTarget {
  const proxy = target.proxy("client");
  const lazy: PathProxy = { ...proxy, disturb: async () => undefined, reset: async () => 0 };
  return { ...target, proxy: () => lazy };
}

test.each(KINDS)("%s by a proxy that does nothing is missed, not landed", async (kind) => {
  const under = await underFault(tinyRuntime());
  await kept(under);
  const attempt = nemesisOf(kind).inject(idle(under.target), planned({ path }));
  await expect(attempt).rejects.toThrow(TrialError);
  await answeredIn(under.url);
});

test.each(KINDS)("%s on a path without a proxy is missed", async (kind) => {
  const { target } = await underFault(tinyRuntime());
  await expect(nemesisOf(kind).inject(target, planned({ path: "tools" }))).rejects.toThrow(
    /no proxy on the path "tools"/,
  );
});

test("each fault of a path says which proxy it needs", () => {
  for (const kind of KINDS) {
    expect(NEMESES[kind]?.needs?.(planned({ path: "tools" }))).toEqual({ proxies: ["tools"] });
    expect(NEMESES[kind]?.needs?.(planned())).toEqual({ proxies: ["model"] });
  }
});
