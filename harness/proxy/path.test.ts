import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { Path } from "./path.ts";
import { closingOf, type TestServer, testClient, testServer } from "./testing/ends.ts";

/** Long enough that a loaded machine does not take it for the undisturbed way. */
const LATENCY_MS = 150;
const SILENCE_MS = 120;
const LIMIT_MS = 20_000;

async function pathTo(server: TestServer): Promise<Path> {
  const path = await Path.listen({ host: "127.0.0.1", port: server.port });
  onTestFinished(() => path.close());
  return path;
}

async function echoed(port: number, text = "hello"): Promise<number> {
  const client = testClient(port);
  const began = performance.now();
  client.socket.write(text);
  expect(await client.read(text.length)).toBe(text);
  client.socket.end();
  return performance.now() - began;
}

test("undisturbed it passes bytes on both ways and counts connections and bytes", async () => {
  const path = await pathTo(await testServer(true));
  const client = testClient(path.port);
  client.socket.write("over there");
  expect(await client.read(10)).toBe("over there");
  expect(path.seen()).toEqual({ opened: 1, open: 1, bytes: 20 });
  client.socket.end();
  expect(await client.closed).toBe("end");
  expect(path.seen()).toMatchObject({ opened: 1, open: 0 });
});

test("a half that is ended leaves the other one open", async () => {
  const server = await testServer(false);
  const path = await pathTo(server);
  const accepted = server.next();
  const client = testClient(path.port);
  client.socket.end("a question");
  const far = await accepted;
  const read: string[] = [];
  far.setEncoding("latin1").on("data", (chunk: string) => read.push(chunk));
  far.resume();
  await once(far, "end");
  far.end("an answer");
  expect(await client.read(9)).toBe("an answer");
  expect(await client.closed).toBe("end");
  expect(read.join("")).toBe("a question");
});

test(
  "a reader that stops reading stops the writer, and gets everything in order later",
  async () => {
    const server = await testServer(false);
    const path = await pathTo(server);
    const accepted = server.next();
    const client = testClient(path.port);
    const far = await accepted;
    const lump = Buffer.alloc(64 * 1024);
    let sent = 0;
    // The kernel's buffers of both sockets take some megabytes; a proxy without back-pressure would take all of it.
    const most = 256 * 2 ** 20;
    let stuck = false;
    while (!stuck && sent < most) {
      sent += lump.length;
      if (client.socket.write(lump.fill(sent % 251))) continue;
      stuck = !(await Promise.race([
        once(client.socket, "drain").then(() => true),
        new Promise<false>((resolve) => setTimeout(resolve, SILENCE_MS, false)),
      ]));
    }
    expect(stuck).toBe(true);
    let received = 0;
    const whole = new Promise<void>((resolve) => {
      far.on("data", (chunk: Buffer) => {
        for (const byte of chunk) {
          if (byte !== ((Math.floor(received / lump.length) + 1) * lump.length) % 251) throw new Error("out of order");
          received += 1;
        }
        if (received === sent) resolve();
      });
    });
    far.resume();
    await whole;
    expect(received).toBe(sent);
  },
  LIMIT_MS,
);

test("latency delays each direction by as much, keeps the order, and is gone when it is taken back", async () => {
  const path = await pathTo(await testServer(true));
  path.disturb({ latencyMs: LATENCY_MS });
  const client = testClient(path.port);
  const began = performance.now();
  for (const word of ["one ", "two ", "three"]) client.socket.write(word);
  expect(await client.read(13)).toBe("one two three");
  expect(performance.now() - began).toBeGreaterThanOrEqual(2 * LATENCY_MS - 2);
  expect((await path.probe({ bytes: 1, withinMs: LIMIT_MS })).ms).toBeGreaterThanOrEqual(2 * LATENCY_MS - 2);
  client.socket.write("!");
  path.disturb(null);
  expect(await client.read(14)).toBe("one two three!");
  // One of them meets no pause of the machine.
  const after: number[] = [];
  for (let probe = 0; probe < 3; probe++) after.push((await path.probe({ bytes: 1, withinMs: LIMIT_MS })).ms);
  expect(Math.min(...after)).toBeLessThan(2 * LATENCY_MS);
});

test("bandwidth is shared by all connections of a direction", async () => {
  const path = await pathTo(await testServer(true));
  path.disturb({ bytesPerSecond: 10_000 });
  const began = performance.now();
  await Promise.all([echoed(path.port, "x".repeat(1_000)), echoed(path.port, "y".repeat(1_000))]);
  // 2,000 bytes at 10,000 a second, and the way back runs beside the way there.
  expect(performance.now() - began).toBeGreaterThanOrEqual(195);
  const seen = await path.probe({ bytes: 1_000, withinMs: LIMIT_MS });
  expect(seen).toMatchObject({ how: "answered", bytes: 1_000 });
  expect(seen.ms).toBeGreaterThanOrEqual(95);
});

test("bytes that wait on a slow link come at once when it is fast again", async () => {
  const path = await pathTo(await testServer(true));
  path.disturb({ bytesPerSecond: 100 });
  const client = testClient(path.port);
  client.socket.write("z".repeat(10_000));
  await client.read(64);
  const began = performance.now();
  path.disturb(null);
  expect(await client.read(10_000)).toHaveLength(10_000);
  expect(performance.now() - began).toBeLessThan(10_000);
});

test("silence lets nothing through and tells nobody; what was sent arrives afterwards", async () => {
  const server = await testServer(false);
  const path = await pathTo(server);
  const accepted = server.next();
  const old = testClient(path.port);
  const far = (await accepted).setEncoding("latin1");
  const told: string[] = [];
  const arrived = new Promise<void>((resolve) => {
    far.on("data", (chunk: string) => {
      told.push(chunk);
      if (told.join("") === "are you there") resolve();
    });
  });
  far.resume();
  path.disturb({ silent: true });
  old.socket.write("are you there");
  const fresh = testClient(path.port);
  await once(fresh.socket, "connect");
  expect(await path.probe({ bytes: 1, withinMs: SILENCE_MS })).toMatchObject({ how: "silent", bytes: 0 });
  expect(told).toEqual([]);
  expect(server.sockets).toHaveLength(1);
  const joined = server.next();
  path.disturb(null);
  await Promise.all([arrived, joined]);
  expect(await path.probe({ bytes: 1, withinMs: LIMIT_MS })).toMatchObject({ how: "answered", bytes: 1 });
});

test("a client that goes away during silence is reported when it is over", async () => {
  const server = await testServer(false);
  const path = await pathTo(server);
  const accepted = server.next();
  const client = testClient(path.port);
  const far = await accepted;
  far.resume();
  let ended = false;
  const told = once(far, "end").then(() => {
    ended = true;
  });
  path.disturb({ silent: true });
  client.socket.destroy();
  await path.probe({ bytes: 1, withinMs: SILENCE_MS });
  expect(ended).toBe(false);
  path.disturb(null);
  await told;
});

test("stale connections are dead without a word, new ones live, and the dead are reset in the end", async () => {
  const server = await testServer(true);
  const path = await pathTo(server);
  const old = testClient(path.port);
  old.socket.write("first");
  await old.read(5);
  path.disturb({ stale: true });
  old.socket.write("second");
  await echoed(path.port);
  expect(await path.probe({ bytes: 1, withinMs: LIMIT_MS })).toMatchObject({ how: "answered" });
  expect(old.socket.readyState).toBe("open");
  expect(await old.read(5)).toBe("first");
  const far = server.sockets.slice(0, 1).map(closingOf);
  path.disturb(null);
  expect(await old.closed).toBe("ECONNRESET");
  expect(await Promise.all(far)).toEqual(["ECONNRESET"]);
});

test("refused connections are reset, those that are open live on", async () => {
  const path = await pathTo(await testServer(true));
  const old = testClient(path.port);
  old.socket.write("a");
  await old.read(1);
  path.disturb({ refuse: true });
  expect(await testClient(path.port).closed).toBe("ECONNRESET");
  expect((await path.probe({ bytes: 1, withinMs: LIMIT_MS })).how).toBe("reset");
  old.socket.write("b");
  expect(await old.read(2)).toBe("ab");
  path.disturb(null);
  await echoed(path.port);
});

test("reset breaks both sides of every open connection and says how many there were", async () => {
  const server = await testServer(true);
  const path = await pathTo(server);
  const clients = [testClient(path.port), testClient(path.port)];
  for (const { socket } of clients) socket.write("a");
  await Promise.all(clients.map((client) => client.read(1)));
  const broken = server.sockets.map(closingOf);
  expect(path.reset()).toBe(2);
  expect(await Promise.all(clients.map(({ closed }) => closed))).toEqual(["ECONNRESET", "ECONNRESET"]);
  expect(await Promise.all(broken)).toEqual(["ECONNRESET", "ECONNRESET"]);
  await echoed(path.port);
});

test("a side that resets is a reset for the other, and so is a target that refuses", async () => {
  const server = await testServer(true);
  const path = await pathTo(server);
  const client = testClient(path.port);
  client.socket.write("a");
  await client.read(1);
  server.sockets[0]?.resetAndDestroy();
  expect(await client.closed).toBe("ECONNRESET");
  path.redirect(1);
  expect(await testClient(path.port).closed).toBe("ECONNRESET");
});

test("ends are passed on late, bytes at once", async () => {
  const path = await pathTo(await testServer(true));
  path.disturb({ closeDelayMs: LATENCY_MS });
  const client = testClient(path.port);
  client.socket.write("a");
  await client.read(1);
  const began = performance.now();
  client.socket.end();
  await client.closed;
  expect(performance.now() - began).toBeGreaterThanOrEqual(2 * LATENCY_MS - 2);
  const { closedMs, ms } = await path.probe({ bytes: 1, withinMs: LIMIT_MS, untilClosed: true });
  expect((closedMs ?? 0) - ms).toBeGreaterThanOrEqual(2 * LATENCY_MS - 2);
});

test("new connections follow a redirection, open ones stay where they are", async () => {
  const [one, two] = [await testServer(true), await testServer(true)];
  const path = await pathTo(one);
  const old = testClient(path.port);
  old.socket.write("a");
  await old.read(1);
  path.redirect(two.port);
  await echoed(path.port);
  old.socket.write("b");
  expect(await old.read(2)).toBe("ab");
  expect([one.sockets.length, two.sockets.length]).toEqual([1, 1]);
});
