import { describe, expect, it } from "vitest";
import { constant } from "../random.ts";
import type { TurnScript } from "../scenario.ts";
import {
  ask,
  callThenAnswer,
  eventsOf,
  input,
  says,
  type TestWorld,
  testWorld,
  untilNoted,
  useTool,
} from "./testing/test-world.ts";

const plain = (takesMs = 5): TurnScript => [
  says(1, { call: "send_mail" }),
  { tool: "send_mail", takesMs: constant(takesMs), effect: "plain" },
  says(1),
];

/** What the ledger did, in order. */
const effects = (world: TestWorld): string[] =>
  eventsOf(world, "effect").map(({ kind, result }) => `${kind} ${result}`);

describe("remote tools", () => {
  it("note request, effect and answer of a marked call", async () => {
    const world = await testWorld(callThenAnswer("save_note"));
    const { message } = await ask(world, input("s1", 1));
    const { status, text } = await useTool(world, message, { "idempotency-key": "k", fence: "4" });
    expect(status).toBe(200);
    expect(JSON.parse(text)).toEqual({ result: expect.stringMatching(/^save_note_[0-9a-z]+$/) });
    const call = { s: "s1", n: 1, k: 1, c: 0, p: 1 };
    expect(eventsOf(world, "tool")).toMatchObject([{ ...call, name: "save_note", i: 3, key: "k", fence: 4 }]);
    expect(eventsOf(world, "effect")).toMatchObject([{ ...call, kind: "keyed", result: "applied", fence: 4 }]);
    expect(eventsOf(world, "told")).toMatchObject([{ ...call, status: 200 }]);
  });

  it("apply a keyed effect once per key, and give the first answer to another purchase with that key", async () => {
    const world = await testWorld(callThenAnswer("save_note"));
    const first = await ask(world, input("s1", 1));
    const second = await ask(world, input("s1", 1));
    const key = { "idempotency-key": "s1-1-1" };
    const answers = [await useTool(world, first.message, key), await useTool(world, second.message, key)];
    expect(answers[1]?.text).toBe(answers[0]?.text);
    expect(effects(world)).toEqual(["keyed applied", "keyed repeated"]);
    expect(eventsOf(world, "effect").map(({ p }) => p)).toEqual([1, 2]);
  });

  it("double the effect of a runtime whose only key is the id of the call", async () => {
    const world = await testWorld(callThenAnswer("save_note"));
    for (let purchase = 1; purchase <= 2; purchase++) {
      const { message } = await ask(world, input("s1", 1));
      await useTool(world, message, { "idempotency-key": message.tool_calls?.[0]?.id ?? "" });
    }
    expect(effects(world)).toEqual(["keyed applied", "keyed applied"]);
  });

  it("apply plain effects at every request, and keyed ones without a key too", async () => {
    for (const [script, expected] of [
      [plain(), ["plain applied", "plain applied"]],
      [callThenAnswer("save_note"), ["keyed applied", "keyed applied"]],
    ] as const) {
      const world = await testWorld(script);
      const { message } = await ask(world, input("s1", 1));
      const headers =
        script[1] !== undefined && "tool" in script[1] && script[1].effect === "plain"
          ? { "idempotency-key": "k" }
          : {};
      for (let time = 0; time < 2; time++) await useTool(world, message, headers);
      expect(effects(world)).toEqual(expected);
    }
  });

  it("refuse an older fence with 409", async () => {
    const world = await testWorld(plain());
    const { message } = await ask(world, input("s1", 1));
    const statuses: number[] = [];
    for (const fence of ["2", "1", "2", "x"]) statuses.push((await useTool(world, message, { fence })).status);
    expect(statuses).toEqual([200, 409, 200, 400]);
    expect(effects(world)).toEqual(["plain applied", "plain refused", "plain applied"]);
    expect(eventsOf(world, "told").map(({ status }) => status)).toEqual([200, 409, 200]);
  });

  it("take their time, and have their effect although nobody waits any more", async () => {
    const world = await testWorld(plain(120));
    const { message } = await ask(world, input("s1", 1));
    const leaving = new AbortController();
    const call = message.tool_calls?.[0]?.function;
    const request = fetch(`${world.toolsUrl}/send_mail`, {
      method: "POST",
      body: call?.arguments ?? "",
      signal: leaving.signal,
    });
    await untilNoted(world, "tool");
    leaving.abort();
    await expect(request).rejects.toThrow();
    const [told] = await untilNoted(world, "told");
    expect(told).toMatchObject({ status: 200, aborted: true });
    expect(effects(world)).toEqual(["plain applied"]);
    expect((told?.t ?? 0) - (eventsOf(world, "tool")[0]?.t ?? 0)).toBeGreaterThanOrEqual(119.9);
  });

  it("that no script of the cohort knows do not exist", async () => {
    const world = await testWorld(callThenAnswer("save_note"));
    const { message } = await ask(world, input("s1", 1));
    const marked = message.tool_calls?.[0]?.function.arguments ?? "";
    const response = await fetch(`${world.toolsUrl}/other`, { method: "POST", body: marked });
    expect(response.status).toBe(404);
    expect(eventsOf(world, "tool")).toEqual([]);
  });

  it("refuse arguments without a mark, and note them as unattributed", async () => {
    const world = await testWorld(callThenAnswer("save_note"));
    const response = await fetch(`${world.toolsUrl}/save_note`, { method: "POST", body: "{}" });
    expect([response.status, await response.text()]).toEqual([400, expect.stringContaining("no mark")]);
    expect(eventsOf(world, "unattributed")).toMatchObject([{ path: "/tools/save_note", i: 3 }]);
  });

  it("are known by their mark however the arguments were written anew", async () => {
    const world = await testWorld(callThenAnswer("save_note"));
    const { message } = await ask(world, input("s1", 1));
    const { mark } = JSON.parse(message.tool_calls?.[0]?.function.arguments ?? "{}") as { mark: string };
    const wrapped = JSON.stringify({ input: JSON.stringify({ zeta: 1, mark }) });
    const response = await fetch(`${world.toolsUrl}/save_note`, { method: "POST", body: wrapped });
    expect(response.status).toBe(200);
  });
});

describe("leave to crash", () => {
  const leaves = async (script: TurnScript, times: number): Promise<unknown[]> => {
    const world = await testWorld(script);
    const given: unknown[] = [];
    for (let time = 0; time < times; time++) {
      const { message } = await ask(world, input("s1", 1));
      given.push(JSON.parse((await useTool(world, message)).text));
    }
    expect(eventsOf(world, "crash").map(({ die }) => ({ die }))).toEqual(given);
    return given;
  };
  const [yes, no] = [{ die: "detached" }, { die: false }];

  it.each([
    ["is given as often as the script says, whatever the purchase", { attempts: 2 }, [yes, yes, no, no]],
    ["is always given where the script does not say how often", {}, [yes, yes, yes]],
  ])("%s", async (_, more, expected) => {
    expect(await leaves(callThenAnswer({ crash: { how: "detached" } }, more), expected.length)).toEqual(expected);
  });

  it("is not given to a call that the script does not let crash", async () => {
    const world = await testWorld(callThenAnswer("save_note"));
    const { message } = await ask(world, input("s1", 1));
    const body = message.tool_calls?.[0]?.function.arguments ?? "";
    const response = await fetch(`${world.toolsUrl}/crash`, { method: "POST", body });
    expect(await response.json()).toEqual({ die: false });
  });
});
