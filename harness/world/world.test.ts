import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { WorldEvent } from "../history.ts";
import { readEvents } from "../history-file.ts";
import { findMarker } from "../identity.ts";
import { constant } from "../random.ts";
import {
  ask,
  callThenAnswer,
  cohort,
  eventsOf,
  input,
  resultsFor,
  says,
  settingsOf,
  testWorld,
  untilNoted,
} from "./testing/test-world.ts";
import { startWorld } from "./world.ts";

describe("purchases and attempts", () => {
  it("sells a step again with another number, other ids and other words, and the same calls", async () => {
    const world = await testWorld(callThenAnswer("save_note"));
    const first = await ask(world, input("s1", 1));
    const second = await ask(world, input("s1", 1));
    expect(eventsOf(world, "ask")).toMatchObject([
      { s: "s1", n: 1, k: 1, r: 1, p: 1, i: 3, links: [] },
      { s: "s1", n: 1, k: 1, r: 2, p: 2, i: 3, links: [] },
    ]);
    expect(second.message.content).not.toBe(first.message.content);
    const markers = [first, second].map(({ message }) => findMarker(message.tool_calls?.[0]?.id ?? ""));
    expect(markers.map((marker) => marker?.purchase)).toEqual([1, 2]);
    expect(second.message.tool_calls?.[0]?.function.name).toBe("save_note");
  });

  it("gives identical answers where the scenario says rebuy: same, and counts purchases all the same", async () => {
    const world = await testWorld([says(5)], { scenario: { cohorts: { everyone: cohort([says(5)]) }, rebuy: "same" } });
    const answers = [await ask(world, input("s1", 1)), await ask(world, input("s1", 1))];
    expect(answers[0]?.message).toEqual(answers[1]?.message);
    expect(eventsOf(world, "first").map(({ p }) => p)).toEqual([1, 2]);
    expect(new Set(eventsOf(world, "said").map(({ h }) => h)).size).toBe(1);
  });

  it("follows the calls it finds, from whichever purchase they are", async () => {
    const world = await testWorld(callThenAnswer("save_note"));
    await ask(world, input("s1", 1));
    const { message } = await ask(world, input("s1", 1));
    const last = await ask(world, input("s1", 1), message, ...resultsFor(message));
    expect(findMarker(String(last.message.content))).toMatchObject({ step: 2, purchase: 1 });
    const asked = eventsOf(world, "ask").at(-1);
    expect(asked).toMatchObject({ k: 2, r: 1, p: 1 });
    expect(asked).not.toHaveProperty("links");
  });

  it("plays each session the script of its cohort, and strangers the default one", async () => {
    const cohorts = { short: cohort([says(1)]), long: cohort([says(9)]) };
    const world = await testWorld([], { scenario: { cohorts }, sessions: { s1: "long" }, defaultCohort: "short" });
    for (const session of ["s1", "s2", "constructor"]) await ask(world, input(session, 1));
    expect(eventsOf(world, "said").map(({ tokens }) => tokens)).toEqual([9, 1, 1]);
  });

  it("answers a proof turn with three tokens whatever the script", async () => {
    const world = await testWorld(callThenAnswer("save_note"));
    const { message } = await ask(world, input("s1", 4, "proof"));
    expect(message.tool_calls).toBeUndefined();
    expect(eventsOf(world, "said")).toMatchObject([{ n: 4, k: 1, tokens: 3, end: "done" }]);
  });
});

describe("memory", () => {
  it("finds the links of earlier turns, in order, and misses those that are not there", async () => {
    const world = await testWorld([says(3)]);
    const talk = [input("s1", 1)];
    for (const turn of [2, 3]) {
      const { message } = await ask(world, ...talk);
      talk.push(message, input("s1", turn));
    }
    await ask(world, ...talk);
    await ask(world, input("s1", 4));
    await ask(world, ...talk.slice(2), input("s1", 4));
    expect(eventsOf(world, "ask").map(({ links }) => links)).toEqual([[], [1], [1, 2], [], [2]]);
  });

  it("does not take links of another seed or session for genuine", async () => {
    const world = await testWorld([says(3)]);
    const { message } = await ask(world, input("s2", 1));
    await ask(world, message, { role: "user", content: "L_s1_1_0000000" }, input("s1", 2));
    expect(eventsOf(world, "ask").at(-1)?.links).toEqual([]);
  });

  it("carries links onward through a summary, which is off script", async () => {
    const world = await testWorld([says(3)]);
    const { message } = await ask(world, input("s1", 1));
    const prompt = { role: "user", content: `Summarise: ${JSON.stringify([input("s1", 1), message])}` };
    const summary = await ask(world, prompt);
    expect(eventsOf(world, "offscript")).toMatchObject([{ s: "s1", i: 3 }]);
    await ask(world, { role: "system", content: summary.message.content }, input("s1", 2));
    expect(eventsOf(world, "ask").at(-1)?.links).toEqual([1]);
  });
});

describe("calls outside the script", () => {
  it("answers what names no session and notes it as unattributed", async () => {
    const world = await testWorld([says(3)]);
    const { status, message } = await ask(world, { role: "user", content: "hello" });
    expect([status, message.role]).toEqual([200, "assistant"]);
    expect(eventsOf(world, "unattributed")).toMatchObject([{ path: "/v1/chat/completions", i: 3 }]);
  });

  it("answers a turn beyond the script's last step neutrally", async () => {
    const world = await testWorld([says(3)]);
    const { message } = await ask(world, input("s1", 1));
    const id = String(message.content).match(/D_\w+/)?.[0] ?? "";
    const called = {
      role: "assistant",
      tool_calls: [{ id, type: "function", function: { name: "x", arguments: "{}" } }],
    };
    expect((await ask(world, called, { role: "tool", tool_call_id: id, content: "" })).status).toBe(200);
    expect(eventsOf(world, "offscript")).toHaveLength(1);
  });

  it("refuses an incomplete set of results with 400", async () => {
    const world = await testWorld([says(1, { call: ["a_tool", "b_tool"] }), says(1)]);
    const { message } = await ask(world, input("s1", 1));
    const refused = await ask(world, input("s1", 1), message, ...resultsFor(message).slice(0, 1));
    expect(refused).toMatchObject({ status: 400, error: { message: expect.stringContaining("'tool_call_id'") } });
    expect(eventsOf(world, "ask")).toHaveLength(1);
  });
});

describe("results of local tools", () => {
  const call = { burn_cpu: { seed: 1, rounds: 1000 } } as const;

  it.each([
    ["4b1d", false],
    ["", false],
  ])("%j is not what burn_cpu gives", async (text, ok) => {
    const world = await testWorld(callThenAnswer(call));
    const { message } = await ask(world, input("s1", 1));
    await ask(world, input("s1", 1), message, ...resultsFor(message, text));
    expect(eventsOf(world, "local")).toMatchObject([{ s: "s1", n: 1, k: 1, c: 0, p: 1, tool: "burn_cpu", ok }]);
  });

  it("knows the right one", async () => {
    const world = await testWorld(callThenAnswer({ sleep: { ms: 1 } }));
    const { message } = await ask(world, input("s1", 1));
    await ask(world, input("s1", 1), message, ...resultsFor(message, "slept"));
    expect(eventsOf(world, "local")).toMatchObject([{ tool: "sleep", ok: true }]);
  });
});

describe("time", () => {
  it("gives a whole answer no sooner than the stream would have ended", async () => {
    const say = { firstTokenMs: constant(60), tokens: constant(5), tokensPerSecond: 100 };
    const world = await testWorld([{ say }]);
    await ask(world, input("s1", 1));
    const [asked] = eventsOf(world, "ask");
    const [said] = eventsOf(world, "said");
    expect((said?.t ?? 0) - (asked?.t ?? 0)).toBeGreaterThanOrEqual(60 + 4 * 10 - 0.01);
  });
});

describe("the files of a World", () => {
  it("hold all events and histograms after it has stopped, with open streams noted as aborted", async () => {
    const folder = mkdtempSync(join(tmpdir(), "world-test-"));
    const historyFile = join(folder, "world.ndjson");
    const histogramFile = join(folder, "world.hlog");
    try {
      const say = { firstTokenMs: constant(1), tokens: constant(10_000), tokensPerSecond: 1000 };
      const events: WorldEvent[] = [];
      const hooks = { event: (event: WorldEvent) => events.push(event) };
      const world = await startWorld(settingsOf([{ say }], { historyFile, histogramFile }), hooks);
      const body = JSON.stringify({ model: "m", stream: true, messages: [input("s1", 1)] });
      const url = `http://127.0.0.1:${world.port}/v1/chat/completions`;
      const response = await fetch(url, { method: "POST", body });
      await response.body?.getReader().read();
      const { frameLatenessMs, health } = await world.stop();
      expect(frameLatenessMs?.n).toBeGreaterThan(0);
      expect(health.cpuShare).toBeGreaterThan(0);
      expect(readEvents<WorldEvent>(historyFile)).toEqual(events);
      expect(events.map(({ e }) => e)).toEqual(["ask", "first", "said"]);
      expect(events.at(-1)).toMatchObject({ end: "aborted" });
      expect(readFileSync(histogramFile, "utf8")).toContain("frame-lateness");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("cannot share a port", async () => {
    const { world } = await testWorld([says(1)]);
    await expect(startWorld(settingsOf([says(1)], { port: world.port }))).rejects.toThrow(/EADDRINUSE/);
  });
});

it("notes the incarnation of the path, and 0 where there is none", async () => {
  const world = await testWorld([says(1)]);
  await ask({ ...world, modelUrl: `http://127.0.0.1:${world.world.port}/v1` }, input("s1", 1));
  await ask(world, input("s1", 2));
  expect((await untilNoted(world, "ask", 2)).map(({ i }) => i)).toEqual([0, 3]);
});
