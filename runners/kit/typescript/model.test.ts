import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Message } from "./messages.ts";
import { askModel, RETRY_AFTER_MAX_MS } from "./model.ts";
import { beginStream, frame, type Reply, type ScriptedWorld, startWorld, status } from "./scripted-world.ts";

const HELLO: readonly Message[] = [{ role: "user", content: "hello" }];
const IDLE_LIMIT_MS = 150;

let world: ScriptedWorld;
let waits: number[];
const wait = async (ms: number): Promise<void> => {
  waits.push(ms);
};
const ask = () => askModel(HELLO, { wait, idleLimitMs: IDLE_LIMIT_MS });

beforeEach(async () => {
  waits = [];
  world = await startWorld();
});
afterEach(() => world.close());

/** The replies in order, the last one for ever. */
function script(...replies: readonly Reply[]): void {
  world.model = (_, n) => replies[Math.min(n, replies.length) - 1] ?? {};
}

const begun = (rest: (response: Parameters<typeof beginStream>[0]) => void): Reply => {
  return (response) => {
    beginStream(response);
    response.write(frame({ content: "half" }));
    rest(response);
  };
};

const PASSING: readonly (readonly [string, Reply])[] = [
  ["a 429", status(429)],
  ["a 500", status(500)],
  ["a 503", status(503)],
  ["a connection reset before the first byte", (response) => response.destroy()],
  ["a stream without a finish_reason", begun((response) => response.end("data: [DONE]\n\n"))],
  ["a stream that ends without anything", begun((response) => response.end())],
  ["a connection cut after bytes", begun((response) => setImmediate(() => response.destroy()))],
  ["an error event after bytes", begun((response) => response.end('data: {"error":{"message":"overloaded"}}\n\n'))],
  ["an event that is no JSON", begun((response) => response.end("data: {broken\n\n"))],
  ["silence instead of headers", () => undefined],
  ["silence after the headers", (response) => beginStream(response)],
  ["silence after bytes", begun(() => undefined)],
  ["an error status whose body never comes", (response) => response.writeHead(500).flushHeaders()],
];

describe("askModel, where another try may help", () => {
  for (const [what, reply] of PASSING) {
    it(`asks again after ${what}, and nothing of the first try is left`, async () => {
      script(reply, { text: "all is well" });
      expect(await ask()).toEqual({ role: "assistant", content: "all is well" });
      expect(world.asked).toHaveLength(2);
      expect(waits).toHaveLength(1);
    });
  }

  it("waits 0.5 s × 2ⁿ, shortened by chance by a quarter at most", async () => {
    script(
      status(500),
      status(500),
      begun((response) => response.end()),
      status(503),
      { text: "at last" },
    );
    expect(await ask()).toMatchObject({ content: "at last" });
    expect(waits).toHaveLength(4);
    waits.forEach((ms, n) => {
      expect(ms).toBeGreaterThanOrEqual(375 * 2 ** n);
      expect(ms).toBeLessThanOrEqual(500 * 2 ** n);
    });
  });

  it("gives up after four more tries of any kind", async () => {
    script(
      status(500),
      begun((response) => response.end()),
      status(429),
    );
    await expect(ask()).rejects.toMatchObject({ name: "TurnFailed", code: "model_unavailable" });
    expect(world.asked).toHaveLength(5);
    expect(waits).toHaveLength(4);
  });

  it("tries five times where the connection is refused", async () => {
    await world.close();
    await expect(ask()).rejects.toMatchObject({ code: "model_unavailable" });
    expect(waits).toHaveLength(4);
  });
});

describe("askModel and Retry-After", () => {
  const inTwoSeconds = (): string => new Date(Date.now() + 2_000).toUTCString();
  const rows: readonly (readonly [string, string, number, number])[] = [
    ["waits as many seconds as it says", "3", 3_000, 3_000],
    ["waits a fraction of a second", "0.25", 250, 250],
    ["waits until the date that it says", inTwoSeconds(), 0, 2_000],
    ["never waits longer than 30 s", "120", RETRY_AFTER_MAX_MS, RETRY_AFTER_MAX_MS],
    ["does not wait for a moment that has passed", "-5", 0, 0],
    ["waits as without it where it makes no sense", "soon", 375, 500],
  ];
  for (const [what, header, least, most] of rows) {
    it(what, async () => {
      script(status(429, {}, { "retry-after": header }), { text: "ok" });
      await ask();
      expect(waits[0]).toBeGreaterThanOrEqual(least);
      expect(waits[0]).toBeLessThanOrEqual(most);
    });
  }
});

describe("askModel, where another try cannot help", () => {
  const rows: readonly (readonly [string, Reply, string])[] = [
    ["a 400", status(400, { message: "no" }), "model_refused"],
    ["a 401", status(401, { code: "invalid_api_key" }), "model_refused"],
    ["a 404", status(404), "model_refused"],
    ["an overflow of the context", status(400, { code: "context_length_exceeded" }), "context_overflow"],
  ];
  for (const [what, reply, code] of rows) {
    it(`ends the turn as ${code} at ${what}, after one try`, async () => {
      script(reply);
      await expect(ask()).rejects.toMatchObject({ name: "TurnFailed", code });
      expect(world.asked).toHaveLength(1);
    });
  }

  it("ends with the signal's reason, in the middle of an answer, without another try", async () => {
    const stop = new AbortController();
    script(begun(() => stop.abort(new Error("enough"))));
    await expect(askModel(HELLO, { wait, signal: stop.signal })).rejects.toThrow("enough");
    expect(world.asked).toHaveLength(1);
  });

  it("ends with the signal's reason while it waits for the next try", async () => {
    const stop = new AbortController();
    world.model = () => {
      setImmediate(() => stop.abort(new Error("enough")));
      return status(429, {}, { "retry-after": "30" });
    };
    await expect(askModel(HELLO, { signal: stop.signal })).rejects.toBeDefined();
    expect(world.asked).toHaveLength(1);
  });
});

describe("askModel and the answer", () => {
  it("puts the pieces of parallel calls together by index", async () => {
    script((response) => {
      beginStream(response);
      const call = (index: number, more: object) => response.write(frame({ tool_calls: [{ index, ...more }] }));
      response.write(frame({ role: "assistant", content: "Both" }));
      call(1, { id: "b", function: { name: "two", arguments: "" } });
      call(0, { id: "a", function: { name: "one", arguments: '{"x"' } });
      call(1, { function: { arguments: '{"y":2}' } });
      call(0, { function: { arguments: ":1}" } });
      response.end(`${frame({}, "tool_calls")}data: [DONE]\n\n`);
    });
    expect(await ask()).toEqual({
      role: "assistant",
      content: "Both",
      tool_calls: [
        { id: "a", type: "function", function: { name: "one", arguments: '{"x":1}' } },
        { id: "b", type: "function", function: { name: "two", arguments: '{"y":2}' } },
      ],
    });
  });

  it("says null where the model only calls tools", async () => {
    script({ calls: [["save_note", {}]] });
    expect(await ask()).toMatchObject({ content: null, tool_calls: [{ function: { arguments: "{}" } }] });
  });

  it("is patient with bytes that are no events yet", async () => {
    script((response) => {
      beginStream(response);
      const letters = [...frame({ content: "slowly" }, "stop")];
      const timer = setInterval(() => {
        response.write(letters.shift() ?? "");
        if (letters.length > 0) return;
        clearInterval(timer);
        response.end("data: [DONE]\n\n");
      }, IDLE_LIMIT_MS / 30);
    });
    expect(await ask()).toMatchObject({ content: "slowly" });
    expect(waits).toHaveLength(0);
  });
});

describe("askModel and its connections", () => {
  it("sends the conversation as it is, turned to JSON once", async () => {
    let times = 0;
    const content = "zwölf";
    const message = { role: "user", content, toJSON: () => ({ role: "user", content, times: ++times }) } as const;
    await askModel([message], { wait });
    expect(world.asked).toEqual([[{ role: "user", content, times: 1 }]]);
  });

  it("keeps connections alive for answers that come one after another", async () => {
    for (let i = 0; i < 20; i++) await ask();
    expect(world.asked).toHaveLength(20);
    // Not exactly one: the package closes a connection whose last bytes come later than the event "[DONE]".
    expect(world.connections).toBeLessThan(10);
  });

  it("reads MODEL_URL at the time of the call", async () => {
    await ask();
    const other = await startWorld();
    await ask();
    expect([world.asked.length, other.asked.length]).toEqual([1, 1]);
    await other.close();
  });

  it("carries hundreds of streams side by side", async () => {
    const held: (() => void)[] = [];
    world.model = () =>
      new Promise((resolve) => {
        held.push(() => resolve({ text: "together" }));
        if (held.length === 300) for (const release of held) release();
      });
    const answers = await Promise.all(Array.from({ length: 300 }, () => askModel(HELLO, { wait })));
    expect(answers.every(({ content }) => content === "together")).toBe(true);
  });
});

describe("askModel, with a listener", () => {
  const heard: (readonly [step: number, text: string | null])[] = [];
  const listener = {
    token: (step: number, text: string) => void heard.push([step, text]),
    restart: (step: number) => void heard.push([step, null]),
  };
  const listen = () => askModel(HELLO, { wait, idleLimitMs: IDLE_LIMIT_MS, listener, step: 3 });
  beforeEach(() => void heard.splice(0));

  it("tells the text as it comes", async () => {
    script({ text: "all is well", calls: [["look", {}]] });
    await listen();
    expect(heard).toEqual([
      [3, "all "],
      [3, "is "],
      [3, "well"],
    ]);
  });

  it("takes back what it told of an answer that broke off, and nothing where it had told nothing", async () => {
    script(
      status(500),
      begun((response) => response.end()),
      { text: "whole" },
    );
    await listen();
    expect(heard).toEqual([
      [3, "half"],
      [3, null],
      [3, "whole"],
    ]);
  });
});
