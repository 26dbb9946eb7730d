import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { readAsk, readToolUse, saidIn } from "./conversation.ts";
import { Wire } from "./wire.ts";

const endings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

/** A relay before a server that answers as told. */
async function wireTo(answer: (incoming: IncomingMessage, response: ServerResponse) => void): Promise<Wire> {
  const server = createServer(answer);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  endings.push(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });
  const wire = await Wire.start((server.address() as AddressInfo).port, () => {});
  endings.push(() => wire.stop());
  return wire;
}

const post = (wire: Wire, path: string, body: string, signal?: AbortSignal): Promise<Response> =>
  fetch(`http://127.0.0.1:${wire.port}${path}`, { method: "POST", body, ...(signal && { signal }) });

describe("the wire", () => {
  it("passes on method, path, headers and bytes, and writes both sides down", async () => {
    const wire = await wireTo(async (incoming, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
      response.writeHead(418, { "retry-after": "1" });
      response.end(`${incoming.method} ${incoming.url} ${Buffer.concat(chunks)}`);
    });
    const response = await post(wire, "/i/12/tools/save", '{"ä" :1}');
    expect([response.status, response.headers.get("retry-after"), await response.text()]).toEqual([
      418,
      "1",
      'POST /i/12/tools/save {"ä" :1}',
    ]);
    expect(wire.exchanges).toHaveLength(1);
    expect(wire.exchanges[0]).toMatchObject({ incarnation: 12, path: "/tools/save", status: 418, state: "whole" });
    expect(wire.exchanges[0]?.body.toString()).toBe('{"ä" :1}');
  });

  it("passes pieces on as they come", async () => {
    const gate = Promise.withResolvers<void>();
    const wire = await wireTo((_, response) => {
      response.write("first");
      void gate.promise.then(() => response.end("second"));
    });
    const reader = (await post(wire, "/i/1/v1/chat/completions", "")).body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe("first");
    expect(wire.exchanges[0]?.state).toBe("open");
    gate.resolve();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe("second");
  });

  it("breaks off where the World breaks off", async () => {
    const wire = await wireTo((_, response) => {
      response.write("half", () => response.socket?.resetAndDestroy());
    });
    await expect(post(wire, "/i/1/v1/chat/completions", "").then((response) => response.text())).rejects.toThrow();
    expect(wire.exchanges[0]?.state).toBe("broken");
  });

  it("lets the World see that the runtime has left", async () => {
    const left = Promise.withResolvers<void>();
    const wire = await wireTo((_, response) => response.once("close", () => left.resolve()));
    const asked = request({ port: wire.port, host: "127.0.0.1", method: "POST", path: "/i/1/tools/x" });
    asked.on("error", () => {});
    asked.end("{}");
    await vi.waitFor(() => expect(wire.exchanges).toHaveLength(1));
    asked.destroy();
    await left.promise;
    expect(wire.exchanges[0]?.state).toBe("left");
  });

  it("withholds what it is told to, and writes it down all the same", async () => {
    const wire = await wireTo((_, response) => response.end("done"));
    wire.withhold = ({ path }) => path === "/tools/x";
    const stop = new AbortController();
    const lost = post(wire, "/i/1/tools/x", "{}", stop.signal).then(
      () => "answered",
      () => "nothing",
    );
    await vi.waitFor(() => expect(wire.exchanges[0]?.state).toBe("whole"));
    expect(await (await post(wire, "/i/1/tools/y", "{}")).text()).toBe("done");
    stop.abort();
    expect(await lost).toBe("nothing");
  });
});

const exchange = (path: string, body: unknown, answer = "") => ({
  incarnation: 1,
  path,
  headers: {},
  body: Buffer.from(JSON.stringify(body)),
  askedMs: 0,
  status: 200,
  pieces: [Buffer.from(answer)],
  heardMs: 0,
  state: "whole" as const,
});

describe("what the bytes say", () => {
  const input = "D_s1_2_0_0_0_m please";
  const assistant = {
    role: "assistant",
    content: null,
    tool_calls: [{ id: "a", function: { name: "x", arguments: "{" } }],
  };
  const messages = [
    { role: "system", content: "be kind" },
    { role: "user", content: [{ type: "text", text: input }] },
    assistant,
    { role: "tool", tool_call_id: "a", content: "done" },
  ];

  it("names session, turn and step of a model request by the newest input", () => {
    const ask = readAsk(exchange("/v1/chat/completions", { stream: true, messages }));
    expect(ask).toMatchObject({ session: "s1", turn: 2, step: 2, streams: true });
    expect(ask?.messages.map(({ role, text }) => [role, text])).toEqual([
      ["user", input],
      ["assistant", ""],
      ["tool", "done"],
    ]);
  });

  it.each([
    [
      "the newest input is no marked one",
      "/v1/chat/completions",
      { messages: [...messages, { role: "user", content: "A title?" }] },
    ],
    ["the body is no object", "/v1/chat/completions", 7],
    ["the path is another one", "/v1/models", { messages }],
  ])("belongs to no turn when %s", (_what, path, body) => {
    expect(readAsk(exchange(path, body))).toBeUndefined();
  });

  it("knows a tool request by the mark in its arguments", () => {
    const use = readToolUse(exchange("/tools/x", { mark: input.slice(0, -7) }));
    expect(use).toMatchObject({ name: "x", marker: { session: "s1", turn: 2 } });
    expect(readToolUse(exchange("/tools/x", {}))).toBeUndefined();
  });

  it("puts a streamed answer together, and reads a whole one", () => {
    const delta = (value: object): string => `data: ${JSON.stringify({ choices: [{ delta: value }] })}\n\n`;
    const streamed = [
      delta({ content: "wa" }),
      delta({ content: "it" }),
      delta({ tool_calls: [{ index: 0, id: "a", function: { name: "x", arguments: "" } }] }),
      delta({ tool_calls: [{ index: 0, function: { arguments: "{" } }] }),
      "data: [DONE]\n\n",
    ].join("");
    const expected = { text: "wait", calls: [{ id: "a", name: "x", arguments: "{" }] };
    expect(saidIn(exchange("", "", streamed))).toEqual(expected);
    const whole = JSON.stringify({ choices: [{ message: { ...assistant, content: "wait" } }] });
    expect(saidIn(exchange("", "", whole))).toEqual(expected);
  });
});
