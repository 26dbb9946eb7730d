import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type Agent, type Front, Refused, serve } from "./front.ts";
import type { TurnResult } from "./messages.ts";

let front: Front;
afterEach(() => front.close());

async function open(agent: Partial<Agent>): Promise<void> {
  const runTurn = async (_session: string, _turn: string, input: string): Promise<TurnResult> => ({ output: input });
  front = await serve({ runtime: "test", version: "1", agent: { runTurn, ...agent }, port: 0 });
}

const at = (path: string): string => `http://127.0.0.1:${front.port}${path}`;
const put = (path = "/sessions/s/turns/1", body: unknown = { input: "hi" }): Promise<Response> => {
  return fetch(at(path), { method: "PUT", body: typeof body === "string" ? body : JSON.stringify(body) });
};

/** A turn that ends when the test says so. */
function heldTurn() {
  const { promise, resolve } = Promise.withResolvers<TurnResult>();
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const runTurn = vi.fn(() => {
    begin();
    return promise;
  });
  return { runTurn, begun, end: () => resolve({ output: "late" }) };
}

describe("the front, asked for a turn", () => {
  it("hands over the ids as they were meant, and answers with the output alone", async () => {
    const runTurn = vi.fn(async () => ({ turn: "7", input: "hi", output: "hello" }));
    await open({ runTurn });
    const response = await put("/sessions/a%2Fb/turns/%C3%BC");
    expect([response.status, await response.text()]).toEqual([200, '{"output":"hello"}']);
    expect(runTurn).toHaveBeenCalledWith("a/b", "ü", "hi");
  });

  it("answers a failed turn with 200", async () => {
    await open({ runTurn: async () => ({ failed: { code: "model_refused", message: "no" } }) });
    const response = await put();
    expect([response.status, await response.json()]).toEqual([
      200,
      { failed: { code: "model_refused", message: "no" } },
    ]);
  });

  const THROWN: readonly (readonly [string, Error, number, string | null])[] = [
    ["409 where the agent refuses so", new Refused(409, "other input"), 409, null],
    ["503 and Retry-After where it is overloaded", new Refused(503, "busy", 3), 503, "3"],
    ["500, never 503, where nobody knows", new Error("bug"), 500, null],
  ];
  for (const [what, error, code, retryAfter] of THROWN) {
    it(`answers ${what}`, async () => {
      const logged = vi.spyOn(console, "error").mockImplementation(() => undefined);
      await open({ runTurn: () => Promise.reject(error) });
      const response = await put();
      expect([response.status, response.headers.get("retry-after")]).toEqual([code, retryAfter]);
      expect(await response.json()).toEqual({ error: error.message });
      logged.mockRestore();
    });
  }

  const long = "x".repeat(64);
  const MALFORMED: readonly (readonly [string, string, unknown])[] = [
    ["a body that is no JSON", "/sessions/s/turns/1", "{"],
    ["no body", "/sessions/s/turns/1", ""],
    ["null", "/sessions/s/turns/1", "null"],
    ["a body without input", "/sessions/s/turns/1", {}],
    ["an input that is no string", "/sessions/s/turns/1", { input: 5 }],
    ["a session id over 64 characters", `/sessions/${long}x/turns/1`, { input: "hi" }],
    ["a turn id over 64 characters", `/sessions/s/turns/${long}x`, { input: "hi" }],
    ["an empty id", "/sessions//turns/1", { input: "hi" }],
    ["an id that is not well encoded", "/sessions/%E0/turns/1", { input: "hi" }],
    ["a body of more than 1 MiB", "/sessions/s/turns/1", { input: "x".repeat(2 ** 20) }],
  ];
  for (const [what, path, body] of MALFORMED) {
    it(`answers ${what} with 400, and does not trouble the agent`, async () => {
      const runTurn = vi.fn();
      await open({ runTurn });
      expect((await put(path, body)).status).toBe(400);
      expect(runTurn).not.toHaveBeenCalled();
    });
  }

  it("accepts ids of 64 characters", async () => {
    await open({});
    expect((await put(`/sessions/${long}/turns/${long}`)).status).toBe(200);
  });

  it("does not cancel a turn whose client is gone", async () => {
    const turn = heldTurn();
    await open({ runTurn: turn.runTurn });
    const socket = connect(front.port, "127.0.0.1");
    socket.write('PUT /sessions/s/turns/1 HTTP/1.1\r\nhost: x\r\ncontent-length: 14\r\n\r\n{"input":"hi"}');
    await turn.begun;
    socket.destroy();
    await once(socket, "close");
    let closed = false;
    const closing = front.close().then(() => {
      closed = true;
    });
    expect(await Promise.race([closing, Promise.resolve("still running")])).toBe("still running");
    expect(closed).toBe(false);
    turn.end();
    await closing;
  });
});

describe("the front, asked for anything else", () => {
  it("lists the finished turns of a session, and 404 for one that is not known", async () => {
    const finished = [{ turn: "1", input: "hi", output: "hello" }];
    await open({ readSession: async (session) => (session === "s" ? finished : undefined) });
    expect(await (await fetch(at("/sessions/s"))).json()).toEqual({ turns: finished });
    expect((await fetch(at("/sessions/t"))).status).toBe(404);
  });

  it("answers 404 to what is not offered", async () => {
    await open({});
    for (const [method, path] of [
      ["GET", "/sessions/s"],
      ["DELETE", "/sessions/s/turns/1"],
      ["PUT", "/sessions/s/turns/1/more"],
      ["PUT", "/sessions/s"],
      ["GET", "/"],
    ] as const) {
      expect((await fetch(at(path), { method })).status, `${method} ${path}`).toBe(404);
    }
  });

  it("is healthy, and takes turns, only once the agent is ready", async () => {
    let ready = false;
    await open({ ready: () => ready, readSession: async () => [] });
    expect((await fetch(at("/healthz"))).status).toBe(503);
    expect((await fetch(at("/sessions/s"))).status).toBe(503);
    const refused = await put();
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1"]);
    ready = true;
    const healthy = await fetch(at("/healthz"));
    expect([healthy.status, await healthy.json()]).toEqual([200, { runtime: "test", version: "1" }]);
    expect((await put()).status).toBe(200);
  });
});

describe("the front, closing", () => {
  it("answers the running turns, accepts no more, and closes the agent last", async () => {
    const turn = heldTurn();
    const order: string[] = [];
    await open({
      runTurn: turn.runTurn,
      close: async () => {
        order.push("agent closed");
      },
    });
    const answered = put().then(async (response) => {
      order.push("answered");
      return response.text();
    });
    await turn.begun;
    const closing = front.close();
    await expect(fetch(at("/healthz"))).rejects.toThrow();
    turn.end();
    expect(await answered).toBe('{"output":"late"}');
    await closing;
    expect(order).toContain("agent closed");
    expect(turn.runTurn).toHaveBeenCalledOnce();
  });

  it("gives up on turns that do not end", async () => {
    const turn = heldTurn();
    await open({ runTurn: turn.runTurn });
    const broken = put().catch(() => "broken");
    await turn.begun;
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const closing = front.close();
    await vi.advanceTimersByTimeAsync(10_000);
    vi.useRealTimers();
    await closing;
    expect(await broken).toBe("broken");
  });
});
