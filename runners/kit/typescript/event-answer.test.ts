import { connect } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type Agent, type Front, Refused, serve } from "./front.ts";
import type { Listener, TurnResult } from "./messages.ts";

let front: Front;
afterEach(() => front.close());

/** An agent whose one turn is told by the test: what it says, and how it ends. */
async function open() {
  const end = Promise.withResolvers<TurnResult>();
  const begun = Promise.withResolvers<Listener | undefined>();
  const runTurn: Agent["runTurn"] = (_session, _turn, _input, listener) => {
    begun.resolve(listener);
    return end.promise;
  };
  front = await serve({ runtime: "test", version: "1", agent: { runTurn }, port: 0 });
  const listener = async (): Promise<Listener> => {
    const given = await begun.promise;
    if (given === undefined) throw new Error("the agent was given no listener");
    return given;
  };
  return { end, begun: begun.promise, listener };
}

const ask = (accept = "text/event-stream"): Promise<Response> =>
  fetch(`http://127.0.0.1:${front.port}/sessions/s/turns/1`, {
    method: "PUT",
    headers: { accept },
    body: '{"input":"hi"}',
  });
const token = (step: number, text: string): string => `event: token\ndata: ${JSON.stringify({ step, text })}\n\n`;

describe("a turn whose client reads along", () => {
  it("is told token by token while it runs, then its result", async () => {
    const { end, listener } = await open();
    const asked = ask();
    const { token: tell, restart } = await listener();
    tell(1, "I ");
    const response = await asked;
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/event-stream"]);
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader?.read())?.value).toBe(token(1, "I "));
    restart(1);
    expect((await reader?.read())?.value).toBe('event: restart\ndata: {"step":1}\n\n');
    tell(1, "line\nbreak");
    expect((await reader?.read())?.value).toBe(token(1, "line\nbreak"));
    end.resolve({ output: "line\nbreak" });
    expect((await reader?.read())?.value).toBe('event: result\ndata: {"output":"line\\nbreak"}\n\n');
    expect((await reader?.read())?.done).toBe(true);
  });

  it("may have nothing but a result", async () => {
    const { end } = await open();
    end.resolve({ failed: { code: "model_refused", message: "no" } });
    expect(await (await ask()).text()).toBe(
      'event: result\ndata: {"failed":{"code":"model_refused","message":"no"}}\n\n',
    );
  });

  it("keeps its plain status where nothing was told before it went wrong", async () => {
    const { end, begun } = await open();
    const asked = ask();
    await begun;
    end.reject(new Refused(503, "busy", 3));
    const response = await asked;
    expect([response.status, response.headers.get("retry-after"), await response.json()]).toEqual([
      503,
      "3",
      { error: "busy" },
    ]);
  });

  it("ends in an error event where something was", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const { end, listener } = await open();
    const asked = ask();
    (await listener()).token(1, "well");
    end.reject(new Error("a bug"));
    expect(await (await asked).text()).toBe(`${token(1, "well")}event: error\ndata: {"error":"a bug"}\n\n`);
    logged.mockRestore();
  });

  it("goes on when its client has gone", async () => {
    const { end, listener } = await open();
    const socket = connect(front.port, "127.0.0.1");
    socket.on("error", () => undefined);
    socket.write(
      "PUT /sessions/s/turns/1 HTTP/1.1\r\nhost: x\r\naccept: text/event-stream\r\ncontent-length: 14\r\n\r\n" +
        '{"input":"hi"}',
    );
    const { token: tell } = await listener();
    tell(1, "a");
    socket.destroy();
    await new Promise((closed) => socket.once("close", closed));
    for (let n = 0; n < 100; n++) tell(1, "b".repeat(10_000));
    end.resolve({ output: "c" });
    // Closing waits for the turn; that it ends shows that nothing hangs on the client that left.
    await front.close();
  });

  it("never waits for a client that does not read: pieces are joined, and none is lost", async () => {
    const { end, listener } = await open();
    const asked = ask();
    const { token: tell } = await listener();
    const piece = "0123456789".repeat(1000);
    tell(1, piece);
    const response = await asked;
    for (let n = 0; n < 600; n++) tell(1, piece);
    end.resolve({ output: "done" });
    const events = (await response.text()).split("\n\n").filter((event) => event.startsWith("event: token"));
    const texts = events.map((event) => JSON.parse(event.slice(event.indexOf("{"))).text as string);
    expect(texts.join("")).toBe(piece.repeat(601));
    expect(texts.length).toBeLessThan(300);
  });
});

it("a turn asked for plainly is given no listener", async () => {
  const { end, begun } = await open();
  end.resolve({ output: "hello" });
  expect(await (await ask("application/json")).text()).toBe('{"output":"hello"}');
  expect(await begun).toBeUndefined();
});
