import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { type ScriptedWorld, startWorld } from "../kit/typescript/scripted-world.ts";
import { Objects } from "./objects.ts";
import { type SessionStore, type StoredTurn, Superseded, type Write } from "./store.ts";

const IDLE_MS = 60_000;

/** A database in memory, as this process sees it; `failing` makes the next commit fail. */
function memoryStore() {
  const sessions = new Map<string, { epoch: number; turns: Map<string, StoredTurn> }>();
  const elsewhere = new Set<string>();
  const state = {
    owned: [] as string[],
    refused: [] as string[],
    failing: undefined as Error | undefined,
    interrupted: [] as string[],
  };
  const sessionOf = (id: string) => {
    const session = sessions.get(id) ?? { epoch: 0, turns: new Map<string, StoredTurn>() };
    sessions.set(id, session);
    return session;
  };
  const apply = ({ session, turn, epoch, begins, entries = [], ends }: Write): void => {
    const { turns } = sessionOf(session);
    const begun: StoredTurn = { turn, seq: begins?.seq ?? 0, epoch, state: "running", failure: null, entries: [] };
    const known = turns.get(turn) ?? begun;
    const written = entries.map((entry) => ({ ...entry, ageMs: 0 }));
    turns.set(turn, {
      ...known,
      entries: [...known.entries, ...written],
      state: ends === undefined ? "running" : "done",
    });
  };
  const ownHere = (id: string): number => {
    state.owned.push(id);
    elsewhere.delete(id);
    const session = sessionOf(id);
    session.epoch += 1;
    return session.epoch;
  };
  /** Another process becomes the owner. */
  const ownElsewhere = (id: string): void => {
    elsewhere.add(id);
    sessionOf(id).epoch += 1;
  };
  const store: SessionStore = {
    setUp: async () => undefined,
    ping: async () => undefined,
    close: async () => undefined,
    inherit: async () => state.interrupted,
    own: async (id) => ownHere(id),
    takeBack: async (id) => {
      if (!elsewhere.has(id)) return ownHere(id);
      state.refused.push(id);
      throw new Superseded(id);
    },
    load: async (id) => [...(sessions.get(id)?.turns.values() ?? [])],
    commit: async (write) => {
      const { failing } = state;
      state.failing = undefined;
      if (failing !== undefined) throw failing;
      apply(write);
    },
  };
  return { store, state, apply, sessionOf, ownElsewhere };
}

let world: ScriptedWorld;
beforeAll(async () => {
  world = await startWorld();
  world.model = (messages) => {
    const holds = messages.at(-1)?.content === "hold";
    return holds ? { calls: [["hold_memory", { seed: 1, bytes: 640 }]] } : { text: "done" };
  };
});
afterAll(() => world.close());

const opened: Objects[] = [];
function open(store: SessionStore): Objects {
  const objects = new Objects(store, { idleMs: IDLE_MS, mostResumptions: 3, askAhead: true });
  opened.push(objects);
  return objects;
}
afterEach(async () => {
  for (const objects of opened.splice(0)) await objects.close();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("live objects", () => {
  it("load a session once, however many ask at the same time, and answer the same turn with one run", async () => {
    const { store, state } = memoryStore();
    const objects = open(store);
    const answers = await Promise.all([1, 2, 3].map(() => objects.runTurn("a", "1", "hello")));
    expect(answers).toEqual(Array(3).fill({ output: "done" }));
    expect(state.owned).toEqual(["a"]);
    expect(world.asked).toHaveLength(1);
  });

  it("refuse the same turn with another input", async () => {
    const objects = open(memoryStore().store);
    await objects.runTurn("a", "1", "hello");
    await expect(objects.runTurn("a", "1", "other")).rejects.toMatchObject({ status: 409 });
  });

  it.each([
    { input: "hello", loads: 2, what: "leave memory when idle for the stated time and are loaded at the next touch" },
    { input: "hold", loads: 1, what: "stay while they hold memory, however long nothing happens" },
  ])("$what", async ({ input, loads }) => {
    vi.useFakeTimers({ toFake: ["setInterval", "performance"] });
    const { store, state } = memoryStore();
    const objects = open(store);
    await objects.runTurn("a", "1", input);
    vi.advanceTimersByTime(IDLE_MS / 2);
    await objects.runTurn("a", "1", input);
    expect(state.owned).toHaveLength(1);
    vi.advanceTimersByTime(IDLE_MS * 2);
    expect(await objects.runTurn("a", "1", input)).toEqual({ output: "done" });
    expect(state.owned).toHaveLength(loads);
  });

  it("take up at start, unasked, what an earlier start left unfinished", async () => {
    const { store, state, apply, sessionOf } = memoryStore();
    sessionOf("a").epoch = 1;
    const entries = [{ step: 0, part: 0, message: { role: "user", content: "hello" } }] as const;
    apply({ session: "a", turn: "1", epoch: 1, begins: { seq: 1 }, entries });
    state.interrupted = ["a"];
    const objects = open(store);
    void objects.run();
    await vi.waitFor(() => expect(sessionOf("a").turns.get("1")?.state).toBe("done"));
  });

  it("end by a broken commit, answer with an error, and go on unasked", async () => {
    vi.spyOn(console, "error").mockReturnValue();
    const { store, state, sessionOf } = memoryStore();
    const objects = open(store);
    void objects.run();
    await objects.runTurn("a", "1", "hello");
    state.failing = new Error("connection lost");
    await expect(objects.runTurn("a", "2", "hello")).rejects.toThrow("connection lost");
    await vi.waitFor(() => expect(sessionOf("a").epoch).toBe(2), 5000);
    expect(await objects.runTurn("a", "2", "hello")).toEqual({ output: "done" });
  });

  it("that were superseded are not taken back before somebody asks", async () => {
    vi.spyOn(console, "error").mockReturnValue();
    const { store, state } = memoryStore();
    const objects = open(store);
    await objects.runTurn("a", "1", "hello");
    state.failing = new Superseded("a");
    await expect(objects.runTurn("a", "2", "hello")).rejects.toThrow(Superseded);
    expect(state.owned).toHaveLength(1);
    expect(await objects.runTurn("a", "2", "hello")).toEqual({ output: "done" });
    expect(state.owned).toHaveLength(2);
  });

  it("lost to an error are not taken from a process that has owned them since, but by who asks", async () => {
    vi.spyOn(console, "error").mockReturnValue();
    const { store, state, sessionOf, ownElsewhere } = memoryStore();
    const objects = open(store);
    void objects.run();
    await objects.runTurn("a", "1", "hello");
    ownElsewhere("a");
    state.failing = new Error("connection lost");
    await expect(objects.runTurn("a", "2", "hello")).rejects.toThrow("connection lost");
    await vi.waitFor(() => expect(state.refused).toEqual(["a"]), 5000);
    expect(sessionOf("a").epoch).toBe(2);
    expect(await objects.runTurn("a", "2", "hello")).toEqual({ output: "done" });
    expect(sessionOf("a").epoch).toBe(3);
  });

  it("that could not be loaded are not taken from a process that has owned them since", async () => {
    vi.spyOn(console, "error").mockReturnValue();
    const { store, state, sessionOf, ownElsewhere } = memoryStore();
    const objects = open(store);
    void objects.run();
    sessionOf("a").epoch = 1;
    store.load = async (id) => {
      ownElsewhere(id);
      throw new Error("statement timeout");
    };
    await expect(objects.runTurn("a", "1", "hello")).rejects.toThrow("statement timeout");
    await vi.waitFor(() => expect(state.refused).toEqual(["a"]), 5000);
    expect(state.owned).toEqual(["a"]);
  });

  it("give a request that meets an attempt to take them back its answer all the same", async () => {
    vi.spyOn(console, "error").mockReturnValue();
    const { store, state, ownElsewhere } = memoryStore();
    ownElsewhere("a");
    state.interrupted = ["a"];
    let refuse = (): void => undefined;
    const asked = new Promise<void>((heard) => {
      const taken = store.takeBack;
      store.takeBack = async (id) => {
        await new Promise<void>((resolve) => {
          refuse = resolve;
          heard();
        });
        return taken(id);
      };
    });
    const objects = open(store);
    void objects.run();
    await asked;
    const answer = objects.runTurn("a", "1", "hello");
    refuse();
    expect(await answer).toEqual({ output: "done" });
    expect(state).toMatchObject({ refused: ["a"], owned: ["a"] });
  });

  it("give a turn up that was interrupted more often than allowed", async () => {
    const { store, apply, sessionOf } = memoryStore();
    const entries = [{ step: 0, part: 0, message: { role: "user", content: "hello" } }] as const;
    apply({ session: "a", turn: "1", epoch: 1, begins: { seq: 1 }, entries });
    sessionOf("a").epoch = 4;
    const objects = open(store);
    expect(await objects.runTurn("a", "1", "hello")).toMatchObject({ failed: { code: "gave_up" } });
  });
});
