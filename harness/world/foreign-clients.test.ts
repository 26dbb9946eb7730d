import { connect, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { constant } from "../random.ts";
import { eventsOf, input, says, type TestWorld, testWorld, untilNoted } from "./testing/test-world.ts";

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

/** A connection that writes bytes and collects what comes. */
class RawClient {
  text = "";
  closed = false;
  readonly socket: Socket;

  constructor({ world }: TestWorld) {
    this.socket = connect(world.port, "127.0.0.1");
    this.socket.on("data", (piece) => {
      this.text += piece.toString("latin1");
    });
    this.socket.on("close", () => {
      this.closed = true;
    });
    this.socket.on("error", () => {
      this.closed = true;
    });
    sockets.push(this.socket);
  }

  async until(found: (text: string) => boolean): Promise<string> {
    const deadline = performance.now() + 5000;
    while (!found(this.text)) {
      if (performance.now() > deadline) throw new Error(`not within 5 s; so far: ${this.text}`);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return this.text;
  }
}

const chatBody = (session: string, more: object = { stream: true }): string =>
  JSON.stringify({ messages: [input(session, 1)], model: "m", ...more });
const head = (...lines: string[]): string =>
  ["POST /i/1/v1/chat/completions HTTP/1.1", "host: x", ...lines, "", ""].join("\r\n");
const whole = (body: string): string => head(`content-length: ${body.length}`) + body;
const count = (text: string, part: string): number => text.split(part).length - 1;

/** Body of a chunked answer; throws where the framing is wrong. */
function unchunk(text: string): string {
  let body = "";
  for (let at = text.indexOf("\r\n\r\n") + 4; ; ) {
    const end = text.indexOf("\r\n", at);
    const size = Number.parseInt(text.slice(at, end), 16);
    if (!/^[0-9a-f]+$/.test(text.slice(at, end))) throw new Error(`no chunk size at ${at}`);
    body += text.slice(end + 2, end + 2 + size);
    if (text.slice(end + 2 + size, end + 4 + size) !== "\r\n") throw new Error(`chunk at ${at} does not end`);
    at = end + 4 + size;
    if (size === 0) return body;
  }
}

describe("clients of another kind", () => {
  it("get a well-framed stream with the API's headers", async () => {
    const client = new RawClient(await testWorld([says(20)]));
    client.socket.write(whole(chatBody("s1")));
    const text = await client.until((all) => all.endsWith("0\r\n\r\n"));
    const headers = text.slice(0, text.indexOf("\r\n\r\n")).toLowerCase();
    expect(headers).toMatch(/^http\/1\.1 200 ok/);
    expect(headers).toContain("content-type: text/event-stream; charset=utf-8");
    for (const name of ["x-request-id", "openai-processing-ms", "openai-version", "x-ratelimit-remaining-requests"])
      expect(headers).toContain(`${name}: `);
    const events = unchunk(text).split("\n\n");
    expect(events.at(-1)).toBe("");
    expect(events.slice(0, -1).every((event) => event.startsWith("data: "))).toBe(true);
    expect(events.at(-2)).toBe("data: [DONE]");
    expect(count(text, '{"content":"')).toBe(20);
  });

  it("may send the body in chunks, byte by byte, and ask for leave to send it", async () => {
    const world = await testWorld([says(2)]);
    const client = new RawClient(world);
    client.socket.write(head("transfer-encoding: chunked", "expect: 100-continue"));
    await client.until((all) => all.startsWith("HTTP/1.1 100"));
    for (const byte of chatBody("s1")) client.socket.write(`1\r\n${byte}\r\n`);
    client.socket.write("0\r\n\r\n");
    await client.until((all) => all.includes("[DONE]"));
    expect(eventsOf(world, "said")).toMatchObject([{ s: "s1", end: "done" }]);
  });

  it("may use a connection again and again", async () => {
    const world = await testWorld([says(2)]);
    const client = new RawClient(world);
    for (let time = 1; time <= 3; time++) {
      client.socket.write(whole(chatBody("s1", { stream: time !== 2 })));
      await client.until((all) => count(all, "HTTP/1.1 200") === time && /(0\r\n\r\n|"\})$/.test(all));
    }
    expect(eventsOf(world, "said").map(({ p }) => p)).toEqual([1, 2, 3]);
  });

  it("may pipeline: answers come one after the other, and waiting in line is no lateness", async () => {
    const say = { firstTokenMs: constant(1), tokens: constant(100), tokensPerSecond: 200 };
    const world = await testWorld([{ say }]);
    const client = new RawClient(world);
    client.socket.write(whole(chatBody("s1")) + whole(chatBody("s2")) + whole(chatBody("s3", {})));
    const text = await client.until((all) => count(all, "[DONE]") === 2 && all.includes('chat.completion"'));
    const order = ["L_s1_1_", "L_s2_1_", "L_s3_1_"].map((link) => text.indexOf(link));
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(world.world.stats().frameLatenessMs?.max).toBeLessThan(450);
  });

  it("that never stream still show how late the World is: a whole answer counts as one frame", async () => {
    const world = await testWorld([says(3)]);
    const client = new RawClient(world);
    client.socket.write(whole(chatBody("s1", {})));
    await client.until((all) => all.includes('chat.completion"'));
    expect(world.world.stats().frameLatenessMs).toMatchObject({ n: 1 });
  });

  it("of HTTP/1.0 get the stream without chunks, up to the end of the connection", async () => {
    const client = new RawClient(await testWorld([says(3)]));
    const body = chatBody("s1");
    client.socket.write(`POST /v1/chat/completions HTTP/1.0\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    await client.until(() => client.closed);
    expect(client.text).toMatch(/\r\n\r\ndata: \{/);
    expect(client.text).toMatch(/data: \[DONE\]\n\n$/);
  });

  it("that close their side have left: a killed process looks just like that", async () => {
    const say = { firstTokenMs: constant(60_000), tokens: constant(3) };
    const world = await testWorld([{ say }]);
    const client = new RawClient(world);
    client.socket.write(whole(chatBody("s1")));
    await untilNoted(world, "ask");
    client.socket.end();
    expect(await untilNoted(world, "said")).toMatchObject([{ tokens: 0, end: "aborted" }]);
  });

  it("that leave are noted, with the frames that were written", async () => {
    const say = { firstTokenMs: constant(1), tokens: constant(5000), tokensPerSecond: 500 };
    const world = await testWorld([{ say }]);
    const client = new RawClient(world);
    client.socket.write(whole(chatBody("s1")));
    await client.until((all) => count(all, '{"content":"') > 5);
    client.socket.destroy();
    const [said] = await untilNoted(world, "said");
    expect(said).toMatchObject({ end: "aborted", p: 1 });
    expect(said?.tokens).toBeGreaterThanOrEqual(5);
    expect(said?.tokens).toBeLessThan(5000);
  });

  it("that leave before the first token have bought nothing", async () => {
    const say = { firstTokenMs: constant(60_000), tokens: constant(3) };
    const world = await testWorld([{ say }]);
    for (const stream of [true, false]) {
      const client = new RawClient(world);
      client.socket.write(whole(chatBody("s1", { stream })));
      await untilNoted(world, "ask", stream ? 1 : 2);
      client.socket.destroy();
      await untilNoted(world, "said", stream ? 1 : 2);
    }
    expect(eventsOf(world, "said")).toMatchObject([
      { tokens: 0, end: "aborted" },
      { tokens: 0, end: "aborted" },
    ]);
    expect(eventsOf(world, "first")).toEqual([]);
  });

  it("that leave in the middle of their request have asked nothing", async () => {
    const world = await testWorld([says(1)]);
    const client = new RawClient(world);
    client.socket.write(whole(chatBody("s1")).slice(0, -5));
    client.socket.end();
    await client.until(() => client.closed);
    expect(world.events).toEqual([]);
  });
});

describe("what is asked wrongly", () => {
  it.each([
    ["GET", "/v1/chat/completions", 405, "Not allowed"],
    ["POST", "/v1/models", 405, "Not allowed"],
    ["GET", "/i/1/tools/x", 405, "Not allowed"],
    ["POST", "/v1/embeddings", 404, "Invalid URL (POST /v1/embeddings)"],
    ["POST", "/nothing?x=1", 404, "Invalid URL"],
    ["POST", "/i/x/v1/chat/completions", 404, "Invalid URL"],
    ["POST", "/i/1/v1/responses", 404, "chat_completions"],
    ["POST", "/i/1/v1/messages", 404, "chat(model)"],
    ["POST", "/i/1/v1/chat/completions", 400, "could not parse"],
  ])("%s %s is %i", async (method, path, status, said) => {
    const { world } = await testWorld([says(1)]);
    const response = await fetch(`http://127.0.0.1:${world.port}${path}`, { method });
    const text = await response.text();
    expect([response.status, text]).toEqual([status, expect.stringContaining(said)]);
    expect(JSON.parse(text)).toHaveProperty("error.message");
  });

  it("says to Anthropic's clients in their own shape what is spoken here", async () => {
    const { world } = await testWorld([says(1)]);
    const response = await fetch(`http://127.0.0.1:${world.port}/i/1/v1/v1/messages`, { method: "POST", body: "{}" });
    expect(await response.json()).toMatchObject({ type: "error", error: { type: "not_found_error" } });
  });
});
