import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { TurnResult } from "../kit/typescript/messages.ts";
import { type Actor, Supervisor } from "./supervisor.ts";

/** Actors that answer with their own number, crash at the input "crash", and wait at "wait" until they are let go. */
function company() {
  const started: string[] = [];
  const waiting: (() => void)[] = [];
  let nowMs = 0;
  const start = (session: string): Actor => {
    started.push(session);
    const number = started.length;
    const finished: { turn: string; input: string; output: string }[] = [];
    return {
      finished: () => finished,
      runTurn: async (turn, input): Promise<TurnResult> => {
        if (input === "crash") throw new Error("a bug");
        if (input === "wait") await new Promise<void>((resolve) => waiting.push(resolve));
        finished.push({ turn, input, output: `actor ${number}` });
        return { output: `actor ${number}` };
      },
    };
  };
  const supervisor = new Supervisor({ start, limit: { restarts: 2, withinMs: 1000 }, now: () => nowMs });
  return { supervisor, started, waiting, passTime: (ms: number) => (nowMs += ms) };
}

describe("a supervisor of actors", () => {
  beforeEach(() => void vi.spyOn(console, "error").mockReturnValue());
  afterEach(() => void vi.restoreAllMocks());

  it("starts an actor at its first message and keeps it", async () => {
    const { supervisor, started } = company();
    expect(supervisor.read("a")).toBeUndefined();
    await supervisor.runTurn("a", "1", "x");
    expect(await supervisor.runTurn("a", "2", "x")).toEqual({ output: "actor 1" });
    expect(started).toEqual(["a"]);
  });

  it("hands an actor one turn at a time, and reads without waiting in its mailbox", async () => {
    const { supervisor, waiting } = company();
    const first = supervisor.runTurn("a", "1", "wait");
    const second = supervisor.runTurn("a", "2", "wait");
    expect(waiting).toHaveLength(1);
    expect(supervisor.read("a")).toEqual([]);
    waiting[0]?.();
    await first;
    expect(supervisor.read("a")).toHaveLength(1);
    await vi.waitFor(() => expect(waiting).toHaveLength(2));
    waiting[1]?.();
    expect(await second).toEqual({ output: "actor 1" });
  });

  it("answers the turn that crashed with the error, and the waiting ones from a new, empty actor", async () => {
    const { supervisor, started } = company();
    await supervisor.runTurn("a", "1", "x");
    const crashed = supervisor.runTurn("a", "2", "crash");
    const waited = supervisor.runTurn("a", "3", "x");
    await expect(crashed).rejects.toThrow("a bug");
    expect(await waited).toEqual({ output: "actor 2" });
    expect(supervisor.read("a")?.map(({ turn }) => turn)).toEqual(["3"]);
    expect(started).toEqual(["a", "a"]);
  });

  it("leaves the other actors alone", async () => {
    const { supervisor, waiting } = company();
    const neighbour = supervisor.runTurn("b", "1", "wait");
    await expect(supervisor.runTurn("a", "1", "crash")).rejects.toThrow("a bug");
    waiting[0]?.();
    expect(await neighbour).toEqual({ output: "actor 1" });
  });

  it("gives an actor up that crashes too often, and that one only", async () => {
    const { supervisor } = company();
    for (let crash = 0; crash < 3; crash++) {
      await expect(supervisor.runTurn("a", "1", "crash")).rejects.toThrow("a bug");
    }
    const failed = await supervisor.runTurn("a", "1", "crash");
    expect(failed).toMatchObject({ failed: { code: "gave_up" } });
    expect(await supervisor.runTurn("a", "1", "crash")).toEqual(failed);
    expect(supervisor.read("a")).toEqual([{ turn: "1", input: "crash", ...failed }]);
    expect(await supervisor.runTurn("b", "1", "x")).toHaveProperty("output");
  });

  it("never gives an actor up that crashes now and then", async () => {
    const { supervisor, passTime } = company();
    for (let crash = 0; crash < 10; crash++) {
      passTime(600);
      await expect(supervisor.runTurn("a", "1", "crash")).rejects.toThrow("a bug");
    }
    expect(await supervisor.runTurn("a", "2", "x")).toHaveProperty("output");
  });
});
