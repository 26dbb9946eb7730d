import { describe, expect, it } from "vitest";
import { constant } from "../../random.ts";
import type { ToolFault } from "../../scenario.ts";
import { floorMs, resolveTurn } from "../script.ts";
import { type RawClient, rawTool } from "../testing/raw-client.ts";
import {
  ask,
  type ChatMessage,
  cohort,
  eventsOf,
  input,
  says,
  type TestWorld,
  testWorld,
  untilNoted,
  useTool,
} from "../testing/test-world.ts";

const script = (fault?: ToolFault) =>
  [
    says(1, { call: "save_note" }),
    { tool: "save_note", takesMs: constant(5), effect: "keyed", ...(fault === undefined ? {} : { fault }) } as const,
    says(1),
  ] as const;

/** A World whose tool is faulty, and the message that calls it. */
async function calling(fault: ToolFault): Promise<{ world: TestWorld; message: ChatMessage }> {
  const world = await testWorld(script(fault));
  return { world, message: (await ask(world, input("s1", 1))).message };
}

const key = { "idempotency-key": "k" };
const effects = (world: TestWorld) => eventsOf(world, "effect").map(({ result }) => result);
const told = (world: TestWorld) =>
  eventsOf(world, "told").map(({ status, fault, aborted = false }) => [status, fault, aborted]);
const neverAnswered = (client: RawClient) => expect(client.text).toBe("");

describe("a faulty tool", () => {
  it.each([
    [{}, 500, 0],
    [{ status: 503 }, 503, 0],
    [{ status: 503, effect: true }, 503, 1],
  ])(
    "error %j answers %i, its effect happening %i times, and works at the next attempt",
    async (settings, status, times) => {
      const { world, message } = await calling({ kind: "error", with: settings });
      expect((await useTool(world, message, key)).status).toBe(status);
      expect(effects(world)).toEqual(Array(times).fill("applied"));
      expect(told(world)).toEqual([[status, "error", false]]);
      expect((await useTool(world, message, key)).status).toBe(200);
      expect(effects(world)).toEqual(times === 0 ? ["applied"] : ["applied", "repeated"]);
      expect(eventsOf(world, "tool").map(({ fault }) => fault)).toEqual(["error", undefined]);
      expect(told(world).at(-1)).toEqual([200, undefined, false]);
    },
  );

  it("holds for as many attempts as the script says, whatever the purchase", async () => {
    const { world, message } = await calling({ kind: "error", attempts: 2 });
    const again = (await ask(world, input("s1", 1))).message;
    const statuses = [];
    for (const one of [message, again, message]) statuses.push((await useTool(world, one)).status);
    expect(statuses).toEqual([500, 500, 200]);
  });

  it("hang does nothing and says nothing until the caller leaves", async () => {
    const { world, message } = await calling({ kind: "hang" });
    const client = rawTool(world, message);
    await untilNoted(world, "tool");
    // The next attempt is served meanwhile, so the time of the first one's work has passed as well.
    expect((await useTool(world, message)).status).toBe(200);
    neverAnswered(client);
    expect(told(world)).toEqual([[200, undefined, false]]);
    client.leave();
    await untilNoted(world, "told", 2);
    expect(told(world).at(-1)).toEqual([0, "hang", true]);
    expect(effects(world)).toEqual(["applied"]);
  });

  it("timeout-after-effect: applied, and no answer until the caller leaves; a key saves the next attempt", async () => {
    const { world, message } = await calling({ kind: "timeout-after-effect" });
    const client = rawTool(world, message);
    await untilNoted(world, "effect");
    neverAnswered(client);
    client.leave();
    await untilNoted(world, "told");
    expect(told(world)).toEqual([[0, "timeout-after-effect", true]]);
    await useTool(world, message);
    expect(effects(world)).toEqual(["applied", "applied"]);
  });

  it("timeout-after-effect: or an answer so much later", async () => {
    const { world, message } = await calling({ kind: "timeout-after-effect", with: { answerAfterMs: 60 } });
    expect((await useTool(world, message, key)).status).toBe(200);
    const [effect] = eventsOf(world, "effect");
    const [answer] = eventsOf(world, "told");
    expect((answer?.t ?? 0) - (effect?.t ?? 0)).toBeGreaterThanOrEqual(60);
    expect(told(world)).toEqual([[200, "timeout-after-effect", false]]);
  });

  it("reset-after-effect: applied, and the connection is destroyed", async () => {
    const { world, message } = await calling({ kind: "reset-after-effect" });
    const client = rawTool(world, message);
    expect(await client.closed).toBe("reset");
    neverAnswered(client);
    expect(effects(world)).toEqual(["applied"]);
    expect(told(world)).toEqual([[0, "reset-after-effect", false]]);
  });

  it("slow: works and answers so much later", async () => {
    const { world, message } = await calling({ kind: "slow", with: { delayMs: 60 } });
    expect((await useTool(world, message)).status).toBe(200);
    const [tool] = eventsOf(world, "tool");
    const [effect] = eventsOf(world, "effect");
    expect((effect?.t ?? 0) - (tool?.t ?? 0)).toBeGreaterThanOrEqual(65);
    expect(told(world)).toEqual([[200, "slow", false]]);
  });

  it("has the floor of a sound one, and meets its share of calls", () => {
    const resolve = (turn: number, fault?: ToolFault) =>
      resolveTurn({ seed: 7, cohort: cohort(script(fault)), memoryMb: 1, session: "s1", turn, kind: "ordinary" });
    const fault = { kind: "slow", share: 0.5 };
    expect(floorMs(resolve(1, fault))).toBe(floorMs(resolve(1)));
    const met = Array.from({ length: 400 }, (_, turn) => resolve(turn + 1, fault).steps[0]?.calls[0]?.fault);
    // Binomial, n 400, p 0.5: 200 with a deviation of 10.
    expect(Math.abs(met.filter((one) => one !== undefined).length - 200)).toBeLessThan(50);
  });
});
