import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { CONTRACT_MAPPING } from "../harness/driver/mapping.ts";
import { cannonLoad } from "./cannon.ts";
import { TOKENS, TURNS_OF_A_SESSION } from "./turn-load.ts";

const RIGHT = JSON.stringify({ output: TOKENS.join("") });
const ENOUGH = 40;

let server: Server | null = null;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

interface Met {
  readonly session: string;
  readonly turn: number;
}

/** Loads a server until it has been asked often enough; the paths are in the order in which they came. */
async function load(connections: number, answer: (asked: number, response: ServerResponse) => void) {
  const met: Met[] = [];
  const { promise: enough, resolve } = Promise.withResolvers<void>();
  const respond = (request: IncomingMessage, response: ServerResponse): void => {
    request.resume();
    request.on("end", () => {
      const [, session = "", turn = ""] = /^\/sessions\/(\w+)\/turns\/(\d+)$/.exec(request.url ?? "") ?? [];
      met.push({ session, turn: Number(turn) });
      if (met.length === ENOUGH) resolve();
      answer(met.length, response);
    });
  };
  server = createServer(respond).listen(0, "127.0.0.1");
  await once(server, "listening");
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const cannon = cannonLoad({ baseUrl, mapping: CONTRACT_MAPPING }, connections);
  await enough;
  cannon.stop();
  await cannon.done;
  return { cannon, met };
}

describe("the closed loop", () => {
  it("takes the turns of a session in order, eight of each, on every connection its own", async () => {
    const { cannon, met } = await load(3, (_asked, response) => response.end(RIGHT));
    expect(cannon.errors).toEqual([]);
    expect(cannon.tookMs).toHaveLength(met.length);
    expect(cannon.tookMs.every((ms) => ms > 0)).toBe(true);
    const sessions = [...Map.groupBy(met, ({ session }) => session).values()].map((turns) =>
      turns.map(({ turn }) => turn),
    );
    expect(sessions.length).toBeGreaterThanOrEqual(ENOUGH / TURNS_OF_A_SESSION);
    for (const turns of sessions) expect(turns).toEqual(turns.map((_turn, index) => index + 1));
    expect(Math.max(...sessions.map((turns) => turns.length))).toBe(TURNS_OF_A_SESSION);
  });

  it("never asks more at once than it has connections, and leaves nothing under way at its end", async () => {
    let [pending, most] = [0, 0];
    await load(4, (_asked, response) => {
      most = Math.max(most, ++pending);
      setImmediate(() => {
        pending--;
        response.end(RIGHT);
      });
    });
    expect(most).toBeLessThanOrEqual(4);
    expect(pending).toBe(0);
  });

  it.each<[string, number, string, string]>([
    ["another status", 500, RIGHT, "A turn was answered with 500"],
    ["another answer", 200, JSON.stringify({ output: "word0" }), 'A turn was answered with 200 {"output":"word0"}'],
    ["a failed turn", 200, JSON.stringify({ failed: { code: "model_refused" } }), "model_refused"],
  ])("counts %s as an error and no turn, and leaves that session", async (_what, status, body, says) => {
    const wrongAt = 5;
    const { cannon, met } = await load(1, (asked, response) => {
      response.statusCode = asked === wrongAt ? status : 200;
      response.end(asked === wrongAt ? body : RIGHT);
    });
    expect(cannon.errors).toHaveLength(1);
    expect(cannon.errors[0]).toContain(says);
    expect(cannon.tookMs).toHaveLength(met.length - 1);
    expect(met[wrongAt]?.turn).toBe(1);
    expect(met[wrongAt]?.session).not.toBe(met[wrongAt - 1]?.session);
  });

  it("notices a connection that ends without an answer, although autocannon connects anew", async () => {
    const { cannon, met } = await load(1, (asked, response) => {
      if (asked === 5) response.socket?.end();
      else response.end(RIGHT);
    });
    expect(cannon.errors).toEqual(["The connection was lost before a turn was answered."]);
    expect(cannon.tookMs).toHaveLength(met.length - 1);
  });
});
