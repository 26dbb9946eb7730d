import { describe, expect, it } from "vitest";
import type { AssistantMessage, Message } from "../kit/typescript/messages.ts";
import { TurnFailed } from "../kit/typescript/messages.ts";
import type { Entry } from "./store.ts";
import { openTurn, type PlayedTurn, playTurn, type TurnPorts } from "./turn.ts";

const INPUT: Entry = { step: 0, part: 0, message: { role: "user", content: "do it" } };
class Killed extends Error {}

/** A model that wants two tools, then one, then answers; a journal that outlives deaths; and a count of everything. */
function world() {
  const journal: Entry[] = [INPUT];
  const asked: number[] = [];
  const used: string[] = [];
  const effects = new Set<string>();
  let purchases = 0;
  let ended = 0;

  const answerTo = (messages: readonly Message[]): AssistantMessage => {
    purchases += 1;
    const step = messages.filter(({ role }) => role === "assistant").length + 1;
    asked.push(step);
    const calls = step === 1 ? ["pay", "look"] : step === 2 ? ["pay"] : [];
    if (calls.length === 0) return { role: "assistant", content: "all done" };
    const tool_calls = calls.map((name, index) => ({
      id: `call_${purchases}_${index}`,
      type: "function" as const,
      function: { name, arguments: "{}" },
    }));
    return { role: "assistant", content: null, tool_calls };
  };

  /** @param diesAt the act, counted from 0, at which the process dies, before it (`.0`) or after it (`.5`) */
  const life = (diesAt: number): Promise<PlayedTurn> => {
    let act = 0;
    const mortal = async <T>(does: () => T): Promise<T> => {
      const now = act++;
      if (now >= diesAt) throw new Killed();
      const result = does();
      if (now + 0.5 >= diesAt) throw new Killed();
      return result;
    };
    const ports: TurnPorts = {
      ask: (messages) => mortal(() => answerTo(messages)),
      use: (call, step, index) =>
        mortal(() => {
          used.push(`${step}/${index}`);
          effects.add(`${step}/${index}`);
          return `${call.function.name} done`;
        }),
      keep: ({ entries = [], ends }) =>
        mortal(() => {
          journal.push(...entries);
          if (ends !== undefined) ended += 1;
        }),
    };
    const stored = [...journal].sort((a, b) => a.step - b.step || a.part - b.part);
    return playTurn(
      openTurn(
        "1",
        stored.map((entry) => ({ ...entry, ageMs: 0 })),
      ),
      [],
      ports,
    );
  };
  return { life, journal, asked, used, effects, ended: () => ended };
}

describe("a turn played from its journal", () => {
  it("asks, uses and answers as the script says when nothing goes wrong", async () => {
    const { life, asked, used, ended } = world();
    const { result, messages } = await life(Number.POSITIVE_INFINITY);
    expect(result).toEqual({ output: "all done" });
    expect(asked).toEqual([1, 2, 3]);
    expect(used).toEqual(["1/0", "1/1", "2/0"]);
    expect(messages.map(({ role }) => role)).toEqual([
      "user",
      "assistant",
      "tool",
      "tool",
      "assistant",
      "tool",
      "assistant",
    ]);
    expect(ended()).toBe(1);
  });

  // Nine acts: three answers and three results, each bought or run and then kept, with two calls in parallel.
  const instants = Array.from({ length: 24 }, (_, half) => half / 2);
  it.each(instants)("killed at act %d goes on without doing again what was kept", async (diesAt) => {
    const { life, journal, asked, used, effects, ended } = world();
    const first = await Promise.allSettled([life(diesAt)]);
    const kept = [...journal];
    const keptAnswers = kept.filter(({ message }) => message.role === "assistant").map(({ step }) => step);
    const keptResults = kept
      .filter(({ message }) => message.role === "tool")
      .map(({ step, part }) => `${step}/${part - 1}`);
    const [askedBefore, usedBefore] = [asked.length, used.length];
    if (ended() === 0) {
      expect(first[0].status).toBe("rejected");
      expect((await life(Number.POSITIVE_INFINITY)).result).toEqual({ output: "all done" });
    }
    expect(asked.slice(askedBefore).filter((step) => keptAnswers.includes(step))).toEqual([]);
    expect(used.slice(usedBefore).filter((call) => keptResults.includes(call))).toEqual([]);
    expect([...effects].sort()).toEqual(["1/0", "1/1", "2/0"]);
    expect(ended()).toBe(1);
  });

  it("answers each call with the id of the answer that was kept, whatever was bought before", async () => {
    const { life } = world();
    await Promise.allSettled([life(0.5)]); // bought, died before it was kept
    await Promise.allSettled([life(3)]);
    const { messages } = await life(Number.POSITIVE_INFINITY);
    for (const [index, message] of messages.entries()) {
      if (message.role !== "tool") continue;
      const answer = messages.slice(0, index).findLast(({ role }) => role === "assistant") as AssistantMessage;
      expect(answer.tool_calls?.map(({ id }) => id)).toContain(message.tool_call_id);
    }
  });

  it("keeps the failure of a turn that cannot be answered and leaves only its input in the conversation", async () => {
    const kept: unknown[] = [];
    const ports: TurnPorts = {
      ask: () => Promise.reject(new TurnFailed("model_refused", "no")),
      use: () => Promise.resolve(""),
      keep: async (change) => void kept.push(change),
    };
    const { result, messages } = await playTurn(openTurn("1", [{ ...INPUT, ageMs: 0 }]), [], ports);
    expect(result).toEqual({ failed: { code: "model_refused", message: "no" } });
    expect(kept).toEqual([{ ends: { failure: { code: "model_refused", message: "no" } } }]);
    expect(messages).toEqual([{ role: "user", content: "do it" }]);
  });

  it("fails after 32 answers that all ask for tools", async () => {
    let asked = 0;
    const call = { id: "c", type: "function", function: { name: "pay", arguments: "{}" } } as const;
    const ports: TurnPorts = {
      ask: async () => {
        asked += 1;
        return { role: "assistant", content: null, tool_calls: [call] };
      },
      use: async () => "ok",
      keep: async () => undefined,
    };
    const { result } = await playTurn(openTurn("1", [{ ...INPUT, ageMs: 0 }]), [], ports);
    expect(result).toMatchObject({ failed: { code: "too_many_steps" } });
    expect(asked).toBe(32);
  });

  it("lets an interrupted sleep end when it would have ended", async () => {
    const call = {
      id: "c",
      type: "function",
      function: { name: "sleep", arguments: '{"mark":"m","ms":5000}' },
    } as const;
    const answer: AssistantMessage = { role: "assistant", content: null, tool_calls: [call] };
    const slept: number[] = [];
    const ports: TurnPorts = {
      ask: async () => ({ role: "assistant", content: "awake" }),
      use: async ({ function: { arguments: text } }) => {
        slept.push((JSON.parse(text) as { ms: number }).ms);
        return "slept";
      },
      keep: async () => undefined,
    };
    const journal = [
      { ...INPUT, ageMs: 4100 },
      { step: 1, part: 0, message: answer, ageMs: 4000 },
    ];
    await playTurn(openTurn("1", journal), [], ports);
    expect(slept[0]).toBeGreaterThan(900);
    expect(slept[0]).toBeLessThanOrEqual(1000);
  });
});

describe("a turn whose model is asked ahead", () => {
  const call = { id: "c", type: "function", function: { name: "pay", arguments: "{}" } } as const;
  const open = () => openTurn("1", [{ ...INPUT, ageMs: 0 }]);

  /** Ports that note every act; commits end when they are told to. */
  function slowJournal() {
    const acts: string[] = [];
    const commits: PromiseWithResolvers<void>[] = [];
    const pending = (name: string): Promise<void> => {
      acts.push(name);
      const commit = Promise.withResolvers<void>();
      commits.push(commit);
      return commit.promise;
    };
    const ports: TurnPorts = {
      ahead: [pending("input")],
      ask: async (_, step) => {
        acts.push(`ask ${step}`);
        return step === 1
          ? { role: "assistant", content: null, tool_calls: [call] }
          : { role: "assistant", content: "done" };
      },
      use: async () => {
        acts.push("use");
        return "ok";
      },
      keep: ({ entries = [], ends }) => pending(ends === undefined ? (entries[0]?.message.role ?? "") : "end"),
    };
    const settle = async (): Promise<void> => {
      for (let round = 0; round < 20; round++) await Promise.resolve();
    };
    return { acts, commits, ports, settle };
  }

  it("tells the model at once, but tools and clients only what was committed", async () => {
    const { acts, commits, ports, settle } = slowJournal();
    const played = playTurn(open(), [], ports);
    const seen: string[][] = [];
    for (let commit = 0; commit < 4; commit++) {
      await settle();
      seen.push([...acts]);
      commits[commit]?.resolve();
    }
    expect((await played).result).toEqual({ output: "done" });
    expect(seen.map((list) => list.at(-1))).toEqual(["ask 1", "assistant", "ask 2", "end"]);
    expect(acts).toEqual(["input", "ask 1", "assistant", "use", "tool", "ask 2", "end"]);
  });

  it("ends as soon as something cannot be committed, whatever the model is about to say", async () => {
    const { commits, ports } = slowJournal();
    const played = playTurn(open(), [], { ...ports, ask: () => new Promise(() => undefined) });
    commits[0]?.reject(new Killed());
    await expect(played).rejects.toThrow(Killed);
  });

  it("keeps the failure of a turn that never ends only after the results of its last tools", async () => {
    const { acts, commits, ports, settle } = slowJournal();
    const asksForEver = async () => ({ role: "assistant" as const, content: null, tool_calls: [call] });
    const played = playTurn(open(), [], { ...ports, ask: asksForEver });
    // The input, and of each of 32 steps the answer and the result; all are committed but the last result.
    for (let commit = 0; commit < 64; commit++) {
      await settle();
      commits[commit]?.resolve();
    }
    await settle();
    expect(acts.at(-1)).toBe("tool");
    commits[64]?.resolve();
    await settle();
    expect(acts.at(-1)).toBe("end");
    commits[65]?.resolve();
    expect((await played).result).toMatchObject({ failed: { code: "too_many_steps" } });
  });

  it("keeps a failure only after the turn's beginning", async () => {
    const { acts, commits, ports, settle } = slowJournal();
    const refused = () => Promise.reject(new TurnFailed("model_refused", "no"));
    const played = playTurn(open(), [], { ...ports, ask: refused });
    await settle();
    expect(acts).toEqual(["input"]);
    commits[0]?.resolve();
    await settle();
    expect(acts).toEqual(["input", "end"]);
    commits[1]?.resolve();
    expect((await played).result).toMatchObject({ failed: { code: "model_refused" } });
  });
});
