import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Message } from "../kit/typescript/messages.ts";
import { type Reply, type ScriptedWorld, startWorld, status } from "../kit/typescript/scripted-world.ts";
import { Sessions } from "./sessions.ts";

let world: ScriptedWorld;
let sessions: Sessions;
beforeEach(async () => {
  world = await startWorld();
  sessions = new Sessions();
});
afterEach(() => world.close());

const textOf = (message: Message | undefined): string => message?.content ?? "";
const echo = (messages: readonly Message[]): Reply => ({ text: `re ${textOf(messages.at(-1))}` });
const shapeOf = (messages: readonly Message[]): string[] => messages.map(({ role, content }) => `${role}: ${content}`);

/** The model, holding every request until the test lets it go. */
function hold() {
  const held: (() => void)[] = [];
  let arrived = Promise.withResolvers<void>();
  world.model = (messages) =>
    new Promise((resolve) => {
      held.push(() => resolve(echo(messages)));
      arrived.resolve();
    });
  return {
    async release(): Promise<void> {
      if (held.length === 0) await arrived.promise;
      arrived = Promise.withResolvers<void>();
      held.shift()?.();
    },
  };
}

describe("async, one turn", () => {
  it("runs the tools that the model names, all at once, until it answers", async () => {
    let together = 0;
    const both = Promise.withResolvers<void>();
    world.tool = async ({ name }) => {
      if (++together === 2) both.resolve();
      await both.promise;
      return [200, `${name} done`];
    };
    world.model = (_, n) =>
      n === 1
        ? {
            text: "I will",
            calls: [
              ["one", { a: 1 }],
              ["two", {}],
            ],
          }
        : { text: "ready" };
    expect(await sessions.runTurn("s", "1", "go")).toEqual({ output: "ready" });
    expect(shapeOf(world.asked[1] ?? [])).toEqual([
      "user: go",
      "assistant: I will",
      "tool: one done",
      "tool: two done",
    ]);
    expect(world.asked[1]?.slice(2)).toMatchObject([{ tool_call_id: "call_0" }, { tool_call_id: "call_1" }]);
    expect(world.toolRequests.some(({ headers }) => "idempotency-key" in headers)).toBe(false);
  });

  it("lets the model know of a broken tool, and goes on", async () => {
    world.tool = () => [500, "no"];
    world.model = (messages, n) => (n === 1 ? { calls: [["one", {}]] } : echo(messages));
    expect(await sessions.runTurn("s", "1", "go")).toMatchObject({ output: expect.stringMatching(/^re \{"error":/) });
  });

  it("is failed after 32 steps, and keeps the input only", async () => {
    world.model = () => ({ calls: [["burn_cpu", { seed: 1, rounds: 1 }]] });
    const result = await sessions.runTurn("s", "1", "go");
    expect(result).toMatchObject({ failed: { code: "too_many_steps" } });
    expect(world.asked).toHaveLength(32);
    world.model = echo;
    await sessions.runTurn("s", "2", "and now?");
    expect(shapeOf(world.asked.at(-1) ?? [])).toEqual(["user: go", "user: and now?"]);
  });

  it("is failed where the model refuses, and stays so", async () => {
    world.model = () => status(400, { code: "context_length_exceeded" });
    const first = await sessions.runTurn("s", "1", "go");
    expect(first).toMatchObject({ failed: { code: "context_overflow" } });
    world.model = echo;
    expect(await sessions.runTurn("s", "1", "go")).toEqual(first);
    expect(world.asked).toHaveLength(1);
    expect(await sessions.readSession("s")).toEqual([{ turn: "1", input: "go", ...first }]);
  });
});

describe("async, several turns", () => {
  it("sends the whole conversation with every turn", async () => {
    world.model = echo;
    await sessions.runTurn("s", "1", "one");
    await sessions.runTurn("s", "2", "two");
    expect(shapeOf(world.asked[1] ?? [])).toEqual(["user: one", "assistant: re one", "user: two"]);
    expect(await sessions.readSession("s")).toEqual([
      { turn: "1", input: "one", output: "re one" },
      { turn: "2", input: "two", output: "re two" },
    ]);
  });

  it("accepts a turn after a gap, of a session that it does not know", async () => {
    world.model = echo;
    expect(await sessions.readSession("s")).toBeUndefined();
    expect(await sessions.runTurn("s", "9", "nine")).toEqual({ output: "re nine" });
  });

  it("joins the same turn, running or finished, and runs it once", async () => {
    const model = hold();
    const asked = [sessions.runTurn("s", "1", "one"), sessions.runTurn("s", "1", "one")];
    await model.release();
    const answers = await Promise.all([...asked, sessions.runTurn("s", "1", "one")]);
    expect(answers).toEqual([{ output: "re one" }, { output: "re one" }, { output: "re one" }]);
    expect(world.asked).toHaveLength(1);
  });

  it("refuses another input for a turn, running or finished", async () => {
    const model = hold();
    const running = sessions.runTurn("s", "1", "one");
    await expect(sessions.runTurn("s", "1", "other")).rejects.toMatchObject({ name: "Refused", status: 409 });
    await model.release();
    await running;
    await expect(sessions.runTurn("s", "1", "other")).rejects.toMatchObject({ name: "Refused", status: 409 });
    expect(await sessions.readSession("s")).toHaveLength(1);
  });

  it("queues turns of one session, and none of another", async () => {
    const model = hold();
    const order: string[] = [];
    const run = (session: string, turn: string) =>
      sessions.runTurn(session, turn, session + turn).then(() => order.push(session + turn));
    const all = [run("s", "1"), run("s", "2"), run("t", "1")];
    await model.release();
    await model.release();
    await Promise.all([all[0], all[2]]);
    expect(order.sort()).toEqual(["s1", "t1"]);
    await model.release();
    await Promise.all(all);
    expect(shapeOf(world.asked.at(-1) ?? [])).toEqual(["user: s1", "assistant: re s1", "user: s2"]);
  });

  it("shows no running turn", async () => {
    const model = hold();
    const running = sessions.runTurn("s", "1", "one");
    expect(await sessions.readSession("s")).toEqual([]);
    await model.release();
    await running;
  });
});

describe("async, breaking", () => {
  const crashing = (messages: readonly Message[]): Reply =>
    textOf(messages.at(-1)) === "crash" ? { calls: [["crash", { how: "throw" }]] } : echo(messages);

  it("rejects a turn whose code throws, keeps nothing of it, and runs it anew when asked again", async () => {
    world.model = crashing;
    let crashes = 0;
    world.tool = () => [200, JSON.stringify({ die: ++crashes === 1 ? "throw" : false })];
    await sessions.runTurn("s", "1", "one");
    await expect(sessions.runTurn("s", "2", "crash")).rejects.toThrow("as the script told");
    expect(await sessions.readSession("s")).toHaveLength(1);
    expect(await sessions.runTurn("s", "2", "crash")).toEqual({ output: "re spared" });
    expect(shapeOf(world.asked[2] ?? [])).toEqual(["user: one", "assistant: re one", "user: crash"]);
  });

  it("goes on with the turn that waited behind it", async () => {
    world.model = crashing;
    world.tool = () => [200, '{"die":"throw"}'];
    const broken = sessions.runTurn("s", "1", "crash");
    const waiting = sessions.runTurn("s", "2", "two");
    await expect(broken).rejects.toThrow();
    expect(await waiting).toEqual({ output: "re two" });
  });

  it("dies as a process where it is told to die as a unit or outside the turn", async () => {
    const deaths: string[] = [];
    const note = (how: string) => () => {
      deaths.push(how);
    };
    sessions = new Sessions({ throw: note("throw"), detached: note("detached"), unit: note("unit") });
    world.model = crashing;
    for (const [turn, die] of ["unit", "detached"].entries()) {
      world.tool = () => [200, JSON.stringify({ die })];
      await sessions.runTurn("s", String(turn), "crash");
    }
    expect(deaths).toEqual(["unit", "detached"]);
  });
});

describe("async, with children", () => {
  const spawning = (children: readonly unknown[]) => (messages: readonly Message[]) =>
    textOf(messages.at(-1)) === "spawn" ? { calls: [["spawn_agents", { children }] as const] } : echo(messages);

  it("runs the children as sessions of their own and joins them", async () => {
    world.model = spawning([
      { session: "k1", input: "a" },
      { session: "k2", input: "b" },
    ]);
    expect(await sessions.runTurn("s", "1", "spawn")).toMatchObject({
      output: expect.stringMatching(/^re joined_2_[0-9a-f]{8}$/),
    });
    expect(await sessions.readSession("k2")).toEqual([{ turn: "1", input: "b", output: "re b" }]);
  });

  it("does not wait for itself", async () => {
    world.model = spawning([{ session: "s", input: "a" }]);
    expect(await sessions.runTurn("s", "1", "spawn")).toMatchObject({ output: expect.stringContaining("own child") });
  });
});
