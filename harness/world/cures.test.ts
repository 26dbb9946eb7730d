import { describe, expect, it } from "vitest";
import type { StepFault } from "../scenario.ts";
import type { StepCounts } from "./book.ts";
import { inForce, noteMet, repairIn } from "./cures.ts";
import { WORLD_FAULTS } from "./faults/index.ts";
import { resolveTurn } from "./script.ts";
import {
  ask,
  type ChatMessage,
  callThenAnswer,
  cohort,
  eventsOf,
  input,
  resultsFor,
  says,
  type TestWorld,
  testWorld,
} from "./testing/test-world.ts";

const garbage = (cure: NonNullable<StepFault["cure"]>): Promise<TestWorld> =>
  testWorld(callThenAnswer("save_note", { fault: { kind: "garbage-arguments", cure } }));

const isGood = ({ tool_calls: [call] = [] }: ChatMessage): boolean => {
  try {
    JSON.parse(call?.function.arguments ?? "");
    return true;
  } catch {
    return false;
  }
};
const telling = (message: ChatMessage): ChatMessage[] => [message, ...resultsFor(message, '{"error":"no JSON"}')];
const asksOf = (world: TestWorld) => eventsOf(world, "ask").map(({ k, fault, cure }) => [k, fault, cure]);

describe("garbage with a cure", () => {
  it("told: a blind retry meets it again, telling the model cures it, as often as the script says", async () => {
    const world = await garbage({ by: ["told"], times: 2 });
    const first = (await ask(world, input("s1", 1))).message;
    const blind = (await ask(world, input("s1", 1))).message;
    const told = [input("s1", 1), ...telling(blind)];
    const second = (await ask(world, ...told)).message;
    const good = (await ask(world, ...told, ...telling(second))).message;
    expect([first, blind, second, good].map(isGood)).toEqual([false, false, false, true]);
    await ask(world, ...told, ...telling(second), good, ...resultsFor(good));
    expect(asksOf(world)).toEqual([
      [1, "garbage-arguments", undefined],
      [1, "garbage-arguments", undefined],
      [1, "garbage-arguments", "told"],
      [1, undefined, "told"],
      [2, undefined, undefined],
    ]);
  });

  it("told: is known although the framework has put something valid in the place of the garbage", async () => {
    const world = await garbage({ by: ["told"] });
    const { message } = await ask(world, input("s1", 1));
    const calls = message.tool_calls?.map((call) => ({ ...call, function: { ...call.function, arguments: "{}" } }));
    const mended = { ...message, tool_calls: calls ?? [] };
    expect(isGood((await ask(world, input("s1", 1), ...telling(mended))).message)).toBe(true);
    expect(asksOf(world).at(-1)).toEqual([1, undefined, "told"]);
  });

  it("dropped: telling does not cure it, asking without a trace of it does", async () => {
    const world = await garbage({ by: ["dropped"] });
    const { message } = await ask(world, input("s1", 1));
    expect(isGood((await ask(world, input("s1", 1), ...telling(message))).message)).toBe(false);
    expect(isGood((await ask(world, input("s1", 1))).message)).toBe(true);
    expect(asksOf(world).map(([, , cure]) => cure)).toEqual([undefined, undefined, "dropped"]);
  });

  it("dropped: not by a request that has lost earlier turns with it", async () => {
    const script = {
      default: [says(1)],
      turn2: callThenAnswer("save_note", { fault: { kind: "garbage-arguments", cure: { by: ["dropped"] } } }),
    } as const;
    const world = await testWorld(script);
    const { message } = await ask(world, input("s1", 1));
    expect(isGood((await ask(world, input("s1", 1), message, input("s1", 2))).message)).toBe(false);
    expect(isGood((await ask(world, input("s1", 2))).message)).toBe(false);
    expect(isGood((await ask(world, input("s1", 1), message, input("s1", 2))).message)).toBe(true);
  });

  it("compacted: by a body that is short enough, whatever it holds", async () => {
    const world = await garbage({ by: ["compacted"], maxBytes: 400 });
    const long = { role: "system", content: "x".repeat(500) };
    for (let time = 0; time < 2; time++) expect(isGood((await ask(world, long, input("s1", 1))).message)).toBe(false);
    expect(isGood((await ask(world, input("s1", 1))).message)).toBe(true);
  });

  it("of several kinds is cured by any, and stays cured", async () => {
    const world = await garbage({ by: ["told", "dropped"] });
    await ask(world, input("s1", 1));
    for (let time = 0; time < 3; time++) expect(isGood((await ask(world, input("s1", 1))).message)).toBe(true);
  });
});

describe("a refusal that wants to be waited for", () => {
  const fault: StepFault = { kind: "status", cure: { by: ["waited"], waitMs: 1_000 } };

  /** Whether each of the requests that arrive at these instants meets the fault. */
  function met(...arrivals: readonly number[]): boolean[] {
    const counts: StepCounts = { requests: 0, purchases: 0 };
    return arrivals.map((arrivedMs) => {
      const asked = {
        session: "s1",
        turn: 1,
        step: 1,
        body: Buffer.alloc(0),
        arrivedMs,
        toldOf: undefined,
        links: () => [],
      };
      counts.requests++;
      if (repairIn(fault, counts, asked) !== undefined && counts.ailment !== undefined) counts.ailment.cures++;
      const holds = inForce(fault, 1, counts);
      if (holds) noteMet(counts, asked);
      return holds;
    });
  }

  it("is cured by a request that comes as late as it should", () => {
    expect(met(10, 1_010, 1_020)).toEqual([true, false, false]);
  });

  it("begins anew for one that comes too early", () => {
    expect(met(10, 1_009, 1_010, 2_009, 3_009)).toEqual([true, true, true, true, false]);
  });

  it("meets whoever asks again at once", async () => {
    const world = await testWorld([says(1, { fault: { ...fault, with: { status: 429, retryAfterSeconds: 1 } } })]);
    const statuses = [];
    for (let time = 0; time < 3; time++) statuses.push((await ask(world, input("s1", 1))).status);
    expect(statuses).toEqual([429, 429, 429]);
  });
});

describe("a context that overflows", () => {
  it("refuses what is too long at every attempt, and answers what is not", async () => {
    const world = await testWorld([says(2, { fault: { kind: "context-overflow", with: { maxBytes: 400 } } })]);
    const long = { role: "system", content: "x".repeat(500) };
    for (let time = 0; time < 3; time++) {
      const { status, error } = await ask(world, long, input("s1", 1));
      expect([status, error?.code]).toEqual([400, "context_length_exceeded"]);
    }
    expect((await ask(world, input("s1", 1))).status).toBe(200);
    expect(eventsOf(world, "denied")).toHaveLength(3);
    expect(asksOf(world).map(([, fault]) => fault)).toEqual([...Array(3).fill("context-overflow"), undefined]);
  });

  it("without a limit refuses everything", async () => {
    const world = await testWorld([says(2, { fault: { kind: "context-overflow" } })]);
    for (let time = 0; time < 3; time++) expect((await ask(world, input("s1", 1))).status).toBe(400);
  });
});

describe("a share of turns", () => {
  const everyone = cohort([says(1, { fault: { kind: "status", share: 0.2 } })]);
  const meets = (seed: number, session: string, turn: number): boolean =>
    resolveTurn({ seed, cohort: everyone, memoryMb: 1, session, turn, kind: "ordinary" }).steps[0]?.fault !== undefined;

  it("meets the fault, the same turns whatever is asked, others with another seed", () => {
    const names = Array.from(
      { length: 2_000 },
      (_, index) => [`s${(index % 50).toString(36)}`, 1 + Math.floor(index / 50)] as const,
    );
    const met = names.map(([session, turn]) => meets(7, session, turn));
    // Binomial, n 2,000, p 0.2: 400 with a deviation of 18.
    expect(met.filter(Boolean).length).toBeGreaterThan(320);
    expect(met.filter(Boolean).length).toBeLessThan(480);
    expect(names.map(([session, turn]) => meets(7, session, turn))).toEqual(met);
    expect(names.map(([session, turn]) => meets(8, session, turn))).not.toEqual(met);
  });

  it("is what the World serves", async () => {
    const world = await testWorld(everyone.script);
    const turns = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
    const statuses = [];
    for (const turn of turns) statuses.push((await ask(world, input("s1", turn))).status);
    expect(statuses).toEqual(turns.map((turn) => (meets(7, "s1", turn) ? 500 : 200)));
  });
});

it("every fault of the model takes its own defaults", () => {
  for (const [kind, fault] of Object.entries(WORLD_FAULTS)) expect(() => fault.act({}), kind).not.toThrow();
});
