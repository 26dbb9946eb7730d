import { OpenAI } from "openai";
import { describe, expect, it } from "vitest";
import { fingerprint } from "../../identity.ts";
import type { StepFault } from "../../scenario.ts";
import { rawAsk } from "../testing/raw-client.ts";
import { ask, eventsOf, input, SEED, says, type TestWorld, testWorld, untilNoted } from "../testing/test-world.ts";
import { finalText } from "../wording.ts";
import { slowDrip } from "./slow-drip.ts";

const TOKENS = 6;
const under = (fault: StepFault): Promise<TestWorld> => testWorld([says(TOKENS, { fault })]);
const sold = (purchase = 1): string => finalText({ seed: SEED, session: "s1", turn: 1, step: 1, purchase }, TOKENS);

/** What the ordinary client makes of a stream: its text, or the error. */
async function openaiReads({ modelUrl }: TestWorld): Promise<string | Error> {
  const client = new OpenAI({ baseURL: modelUrl, apiKey: "any", maxRetries: 0, logLevel: "off" });
  const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: "user", content: String(input("s1", 1).content) }];
  try {
    let text = "";
    const stream = await client.chat.completions.create({ model: "m", messages, stream: true });
    for await (const { choices } of stream) text += choices[0]?.delta.content ?? "";
    return text;
  } catch (error) {
    return error as Error;
  }
}

const saidOf = (world: TestWorld) => eventsOf(world, "said").map(({ tokens, end, fault }) => [tokens, end, fault]);

describe("a stream that is cut", () => {
  it.each([
    ["event", /\n\n$/],
    ["line", /\n\ndata: [^\n]*"content":"$/],
    ["character", /\n\ndata: [^\n]*"content":" caf\u00c3$/],
  ])("at the %s ends there, in order, and the next attempt is whole", async (where, ends) => {
    const world = await under({ kind: "cut", with: { tokens: 3, where } });
    const client = rawAsk(world, input("s1", 1));
    expect(await client.closed).toBe("end");
    expect(client.tokens).toHaveLength(3);
    expect(client.body).toMatch(ends);
    expect(client.text.endsWith("\r\n0\r\n\r\n")).toBe(true);
    expect(client.body).not.toContain("[DONE]");
    expect(saidOf(world)).toEqual([[3, "fault", "cut"]]);
    expect(await openaiReads(world)).toBe(sold(2));
  });

  it("inside a character leaves bytes that are no UTF-8", async () => {
    const world = await under({ kind: "cut", with: { where: "character", connection: "reset" } });
    const client = rawAsk(world, input("s1", 1));
    expect(await client.closed).toBe("reset");
    const bytes = Buffer.from(client.body, "latin1");
    expect(() => new TextDecoder("utf-8", { fatal: true }).decode(bytes)).toThrow();
    expect(bytes.subarray(0, -1).every((byte) => byte < 0x80)).toBe(true);
  });

  it("at its end marker has all tokens and calls, but no finish_reason and no [DONE]", async () => {
    const fault = { kind: "cut", with: { where: "end-marker" } };
    const world = await testWorld([says(TOKENS, { call: "look_up", fault }), says(1)]);
    const client = rawAsk(world, input("s1", 1));
    await client.closed;
    expect(client.tokens).toHaveLength(TOKENS);
    expect(client.body).toContain('"name":"look_up"');
    expect(client.body).not.toMatch(/"finish_reason":"|\[DONE\]/);
    expect(saidOf(world)).toEqual([[TOKENS, "fault", "cut"]]);
  });

  it("between events passes for a whole answer with the ordinary client, inside a line it does not", async () => {
    const between = await openaiReads(await under({ kind: "cut", with: { tokens: 3 } }));
    expect(typeof between === "string" && sold().startsWith(between) && between.length > 0).toBe(true);
    expect(await openaiReads(await under({ kind: "cut", with: { tokens: 3, where: "line" } }))).toBeInstanceOf(Error);
  });
});

describe("a stream that stalls with pings", () => {
  it("sends comment lines and no token until the client leaves", async () => {
    const world = await under({ kind: "stall-with-pings", with: { tokens: 2, everyMs: 10 } });
    const client = rawAsk(world, input("s1", 1));
    await client.until(({ body }) => body.split(": ping\n\n").length > 4);
    expect(client.tokens).toHaveLength(2);
    expect(client.body).toMatch(/\n\n(: ping\n\n)+$/);
    client.leave();
    await untilNoted(world, "said");
    expect(saidOf(world)).toEqual([[2, "aborted", "stall-with-pings"]]);
    expect(await openaiReads(world)).toBe(sold(2));
  });

  it("before the first token sells nothing", async () => {
    const world = await under({ kind: "stall-with-pings", with: { tokens: 0, everyMs: 10 } });
    const client = rawAsk(world, input("s1", 1));
    await client.until(({ body }) => body.includes(": ping"));
    client.leave();
    await untilNoted(world, "said");
    expect(eventsOf(world, "first")).toEqual([]);
    expect(saidOf(world)).toEqual([[0, "aborted", "stall-with-pings"]]);
  });

  it("for a time goes on to its end, and the ordinary client hears nothing of it", async () => {
    const world = await under({ kind: "stall-with-pings", with: { tokens: 2, everyMs: 10, forMs: 45 } });
    expect(await openaiReads(world)).toBe(sold());
    const [{ t: askedMs } = { t: Number.NaN }] = eventsOf(world, "ask");
    const [{ t: saidMs } = { t: Number.NaN }] = eventsOf(world, "said");
    expect(saidMs - askedMs).toBeGreaterThanOrEqual(5 + (TOKENS - 1) + 45);
    expect(saidOf(world)).toEqual([[TOKENS, "done", "stall-with-pings"]]);
    expect(eventsOf(world, "said")[0]?.h).toBe(fingerprint(sold()));
  });
});

describe("a stream that drips", () => {
  it("waits ever longer between its tokens, up to a limit", () => {
    const action = slowDrip.act({ factor: 2, maxGapMs: 30 });
    const frames = ["a", "b", "c", "d", "e"];
    const stream = { frames, closing: "z", firstTokenMs: 100, gapMs: 5 };
    const pieces = action.does === "distort" ? [...action.pieces(stream)] : [];
    expect(pieces.map(({ afterMs, text }) => `${afterMs}${text}`)).toEqual(["100a", "10b", "20c", "30d", "30e", "0z"]);
  });

  it("comes in pieces of so many bytes, and is whole for the ordinary client", async () => {
    const fault = { kind: "slow-drip", with: { factor: 1, bytes: 100 } };
    const world = await under({ ...fault, attempts: 2 });
    const client = rawAsk(world, input("s1", 1));
    await client.closed;
    expect(client.tokens.join("")).toBe(sold());
    const sizes = client.chunkSizes;
    expect(sizes.at(-1)).toBe(0);
    // The head and the first token are as they should be.
    expect(sizes.slice(2).every((size) => size <= 100)).toBe(true);
    expect(sizes.length).toBeGreaterThan(TOKENS * 2);
    expect(await openaiReads(world)).toBe(sold(2));
    expect(saidOf(world)).toEqual([
      [TOKENS, "done", "slow-drip"],
      [TOKENS, "done", "slow-drip"],
    ]);
  });
});

describe("an answer that is late", () => {
  it("begins so much later and is finished", async () => {
    const world = await under({ kind: "late", with: { delayMs: 60 } });
    expect(await openaiReads(world)).toBe(sold());
    const [{ t: askedMs } = { t: Number.NaN }] = eventsOf(world, "ask");
    const [{ t: firstMs } = { t: Number.NaN }] = eventsOf(world, "first");
    expect(firstMs - askedMs).toBeGreaterThanOrEqual(65);
    expect(saidOf(world)).toEqual([[TOKENS, "done", "late"]]);
  });

  it("has met nobody if the client left before it would have begun", async () => {
    const say = { firstTokenMs: { dist: "constant", value: 5_000 }, tokens: { dist: "constant", value: 1 } } as const;
    const world = await testWorld([{ say, fault: { kind: "late" } }]);
    const client = rawAsk(world, input("s1", 1));
    await untilNoted(world, "ask");
    client.leave();
    await untilNoted(world, "said");
    expect(saidOf(world)).toEqual([[0, "aborted", undefined]]);
  });
});

describe("an event that comes twice", () => {
  it("belongs to what was said if it is a token", async () => {
    const world = await under({ kind: "duplicate-event", with: { token: 2 } });
    const text = await openaiReads(world);
    const [said] = eventsOf(world, "said");
    expect(text).not.toBe(sold());
    expect(said).toMatchObject({ tokens: TOKENS + 1, fault: "duplicate-event", h: fingerprint(String(text)) });
  });

  it("is the same bytes twice, and never the last token", async () => {
    const world = await under({ kind: "duplicate-event", with: { token: 99 } });
    const client = rawAsk(world, input("s1", 1));
    await client.closed;
    const events = client.body.split("\n\n").filter((event) => event.includes('"content":" '));
    expect(events.at(-3)).toBe(events.at(-2));
    expect(events.at(-1)).not.toBe(events.at(-2));
  });

  it.each([{ event: "finish" }, { event: "token" }])(
    "changes nothing if it is the one with the finish_reason, as always where there is one token: %j",
    async (settings) => {
      const world = await testWorld([says(1, { fault: { kind: "duplicate-event", attempts: 2, with: settings } })]);
      const client = rawAsk(world, input("s1", 1));
      await client.closed;
      expect(client.body.split('"finish_reason":"stop"')).toHaveLength(3);
      expect(client.tokens).toHaveLength(1);
      expect(await openaiReads(world)).toBe(finalText({ seed: SEED, session: "s1", turn: 1, step: 1, purchase: 2 }, 1));
      expect(saidOf(world)[0]).toEqual([1, "done", "duplicate-event"]);
    },
  );
});

describe("distortions without a stream", () => {
  it("are an answer at the time at which the stream would have ended", async () => {
    const world = await under({ kind: "slow-drip", with: { factor: 2, maxGapMs: 20 } });
    expect((await ask(world, input("s1", 1))).message.content).toBe(sold());
    const [{ t: askedMs } = { t: Number.NaN }] = eventsOf(world, "ask");
    const [{ t: saidMs } = { t: Number.NaN }] = eventsOf(world, "said");
    // 5 to the first token, then gaps of 2, 4, 8, 16, 20.
    expect(saidMs - askedMs).toBeGreaterThanOrEqual(55);
    expect(saidOf(world)).toEqual([[TOKENS, "done", "slow-drip"]]);
  });
});
