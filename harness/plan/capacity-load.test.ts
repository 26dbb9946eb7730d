import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { RunnerCapacity } from "../capacity.ts";
import { type PlanOptions, type PlanSurroundings, planCampaign, planFurtherBlock } from "../plan.ts";
import type { Runner } from "../runner.ts";
import { capacityOf } from "../summarize/capacity.ts";
import { trialCommand } from "../summarize.ts";
import type { CampaignPlan, TrialPlan } from "../trial.ts";
import { offeredLoads, offeredSentences } from "./capacity-load.ts";

const scenarioFolder = join(dirname(fileURLToPath(import.meta.url)), "../../scenarios");
const runner = (name: string): Runner => ({
  name,
  folder: "/",
  variantEnv: {},
  runtime: name,
  language: "none",
  home: "https://example.invalid",
  processes: [{ name: "server", role: "app", command: ["true"], serves: true }],
  promises: {},
  localTools: ["parse_document", "search_memory", "burn_cpu"],
});
const contestants = [runner("quick"), runner("slow")];

function measured(name: string, capacityPerSecond: number, changes: Partial<RunnerCapacity> = {}): RunnerCapacity {
  const knee = { capacityPerSecond, atConnections: 16, saturatesAt: 8, bound: null };
  return { runner: name, hash: name, recorded: "2026-01-01", steps: [], knee, ...changes };
}
const CAPACITIES = [measured("quick", 2_000), measured("slow", 500)];

function plan(
  options: Partial<PlanOptions>,
  capacities: readonly RunnerCapacity[] = CAPACITIES,
): Promise<CampaignPlan> {
  const around: PlanSurroundings = {
    scenarioFolder,
    contestants,
    installed: async () => true,
    findRunner: (name) => contestants.find((one) => one.name === name),
    faultKinds: ["kill"],
    timings: () => null,
    capacity: ({ name }) => capacities.find((one) => one.runner === name) ?? null,
    limits: {
      cores: 2,
      memoryBytes: 16 * 2 ** 30,
      openFilesHard: 20_000,
      openFilesSoft: 20_000,
      ephemeralPorts: 28_000,
      diskFreeBytes: 2 ** 40,
      temporaryFreeBytes: 2 ** 40,
    },
  };
  const given = { filters: ["kill"], profile: "smoke", seed: "1", invocation: "npm run bench --", ...options };
  return planCampaign(given, around);
}

describe("--load", () => {
  it("offers the weakest runner its share in every scenario, and all others the same load", async () => {
    const { trials, load, command } = await plan({ filters: ["kill", "cpu-mix"], loadPercent: 20 });
    expect(command).toContain(" --load 20");
    expect(load?.percent).toBe(20);
    for (const { scenario, completionsPerSecond, shares } of offeredLoads(trials, CAPACITIES)) {
      expect(completionsPerSecond, scenario).toBeGreaterThan(95);
      expect(completionsPerSecond, scenario).toBeLessThan(105);
      expect(
        shares.map(({ percent }) => Math.round(percent)),
        scenario,
      ).toEqual([5, 20]);
    }
    const [kill] = load?.scenarios ?? [];
    expect(kill).toMatchObject({ scenario: "kill", weakest: "slow", capacityPerSecond: 500 });
    const sizes = new Set(trials.filter(({ scenario }) => scenario === "kill").map((trial) => trial.load.liveSessions));
    expect(sizes).toEqual(new Set([kill?.sessions]));
  });

  it("gives twice the sessions for twice the share, and does not look at who does not take part", async () => {
    const sessions = async (loadPercent: number, filters: readonly string[] = ["kill"]): Promise<number> =>
      (await plan({ filters, loadPercent })).load?.scenarios[0]?.sessions ?? 0;
    const tenth = await sessions(10);
    expect(Math.abs((await sessions(20)) - 2 * tenth)).toBeLessThanOrEqual(1);
    expect(Math.abs((await sessions(10, ["kill", "quick"])) - 4 * tenth)).toBeLessThanOrEqual(3);
  });

  it("repeats a single trial with the sessions it had, whatever is measured later; further blocks have them too", async () => {
    const planned = await plan({ loadPercent: 10, blocks: 2 });
    const [first] = planned.trials;
    const sessions = planned.load?.scenarios[0]?.sessions;
    expect(trialCommand(planned, first as TrialPlan)).toMatch(
      new RegExp(`^npm run bench -- kill \\w+ --profile smoke --seed 1 --sessions ${sessions} --blocks 1$`),
    );
    const block = (number: number) => planned.trials.filter((trial) => trial.block === number);
    expect(JSON.stringify(planFurtherBlock(block(1), "1", 2))).toBe(JSON.stringify(block(2)));
  });

  it("refuses runners that nobody has measured, or of whom no step counted, with the command that measures them", async () => {
    const without = [measured("quick", 2_000, { knee: null })];
    await expect(plan({ loadPercent: 10 }, without)).rejects.toThrow(
      /nobody has measured quick, slow\. .*npm run bench:capacity -- quick slow$/,
    );
    await expect(
      plan({ loadPercent: 10, filters: ["kill", "slow"] }, [CAPACITIES[0] ?? measured("quick", 1)]),
    ).rejects.toThrow(/nobody has measured slow\./);
  });

  it("refuses a share that is less than one session, or more than the machine carries", async () => {
    await expect(plan({ loadPercent: 1 }, [measured("quick", 2), measured("slow", 1)])).rejects.toThrow(
      "Scenario kill: 1 % of the capacity of slow (1 light turns/s) is less than one session offers.",
    );
    await expect(plan({ loadPercent: 500 }, [measured("quick", 9_000), measured("slow", 9_000)])).rejects.toThrow(
      /^Scenario kill with \d+ sessions: The load/,
    );
  });
});

describe("what a plan offers of the capacities", () => {
  it("is said for each scenario and runner that was measured, at most where the capacity is a lower bound", async () => {
    const { trials } = await plan({});
    const knee = { capacityPerSecond: 500, atConnections: 16, saturatesAt: 8, bound: "load-bound" } as const;
    const [{ completionsPerSecond = 0 } = {}] = offeredLoads(trials, []);
    const sentences = offeredSentences(await plan({}), [measured("slow", 500, { knee })]);
    const percent = Math.round((completionsPerSecond / 500) * 1000) / 10;
    expect(percent).toBeGreaterThan(1);
    expect(sentences).toEqual([
      `kill buys ${Math.round(completionsPerSecond)} completions/s; of its capacity that is for slow at most ${percent} %.`,
    ]);
    expect(offeredSentences(await plan({}), [])).toEqual([]);
  });

  it("names the sessions that a share came to", async () => {
    const [first] = offeredSentences(await plan({ loadPercent: 20 }), CAPACITIES);
    expect(first).toMatch(/^kill: \d+ live sessions, so that slow, the weakest here, is offered 20 % of the 500 light/);
  });

  it("counts completions, not turns: a turn of several steps counts as several light ones", async () => {
    const { trials } = await plan({});
    const [{ completionsPerSecond = 0 } = {}] = offeredLoads(trials, []);
    expect(completionsPerSecond).toBeGreaterThan(1.5 * (trials[0]?.load.turnsPerSecond ?? Number.POSITIVE_INFINITY));
  });

  it("is in a summary for the runners of the campaign alone, and nowhere where none was measured", async () => {
    const { trials } = await plan({});
    const format = "agent-derby-capacity/1";
    const figures = (runners: readonly RunnerCapacity[]) => ({ format, machine: "here", runners }) as const;
    const { capacity } = capacityOf(figures([...CAPACITIES, measured("absent", 900)]), trials);
    expect(capacity?.runners.map(({ runner: name }) => name)).toEqual(["quick", "slow"]);
    expect(capacity?.offered.map(({ scenario, shares }) => [scenario, shares.length])).toEqual([["kill", 2]]);
    expect(capacityOf(figures([measured("absent", 900)]), trials)).toEqual({});
    expect(capacityOf(null, trials)).toEqual({});
  });
});
