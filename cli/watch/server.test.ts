/** The live page's server as browsers, other programs and other sites meet it, over real sockets. */
import { once } from "node:events";
import { get, type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { UsageError } from "../../harness/errors.ts";
import type { LiveEvent } from "../../harness/live.ts";
import { frame, LiveServer } from "./server.ts";
import { begin, campaign, secondAt } from "./testing/scripted-campaign.ts";

const finished: LiveEvent = { e: "finished", report: null, says: "Finished." };
const started: LiveServer[] = [];
afterEach(() => {
  for (const server of started.splice(0)) server.close(finished);
});

async function serve(beatEveryMs?: number): Promise<LiveServer> {
  const server = await LiveServer.start("<h1>live</h1>", 0, beatEveryMs);
  started.push(server);
  return server;
}

/** Opens the stream; `text` grows as it is read. */
async function listen(server: LiveServer) {
  const asked = get(`${server.url}events`);
  const [response] = (await once(asked, "response")) as [IncomingMessage];
  const stream = { text: "", response, ended: once(response, "close") };
  response.setEncoding("utf8").on("data", (piece: string) => {
    stream.text += piece;
  });
  response.on("error", () => undefined);
  return stream;
}

const eventsIn = (text: string): LiveEvent[] =>
  text.split("\n\n").flatMap((block) => (block.startsWith("data: ") ? [JSON.parse(block.slice(6))] : []));

/** Status of a request with these headers. */
async function statusOf(server: LiveServer, headers: Record<string, string>, method = "GET"): Promise<number> {
  const asked = request({ host: "127.0.0.1", port: server.port, path: "/events", method, headers });
  asked.end();
  const [response] = (await once(asked, "response")) as [IncomingMessage];
  response.destroy();
  return response.statusCode ?? 0;
}

describe("the stream", () => {
  it("an event is one line of JSON and a blank one, whatever is in it", () => {
    expect(frame({ e: "note", says: "a\n\nb: \u2028 <c>" })).toBe(
      'data: {"e":"note","says":"a\\n\\nb: \u2028 <c>"}\n\n',
    );
  });

  it("who comes late is told everything of the running trial, then each event as it happens, then the end", async () => {
    const server = await serve();
    for (const event of [campaign, begin("1"), secondAt(0)]) server.publish(event);
    const stream = await listen(server);
    expect(stream.response.headers["content-type"]).toBe("text/event-stream; charset=utf-8");
    await expect.poll(() => eventsIn(stream.text)).toEqual([campaign, begin("1"), secondAt(0)]);
    expect(stream.text.startsWith("retry: 1000\n\n")).toBe(true);
    server.publish(secondAt(1));
    server.close(finished);
    await stream.ended;
    expect(eventsIn(stream.text)).toEqual([campaign, begin("1"), secondAt(0), secondAt(1), finished]);
  });

  it("silence is broken by comments, so that dead connections are noticed", async () => {
    const stream = await listen(await serve(20));
    await expect.poll(() => stream.text).toContain("\n\n: still here\n\n: still here\n\n");
    expect(eventsIn(stream.text)).toEqual([]);
  });

  it("who does not read is cut off, and the others are told everything", async () => {
    const server = await serve();
    const deaf = connect(server.port, "127.0.0.1");
    deaf.on("error", () => undefined).pause();
    deaf.write(`GET /events HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\n\r\n`);
    const reader = await listen(server);
    await expect.poll(() => server.pages).toBe(2);
    const large: LiveEvent = { e: "note", says: "x".repeat(256 * 1024) };
    let sent = 0;
    while (server.pages === 2 && sent < 400) {
      server.publish(large);
      sent += 1;
      await new Promise((done) => setImmediate(done));
    }
    expect(server.pages).toBe(1);
    await expect.poll(() => eventsIn(reader.text).length, { timeout: 10_000 }).toBe(sent);
    deaf.destroy();
  });

  it("there is an end to how many pages are served, and certificates are told how many there were", async () => {
    const server = await serve();
    const streams = await Promise.all(Array.from({ length: 17 }, () => listen(server)));
    expect(streams.map(({ response }) => response.statusCode).sort()).toEqual([...Array(16).fill(200), 503]);
    expect(server.takeMostOpen()).toBe(16);
    for (const { response } of streams) response.destroy();
    await expect.poll(() => server.pages).toBe(0);
    expect([server.takeMostOpen(), server.takeMostOpen()]).toEqual([16, 0]);
  });
});

describe("who is answered", () => {
  it("the page comes with a policy that lets it ask nobody else", async () => {
    const server = await serve();
    const response = await fetch(server.url);
    expect(await response.text()).toBe("<h1>live</h1>");
    expect(response.headers.get("content-security-policy")).toMatch(
      /^default-src 'none';.*connect-src 'self';.*frame-ancestors 'none'$/,
    );
    expect((await fetch(`${server.url}elsewhere`)).status).toBe(404);
  });

  it("a name that was rebound to 127.0.0.1, another site's page and any other method are refused", async () => {
    const server = await serve();
    const { port } = server;
    expect(await statusOf(server, { host: `127.0.0.1:${port}` })).toBe(200);
    expect(await statusOf(server, { host: `localhost:${port}`, origin: `http://localhost:${port}` })).toBe(200);
    expect(await statusOf(server, { host: `evil.example:${port}` })).toBe(403);
    expect(await statusOf(server, { host: `127.0.0.1:${port + 1}` })).toBe(403);
    expect(await statusOf(server, { host: `127.0.0.1:${port}`, origin: "http://evil.example" })).toBe(403);
    expect(await statusOf(server, { host: `127.0.0.1:${port}` }, "POST")).toBe(405);
  });

  it("a port that is taken is refused in a sentence", async () => {
    const { port } = await serve();
    const second = LiveServer.start("", port);
    await expect(second).rejects.toThrow(UsageError);
    await expect(second).rejects.toThrow(`Port ${port} on 127.0.0.1, wanted for the live page, is taken.`);
  });
});
