import { describe, expect, it } from "vitest";
import { constant } from "../../random.ts";
import type { StepFault, TurnScript } from "../../scenario.ts";
import {
  ask,
  callThenAnswer,
  eventsOf,
  input,
  resultsFor,
  says,
  type TestWorld,
  testWorld,
  untilNoted,
  useTool,
} from "../testing/test-world.ts";
import { FAULT_KINDS, WORLD_FAULTS } from "./index.ts";
import { TOOL_FAULTS } from "./tool-faults.ts";

interface Stream {
  readonly status: number;
  readonly text: string;
  /** The connection broke. */
  readonly broke: boolean;
  /** Content frames read. */
  readonly tokens: number;
}

async function streamOf({ modelUrl }: TestWorld, session = "s1"): Promise<Stream> {
  const body = JSON.stringify({ model: "m", stream: true, messages: [input(session, 1)] });
  const response = await fetch(`${modelUrl}/chat/completions`, { method: "POST", body });
  let text = "";
  let broke = false;
  const decoder = new TextDecoder();
  try {
    for await (const piece of response.body ?? []) text += decoder.decode(piece, { stream: true });
  } catch {
    broke = true;
  }
  return { status: response.status, text, broke, tokens: text.split('{"content":"').length - 1 };
}

const faulty = (fault: StepFault): TurnScript => [says(6, { fault })];

describe("a fault of the model", () => {
  it("status: an error before the first byte, for the first attempt unless the script says otherwise", async () => {
    const world = await testWorld(faulty({ kind: "status", with: { status: 503, retryAfterSeconds: 2 } }));
    const refused = await ask(world, input("s1", 1));
    expect(refused.status).toBe(503);
    expect(refused.headers.get("retry-after")).toBe("2");
    expect(refused.error).toMatchObject({ type: "server_error", param: null });
    expect((await ask(world, input("s1", 1))).status).toBe(200);
    expect(eventsOf(world, "ask")).toMatchObject([
      { r: 1, fault: "status" },
      { r: 2, p: 1 },
    ]);
    expect(eventsOf(world, "ask")[0]).not.toHaveProperty("p");
    expect(eventsOf(world, "first")).toHaveLength(1);
  });

  it.each([
    [429, {}, "rate_limit_exceeded"],
    [401, {}, "invalid_api_key"],
    [400, { code: "context_length_exceeded" }, "context_length_exceeded"],
    [500, {}, null],
    [400, {}, null],
  ])("status %i with %j has code %s", async (status, more, code) => {
    const world = await testWorld(faulty({ kind: "status", with: { status, ...more } }));
    const answer = await ask(world, input("s1", 1));
    expect([answer.status, answer.error?.code]).toEqual([status, code]);
  });

  it.each([
    [{}, null],
    [{ retryAfterSeconds: 0 }, "0"],
    [{ retryAfterSeconds: 3_600 }, "3600"],
  ])("status 429 with %j has Retry-After %s", async (more, header) => {
    const world = await testWorld(faulty({ kind: "status", with: { status: 429, ...more } }));
    const { status, headers } = await ask(world, input("s1", 1));
    expect([status, headers.get("retry-after")]).toEqual([429, header]);
    const [asked] = eventsOf(world, "ask");
    expect(eventsOf(world, "denied")).toMatchObject([{ s: "s1", n: 1, k: 1, r: 1, fault: "status", status: 429 }]);
    expect(eventsOf(world, "denied")[0]?.t).toBeGreaterThanOrEqual(asked?.t ?? Number.NaN);
  });

  it("holds for as many attempts as the script says", async () => {
    const world = await testWorld(faulty({ kind: "status", attempts: 2 }));
    const statuses: number[] = [];
    for (let time = 0; time < 4; time++) statuses.push((await ask(world, input("s1", 1))).status);
    expect(statuses).toEqual([500, 500, 200, 200]);
  });

  it("cut: the stream ends cleanly without a finish reason", async () => {
    const world = await testWorld(faulty({ kind: "cut", with: { tokens: 3 } }));
    const { tokens, broke, text } = await streamOf(world);
    expect([tokens, broke]).toEqual([3, false]);
    expect(text).not.toMatch(/"finish_reason":"|\[DONE\]/);
    expect(eventsOf(world, "said")).toMatchObject([{ p: 1, tokens: 3, end: "fault" }]);
    expect(eventsOf(world, "said")[0]).not.toHaveProperty("h");
    expect((await streamOf(world)).text).toContain("[DONE]");
  });

  it("cut after no token sells nothing", async () => {
    const world = await testWorld(faulty({ kind: "cut", with: { tokens: 0 } }));
    expect((await streamOf(world)).tokens).toBe(0);
    expect(eventsOf(world, "first")).toEqual([]);
  });

  it("reset: the connection is destroyed after its tokens", async () => {
    const world = await testWorld(faulty({ kind: "reset", with: { tokens: 2 } }));
    const { broke, tokens } = await streamOf(world);
    expect([tokens, broke]).toEqual([2, true]);
    expect(eventsOf(world, "said")).toMatchObject([{ tokens: 2, end: "fault" }]);
  });

  it("error-event: an error comes in the stream, and nothing behind it", async () => {
    const world = await testWorld(faulty({ kind: "error-event", with: { tokens: 2 } }));
    const { status, tokens, text, broke } = await streamOf(world);
    expect([status, tokens, broke]).toEqual([200, 2, false]);
    expect(text).toMatch(/data: \{"error":\{"message":"[^"]+","type":"server_error","param":null,"code":null\}\}\n\n$/);
  });

  it("hang: no byte until the client leaves, and the next attempt is served", async () => {
    const world = await testWorld(faulty({ kind: "hang" }));
    const body = JSON.stringify({ model: "m", stream: true, messages: [input("s1", 1)] });
    const leaving = new AbortController();
    const request = fetch(`${world.modelUrl}/chat/completions`, { method: "POST", body, signal: leaving.signal });
    await untilNoted(world, "ask");
    leaving.abort();
    await expect(request).rejects.toThrow();
    expect(await untilNoted(world, "denied")).toMatchObject([{ r: 1, fault: "hang", aborted: true }]);
    expect((await streamOf(world)).text).toContain("[DONE]");
    expect(eventsOf(world, "said")).toMatchObject([{ p: 1, end: "done" }]);
    expect(eventsOf(world, "said")[0]).not.toHaveProperty("fault");
  });

  it.each(["garbage-arguments", "unknown-tool"])(
    "%s: the same step is asked for again when the runtime has told the model, and not before",
    async (kind) => {
      const world = await testWorld(callThenAnswer("save_note", { fault: { kind } }));
      const spoiled = (await ask(world, input("s1", 1))).message;
      const call = spoiled.tool_calls?.[0]?.function;
      if (kind === "garbage-arguments") expect(() => JSON.parse(call?.arguments ?? "")).toThrow();
      else expect((await useTool(world, spoiled)).status).toBe(404);
      const told = [input("s1", 1), spoiled, ...resultsFor(spoiled, '{"error":"what?"}')];
      const good = (await ask(world, ...told)).message;
      expect(good.tool_calls?.[0]?.function.name).toBe("save_note");
      await ask(world, ...told, good, ...resultsFor(good));
      expect(eventsOf(world, "ask").map(({ k, r, p, fault }) => [k, r, p, fault])).toEqual([
        [1, 1, 1, kind],
        [1, 2, 2, undefined],
        [2, 1, 1, undefined],
      ]);
    },
  );

  it.each([
    ["reset", 0],
    ["cut", 0],
    ["error-event", 500],
  ])("%s without a stream ends in status %i (0: none)", async (kind, status) => {
    const say = { firstTokenMs: constant(1), tokens: constant(3) };
    const world = await testWorld([{ say, fault: { kind } }]);
    const answer = await ask(world, input("s1", 1)).then(
      (got) => got.status,
      () => 0,
    );
    expect(answer).toBe(status);
    expect(eventsOf(world, "said")).toMatchObject([{ tokens: 0, end: "fault" }]);
  });

  it("has a name that scenarios can use, and sentences for whoever looks for one", () => {
    const names = FAULT_KINDS.map(({ kind }) => kind);
    expect(names).toEqual([...Object.keys(WORLD_FAULTS), ...Object.keys(TOOL_FAULTS)]);
    expect(names.every((name) => /^[a-z-]+$/.test(name))).toBe(true);
    for (const { kind, what, landing, cure } of FAULT_KINDS)
      for (const sentence of [what, landing, cure]) expect(sentence, kind).toMatch(/^[A-Z0-9`].+\.$/s);
  });
});
