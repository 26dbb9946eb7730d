import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type ScriptedWorld, startWorld } from "../kit/typescript/scripted-world.ts";
import { Workers, type WorkersSettings } from "./workers.ts";

let world: ScriptedWorld;
const open: Workers[] = [];
beforeEach(async () => {
  world = await startWorld();
  vi.spyOn(console, "error").mockReturnValue();
});
afterEach(async () => {
  for (const workers of open.splice(0)) await workers.close();
  await world.close();
  vi.restoreAllMocks();
});

function start(settings: Partial<WorkersSettings> = {}): Workers {
  const workers = new Workers({ count: 2, heapMb: 128, onGiveUp: () => undefined, ...settings });
  open.push(workers);
  return workers;
}

/** FNV-1a is odd or even by the last character here: the two are pinned to different workers of two. */
const [HERE, THERE] = ["a", "b"];

/** A model that calls the tool that the input names, then answers; "wait" is answered when the test says so. */
function obey(args: Readonly<Record<string, unknown>> = {}): { readonly release: () => void } {
  const held = Promise.withResolvers<void>();
  world.model = async (messages) => {
    const newest = messages.at(-1);
    if (newest?.role !== "user") return { text: `then ${newest?.content}` };
    if (newest.content === "wait") await held.promise;
    return newest.content in args ? { calls: [[newest.content, args[newest.content]]] } : { text: "fine" };
  };
  return { release: held.resolve };
}

describe("workers", () => {
  it("run turns, join the same turn, refuse it with another input, and read", async () => {
    const workers = start();
    await workers.started();
    const [one, same] = await Promise.all([workers.runTurn(HERE, "1", "x"), workers.runTurn(HERE, "1", "x")]);
    expect([one, same]).toMatchObject([{ output: "fine" }, { output: "fine" }]);
    expect(world.asked).toHaveLength(1);
    await expect(workers.runTurn(HERE, "1", "y")).rejects.toMatchObject({ name: "Refused", status: 409 });
    expect(await workers.readSession(HERE)).toEqual([{ turn: "1", input: "x", output: "fine" }]);
    expect(await workers.readSession(THERE)).toBeUndefined();
  });

  it("tell the asking thread what is heard of a turn, and those who join it its result alone", async () => {
    const workers = start();
    world.model = () => ({ text: "all is well" });
    const heard: (readonly [number, string])[] = [];
    const listener = { token: (step: number, text: string) => void heard.push([step, text]), restart: () => undefined };
    const [first, joined] = await Promise.all([
      workers.runTurn(HERE, "1", "x", listener),
      workers.runTurn(HERE, "1", "x"),
    ]);
    expect([first, joined]).toMatchObject([{ output: "all is well" }, { output: "all is well" }]);
    expect(heard).toEqual([
      [1, "all "],
      [1, "is "],
      [1, "well"],
    ]);
  });

  it("lose the actor whose turn throws, and no other", async () => {
    const workers = start();
    const neighbour = "c"; // pinned to the same worker
    await Promise.all([workers.runTurn(HERE, "1", "x"), workers.runTurn(neighbour, "1", "x")]);
    obey({ crash: { how: "throw" } });
    world.tool = () => [200, '{"die":"throw"}'];
    await expect(workers.runTurn(HERE, "2", "crash")).rejects.toThrow("as the script told");
    expect(await workers.readSession(HERE)).toEqual([]);
    expect(await workers.readSession(neighbour)).toHaveLength(1);
  });

  it.each(["detached", "unit"])(
    "lose all actors of a worker that dies (%s), keep those of others, and start it again",
    async (die) => {
      const workers = start();
      await Promise.all([workers.runTurn(HERE, "1", "x"), workers.runTurn(THERE, "1", "x")]);
      const { release } = obey({ crash: { how: die } });
      world.tool = () => [200, JSON.stringify({ die })];
      const bystander = workers.runTurn(THERE, "2", "wait");
      await expect(workers.runTurn(HERE, "2", "crash")).rejects.toThrow("died");
      release();
      expect(await bystander).toMatchObject({ output: "fine" });
      expect(await workers.readSession(HERE)).toBeUndefined();
      expect(await workers.runTurn(HERE, "3", "x")).toMatchObject({ output: "fine" });
    },
  );

  it("survive a worker that runs out of memory", async () => {
    const workers = start({ heapMb: 32 });
    obey({ hold_memory: { seed: 1, bytes: 512 * 1024 * 1024 } });
    await expect(workers.runTurn(HERE, "1", "hold_memory")).rejects.toThrow("died");
    expect(await workers.runTurn(THERE, "1", "x")).toMatchObject({ output: "fine" });
    expect(await workers.runTurn(HERE, "2", "x")).toMatchObject({ output: "fine" });
  });

  it("are given up together when they die too often", async () => {
    const onGiveUp = vi.fn();
    const workers = start({ onGiveUp, limit: { restarts: 1, withinMs: 60_000 } });
    obey({ crash: { how: "unit" } });
    world.tool = () => [200, '{"die":"unit"}'];
    await expect(workers.runTurn(HERE, "1", "crash")).rejects.toThrow("died");
    expect(onGiveUp).not.toHaveBeenCalled();
    await expect(workers.runTurn(THERE, "1", "crash")).rejects.toThrow("died");
    expect(onGiveUp).toHaveBeenCalledOnce();
  });

  it("run the children of an actor where they are pinned, and join them", async () => {
    const workers = start();
    const children = [HERE, THERE].map((session) => ({ session: `${session}x`, input: "x" }));
    obey({ spawn_agents: { children } });
    expect(await workers.runTurn(HERE, "1", "spawn_agents")).toMatchObject({
      output: expect.stringMatching(/^then joined_2_/),
    });
    for (const { session } of children) expect(await workers.readSession(session)).toHaveLength(1);
  });
});
