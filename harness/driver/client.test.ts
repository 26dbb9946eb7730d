import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { monotonicMs } from "../clock.ts";
import { type Attempt, type Client, createClient, IDLE_LIMIT_MS } from "./client.ts";
import type { BackendRequest } from "./mapping.ts";
import { type RunningBackend, refusingUrl, startBackend } from "./testing/backend.ts";

const PUT: BackendRequest = {
  method: "PUT",
  path: "/sessions/s/turns/1",
  headers: { "x-a": "1" },
  body: '{"input":"é"}',
};

let backend: RunningBackend | null = null;
let client: Client | null = null;
const exhausted: string[] = [];

afterEach(async () => {
  client?.close();
  await backend?.close();
  backend = null;
});

async function serve(handle: (request: IncomingMessage, response: ServerResponse) => void): Promise<RunningBackend> {
  backend = await startBackend(handle);
  client = createClient(backend.url, monotonicMs, (why) => exhausted.push(why));
  return backend;
}

function attempt(timeoutMs = 5000, own = false, request = PUT): Promise<Attempt> {
  return new Promise((done) => client?.attempt(request, timeoutMs, own, done));
}

describe("an attempt", () => {
  test("sends method, path, headers and body, and brings the whole answer with its stamps", async () => {
    const seen: unknown[] = [];
    await serve((request, response) => {
      let body = "";
      request.on("data", (chunk) => {
        body += chunk;
      });
      request.on("end", () => {
        seen.push([request.method, request.url, request.headers["x-a"], body]);
        response.writeHead(503, { "retry-after": "2" });
        response.write("wait");
        setTimeout(() => response.end(" a bit"), 50);
      });
    });
    const startedMs = monotonicMs();
    const got = await attempt();
    expect(seen).toEqual([["PUT", "/sessions/s/turns/1", "1", '{"input":"é"}']]);
    expect(got).toMatchObject({ kind: "answered", response: { status: 503, body: "wait a bit", retryAfterMs: 2000 } });
    if (got.kind !== "answered") return;
    expect(got.firstByteMs).toBeGreaterThan(startedMs);
    expect(got.endedMs - got.firstByteMs).toBeGreaterThan(30);
  });

  test("on a port where nobody listens is refused", async () => {
    client = createClient(await refusingUrl(), monotonicMs, (why) => exhausted.push(why));
    expect(await attempt()).toMatchObject({ kind: "refused", why: "ECONNREFUSED" });
    expect(exhausted).toEqual([]);
  });

  test.each<[string, (request: IncomingMessage, response: ServerResponse) => void]>([
    ["closed without an answer", (request) => request.socket.destroy()],
    ["reset", (request) => (request.socket as Socket).resetAndDestroy()],
    [
      "cut in the middle of the answer",
      (request, response) => {
        response.writeHead(200, { "content-length": 100 });
        response.write("half", () => request.socket.destroy());
      },
    ],
    [
      "cut in the middle of a stream",
      (request, response) => {
        response.write("data: x\n\n", () => request.socket.destroy());
      },
    ],
  ])("whose connection was %s is lost", async (_, handle) => {
    await serve(handle);
    expect((await attempt()).kind).toBe("lost");
  });

  test("without an answer is lost at its timeout, and its connection is closed", async () => {
    let closed = 0;
    await serve((request) => {
      request.socket.on("close", () => {
        closed += 1;
      });
    });
    const startedMs = monotonicMs();
    expect(await attempt(80)).toMatchObject({ kind: "lost", why: "timeout" });
    expect(monotonicMs() - startedMs).toBeGreaterThanOrEqual(79);
    await expect.poll(() => closed).toBe(1);
  });

  test("whose answer drips past the timeout is lost, too", async () => {
    await serve((_, response) => {
      const drip = setInterval(() => response.write("."), 20);
      response.on("close", () => clearInterval(drip));
    });
    expect(await attempt(100)).toMatchObject({ kind: "lost", why: "timeout" });
  });

  test("under way when the client closes ends as lost", async () => {
    await serve(() => client?.close());
    expect((await attempt()).kind).toBe("lost");
  });
});

describe("connections", () => {
  test("are used again right away", async () => {
    const { connections } = await serve((_, response) => response.end("{}"));
    for (let i = 0; i < 3; i++) await attempt();
    expect(connections()).toBe(1);
  });

  test("of their own are shared with nobody", async () => {
    const { connections } = await serve((_, response) => response.end("{}"));
    await attempt();
    await attempt(5000, true);
    await attempt(5000, true);
    await attempt();
    expect(connections()).toBe(3);
  });

  test("are closed after a second of idleness", async () => {
    let closedMs = 0;
    await serve((request, response) => {
      request.socket.on("close", () => {
        closedMs = monotonicMs();
      });
      response.end("{}");
    });
    const ended = await attempt();
    await expect.poll(() => closedMs, { timeout: 3000 }).toBeGreaterThan(0);
    // Node's socket timers count whole milliseconds and may fire a fraction early.
    expect(closedMs - ended.endedMs).toBeGreaterThan(IDLE_LIMIT_MS - 5);
    expect(closedMs - ended.endedMs).toBeLessThan(IDLE_LIMIT_MS + 500);
  });

  test("that the backend wants closed sooner are not kept longer", async () => {
    const { connections, server } = await serve((_, response) => response.end("{}"));
    server.keepAliveTimeout = 1000;
    await attempt();
    await attempt();
    expect(connections()).toBe(2);
  });

  test("that break when used again say nothing about the turn", async () => {
    let requests = 0;
    await serve((request, response) => {
      requests += 1;
      if (requests === 1) response.end("{}");
      else request.socket.destroy();
    });
    await attempt();
    expect((await attempt()).kind).toBe("lost");
  });
});
