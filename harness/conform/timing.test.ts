import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Watchdog } from "../processes/watchdog.ts";
import { resolveRunner } from "../runner-check.ts";
import { type Ladder, timeLocalTools, timeTool } from "./timing.ts";

const LADDER: Ladder = { tool: "burn_cpu", least: 0, sizes: [100, 300, 900, 2_700], others: {} };

/** A runtime whose turns take 25 ms and so much per round; played sizes are noted. */
function runtime(msPerRound: number, noiseMs: (play: number) => number = () => 0) {
  const played: number[] = [];
  const play = async (size: number): Promise<number> => {
    played.push(size);
    return 25 + size * msPerRound + noiseMs(played.length);
  };
  return { played, play };
}

describe("the time of a tool", () => {
  it("is what a turn takes beyond the same turn with the least size", async () => {
    const { play } = runtime(0.1);
    const timing = await timeTool(LADDER, play);
    expect(timing).toMatchObject({ tool: "burn_cpu", units: 300 });
    expect(timing?.msPerUnit).toBeCloseTo(0.1, 9);
    expect(timing?.tookMs).toBeCloseTo(30, 6);
  });

  it("is taken at the first size that takes long enough, eleven times after two that do not count", async () => {
    const { play, played } = runtime(0.04);
    expect(await timeTool(LADDER, play)).toMatchObject({ units: 900 });
    const times = (size: number): number => played.filter((one) => one === size).length;
    expect([0, 100, 300, 900, 2_700].map(times)).toEqual([13, 2, 2, 13, 0]);
  });

  it("is not moved by a few turns that were disturbed, nor by the first ones", async () => {
    const { play } = runtime(0.1, (n) => (n % 3 === 0 || n < 3 ? 500 : 0));
    expect((await timeTool(LADDER, play))?.msPerUnit).toBeCloseTo(0.1, 9);
  });

  it("is taken again when most turns of a series were disturbed", async () => {
    const { play, played } = runtime(0.1, (n) => (n > 18 && n < 26 ? 20 : 0));
    expect((await timeTool(LADDER, play))?.msPerUnit).toBeCloseTo(0.1, 9);
    expect(played.filter((size) => size === 300)).toHaveLength(2 + 2 * 11);
  });

  it("of vectors is one of their components", async () => {
    const vectors: Ladder = { tool: "search_memory", least: 1, sizes: [501], others: { dimensions: 4 } };
    const timing = await timeTool(vectors, runtime(0.1).play);
    expect(timing?.units).toBe(2_004);
    expect(timing?.msPerUnit).toBeCloseTo(0.025, 9);
  });

  it("is none where the largest size takes no time", async () => {
    expect(await timeTool(LADDER, runtime(0).play)).toBeNull();
  });
});

describe("a runner", () => {
  let watchdog: Watchdog;
  beforeAll(async () => {
    watchdog = await Watchdog.start();
  });
  afterAll(() => watchdog.stop());

  it("is timed at those of its tools that have a size, and what cannot be asked of it has no timing", async () => {
    const wrong = resolveRunner(fileURLToPath(new URL("./testing/wrong", import.meta.url)));
    const settings = { postgres: null, watchdog, signal: new AbortController().signal };
    const timings = await timeLocalTools(wrong, settings);
    expect(timings.map(({ tool }) => tool)).toEqual(["burn_cpu"]);
    // Some nanoseconds a round, on whatever machine.
    expect(timings[0]?.msPerUnit).toBeGreaterThan(1e-7);
    expect(timings[0]?.msPerUnit).toBeLessThan(1e-2);
  });
});
