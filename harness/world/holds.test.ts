import { describe, expect, it, vi } from "vitest";
import type { HoldPoint } from "../history.ts";
import { constant } from "../random.ts";
import type { HoldOrder, HoldReport } from "./holds.ts";
import { type RawClient, rawAsk, rawTool } from "./testing/raw-client.ts";
import {
  ask,
  type ChatMessage,
  eventsOf,
  input,
  resultsFor,
  SEED,
  says,
  type TestWorld,
  testWorld,
  untilNoted,
  useTool,
} from "./testing/test-world.ts";
import { finalText } from "./wording.ts";

const TOKENS = 6;
const SCRIPT = [
  says(TOKENS, { call: "save_note" }),
  { tool: "save_note", takesMs: constant(5), effect: "keyed" },
  says(TOKENS),
] as const;

interface HoldWorld extends TestWorld {
  readonly reports: HoldReport[];
}

/** A World that holds s1 and s2 in their first turn. */
async function holding(at: HoldPoint, more: Partial<HoldOrder> = {}): Promise<HoldWorld> {
  const reports: HoldReport[] = [];
  const world = await testWorld(SCRIPT, {}, { held: (report) => reports.push(report) });
  const members = [
    { s: "s1", n: 1 },
    { s: "s2", n: 1 },
  ];
  world.world.hold({ id: "h", members, step: 1, at, ...more });
  return { ...world, reports };
}

const unheld = (): Promise<TestWorld> => testWorld(SCRIPT);
const bought = async (world: TestWorld, session: string): Promise<ChatMessage> =>
  (await ask(world, input(session, 1))).message;

/** What a stream holds when nothing is held: all but what differs from request to request. */
const comparable = ({ body }: RawClient): string => body.replaceAll(/"created":\d+/g, "");

async function wholeStream(world: TestWorld, ...messages: readonly ChatMessage[]): Promise<string> {
  const client = rawAsk(world, ...messages);
  await client.closed;
  return comparable(client);
}

/** A round through the event loop and the wheel, longer than any scripted step: what would be written, is. */
async function aRoundOf(world: TestWorld, session = "s9"): Promise<void> {
  await wholeStream(world, input(session, 1));
}

describe("a hold of a model's answer", () => {
  it("asked: not a byte is sent until the release, then the very same answer", async () => {
    const world = await holding("asked");
    const client = rawAsk(world, input("s1", 1));
    await untilNoted(world, "held");
    await aRoundOf(world);
    expect(client.text).toBe("");
    expect(eventsOf(world, "first").filter(({ s }) => s === "s1")).toEqual([]);
    world.world.release("h");
    await client.closed;
    expect(comparable(client)).toBe(await wholeStream(await unheld(), input("s1", 1)));
  });

  it("first: one token and no more", async () => {
    const world = await holding("first");
    const client = rawAsk(world, input("s1", 1));
    await untilNoted(world, "held");
    await aRoundOf(world);
    await client.until(({ tokens }) => tokens.length > 0);
    expect(client.tokens).toHaveLength(1);
    world.world.release("h");
    await client.closed;
    expect(comparable(client)).toBe(await wholeStream(await unheld(), input("s1", 1)));
    expect(eventsOf(world, "said").find(({ s }) => s === "s1")).toMatchObject({ tokens: TOKENS, end: "done" });
  });

  it("last: all tokens, and neither calls nor a finish_reason", async () => {
    const world = await holding("last");
    const client = rawAsk(world, input("s1", 1));
    await untilNoted(world, "held");
    await aRoundOf(world);
    await client.until(({ tokens }) => tokens.length === TOKENS);
    expect(client.body).not.toMatch(/tool_calls|"finish_reason":"|\[DONE\]/);
    expect(eventsOf(world, "said").filter(({ s }) => s === "s1")).toEqual([]);
    world.world.release("h");
    await client.closed;
    expect(comparable(client)).toBe(await wholeStream(await unheld(), input("s1", 1)));
  });

  it("is told to be empty once all were let go, after their answers were written", async () => {
    const world = await holding("asked");
    const clients = [rawAsk(world, input("s1", 1)), rawAsk(world, input("s2", 1))];
    await vi.waitUntil(() => world.reports.at(-1)?.count === 2);
    world.world.release("h");
    await vi.waitUntil(() => world.reports.at(-1)?.count === 0);
    expect(world.reports.at(-1)).toEqual({ id: "h", count: 0, closed: 0, of: 2 });
    for (const client of clients) await client.closed;
  });

  it("moves all that follows by the time of the hold", async () => {
    const world = await holding("first");
    const client = rawAsk(world, input("s1", 1));
    const [held] = await untilNoted(world, "held");
    await aRoundOf(world);
    world.world.release("h");
    await client.closed;
    const heldMs = (eventsOf(world, "released")[0]?.t ?? 0) - (held?.t ?? 0);
    const asked = eventsOf(world, "ask").find(({ s }) => s === "s1");
    const said = eventsOf(world, "said").find(({ s }) => s === "s1");
    expect(heldMs).toBeGreaterThan(0);
    expect((said?.t ?? 0) - (asked?.t ?? 0)).toBeGreaterThanOrEqual(5 + (TOKENS - 1) + heldMs - 0.001);
  });

  it.each(["told", "next"] as const)("%s: the tool is answered, and the next request is not", async (at) => {
    const world = await holding(at);
    const message = await bought(world, "s1");
    expect((await useTool(world, message)).status).toBe(200);
    const client = rawAsk(world, input("s1", 1), message, ...resultsFor(message));
    expect(await untilNoted(world, "held")).toMatchObject([{ s: "s1", n: 1, k: 2, at, id: "h" }]);
    await aRoundOf(world);
    expect(client.text).toBe("");
    world.world.release("h");
    await client.closed;
    expect(client.tokens.join("")).toBe(
      finalText({ seed: SEED, session: "s1", turn: 1, step: 2, purchase: 1 }, TOKENS),
    );
  });
});

describe("a hold of a tool", () => {
  it("tool: asked, and its effect has not happened", async () => {
    const world = await holding("tool");
    const client = rawTool(world, await bought(world, "s1"));
    await untilNoted(world, "held");
    await aRoundOf(world);
    expect([client.text, eventsOf(world, "effect")]).toEqual(["", []]);
    world.world.release("h");
    await client.closed;
    expect(client.text).toMatch(/^HTTP\/1.1 200 [\s\S]*"result":"save_note_/);
    expect(eventsOf(world, "effect")).toMatchObject([{ s: "s1", result: "applied" }]);
  });

  it("applied: the effect has happened, and nobody has been told", async () => {
    const world = await holding("applied");
    const client = rawTool(world, await bought(world, "s1"));
    await untilNoted(world, "held");
    await aRoundOf(world);
    expect([client.text, eventsOf(world, "told")]).toEqual(["", []]);
    expect(eventsOf(world, "effect")).toMatchObject([{ s: "s1", result: "applied" }]);
    world.world.release("h");
    await client.closed;
    expect(client.text).toContain('"result":"save_note_');
    expect(eventsOf(world, "effect")).toHaveLength(1);
  });
});

describe("a hold of several", () => {
  it("reports its members as they come, keeps the others out of it, and lets all go at once", async () => {
    const world = await holding("asked");
    const one = rawAsk(world, input("s1", 1));
    await untilNoted(world, "held");
    await aRoundOf(world, "s3");
    const two = rawAsk(world, input("s2", 1));
    await untilNoted(world, "held", 2);
    await aRoundOf(world, "s4");
    expect(world.reports).toEqual([
      { id: "h", count: 1, closed: 0, of: 2 },
      { id: "h", count: 2, closed: 0, of: 2 },
    ]);
    // Another turn of a member is not held either.
    await wholeStream(world, input("s1", 2));
    expect([one.text, two.text]).toEqual(["", ""]);
    world.world.release("h");
    await Promise.all([one.closed, two.closed]);
    expect([one.tokens.length, two.tokens.length]).toEqual([TOKENS, TOKENS]);
    expect(eventsOf(world, "released").map(({ s, k, at }) => [s, k, at])).toEqual([
      ["s1", 1, "asked"],
      ["s2", 1, "asked"],
    ]);
  });

  it.each([
    ["asked", 0],
    ["first", 1],
    ["last", TOKENS],
  ] as const)("%s: drops a member whose connection closes, and does not hold it again", async (at, tokens) => {
    const world = await holding(at);
    const client = rawAsk(world, input("s1", 1));
    await untilNoted(world, "held");
    await client.until(() => client.tokens.length === tokens);
    client.leave();
    expect(await untilNoted(world, "released")).toMatchObject([{ s: "s1", at, closed: true }]);
    expect(await untilNoted(world, "said")).toMatchObject([{ s: "s1", p: 1, tokens, end: "aborted" }]);
    await wholeStream(world, input("s1", 1));
    expect(eventsOf(world, "held")).toHaveLength(1);
    expect(world.reports.at(-1)).toEqual({ id: "h", count: 0, closed: 1, of: 2 });
    world.world.release("h");
    expect(eventsOf(world, "released")).toHaveLength(1);
  });

  it("tool: the effect of a request happens although its connection was closed in the hold, as in a real service", async () => {
    const world = await holding("tool");
    const client = rawTool(world, await bought(world, "s1"));
    await untilNoted(world, "held");
    client.leave();
    expect(await untilNoted(world, "told")).toMatchObject([{ s: "s1", status: 200, aborted: true }]);
    expect(eventsOf(world, "effect")).toMatchObject([{ s: "s1", result: "applied" }]);
  });

  it("holds nobody who comes after the release", async () => {
    const world = await holding("first");
    world.world.release("h");
    world.world.release("nobody");
    await wholeStream(world, input("s1", 1));
    expect(eventsOf(world, "held")).toEqual([]);
  });

  it("lets a stream pass that was begun before the release and reaches its step after it", async () => {
    const world = await holding("last");
    const client = rawAsk(world, input("s1", 1));
    await untilNoted(world, "first");
    world.world.release("h");
    await client.closed;
    expect(eventsOf(world, "held")).toEqual([]);
    expect(client.body).toContain("[DONE]");
  });
});
