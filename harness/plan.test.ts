import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { type PlanOptions, type PlanSurroundings, planCampaign, planFurtherBlock } from "./plan.ts";
import type { Runner } from "./runner.ts";
import type { CampaignPlan, TrialPlan } from "./trial.ts";

const scenarioFolder = join(dirname(fileURLToPath(import.meta.url)), "../scenarios");
const runner = (name: string): Runner => ({
  name,
  folder: "/",
  variantEnv: {},
  runtime: name,
  language: "none",
  home: "https://example.invalid",
  processes: [{ name: "server", role: "app", command: ["true"], serves: true }],
  promises: {},
  localTools: ["parse_document", "search_memory", "crash"],
});
const contestants = [runner("one"), runner("two"), runner("three")];
const around: PlanSurroundings = {
  scenarioFolder,
  contestants,
  installed: async () => true,
  findRunner: (name) => contestants.find((one) => one.name === name),
  faultKinds: ["kill"],
  timings: () => null,
  capacity: () => null,
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
const hogs = contestants.map((one) => ({ ...one, localTools: ["burn_cpu"] as const }));
const plan = (options: Partial<PlanOptions> = {}, there: Partial<PlanSurroundings> = {}): Promise<CampaignPlan> =>
  planCampaign(
    { filters: ["kill"], profile: "smoke", seed: "1", invocation: "npm run bench --", ...options },
    { ...around, ...there },
  );

describe("a plan", () => {
  it("is the same for the same seed, and another for another", async () => {
    expect(await plan()).toEqual(await plan());
    expect((await plan({ seed: "2" })).trials[0]?.sessions).not.toEqual((await plan()).trials[0]?.sessions);
  });

  it("gives every runner of a block the same sessions and faults, once, in shuffled order", async () => {
    const { trials } = await plan({ blocks: 2 });
    expect(trials.map(({ block }) => block)).toEqual([1, 1, 1, 2, 2, 2]);
    for (const block of [1, 2]) {
      const [first, ...rest] = trials.filter((trial) => trial.block === block);
      expect(new Set([first, ...rest].map((trial) => trial?.runner)).size).toBe(3);
      for (const trial of rest) {
        expect(trial.sessions).toEqual(first?.sessions);
        expect(trial.faults).toEqual(first?.faults);
      }
    }
    expect(trials[3]?.seed).not.toBe(trials[0]?.seed);
  });

  it("gives a runtime that runs already no session twice, of names that markers have room for", async () => {
    const attached = { url: "http://127.0.0.1:3000", world: { host: "127.0.0.1", port: 4000 }, visit: "mabcdefgh" };
    const { trials, command } = await plan(
      { filters: ["steady", "token-flow", "one"], blocks: 100, sessions: 40, attached },
      { findRunner: (name) => hogs.find((one) => one.name === name) },
    );
    const names = trials.flatMap(({ sessions }) => sessions.map(({ id }) => id));
    expect(trials).toHaveLength(200);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => !/^mabcdefgh[0-9a-z]{4,7}$/.test(name))).toEqual([]);
    expect(command).toContain("--attach http://127.0.0.1:3000 --world-port 4000");
  });

  it("runs blocks in orders and with seeds of their own", async () => {
    const { trials } = await plan({ blocks: 12 });
    const blocks = Array.from({ length: 12 }, (_, index) => trials.filter(({ block }) => block === index + 1));
    for (const block of blocks) expect(new Set(block.map(({ seed }) => seed)).size).toBe(1);
    expect(new Set(blocks.map(([first]) => first?.seed)).size).toBe(12);
    const orders = new Set(blocks.map((block) => block.map((trial) => trial.runner).join(" ")));
    expect(orders.size).toBeGreaterThan(2);
    expect(new Set(blocks.map(([first]) => first?.runner)).size).toBe(3);
  });

  it("is the same in whatever order runners are named", async () => {
    const { trials } = await plan({ filters: ["kill", "three", "one"], blocks: 3 });
    expect((await plan({ filters: ["kill", "one", "three"], blocks: 3 })).trials).toEqual(trials);
  });

  it("grows by a block of the very bytes that a plan of more blocks has from the beginning", async () => {
    const whole = (await plan({ filters: ["kill", "cpu-mix"], blocks: 4 })).trials;
    // As read back from disk, block by block.
    const stored: TrialPlan[] = JSON.parse(JSON.stringify(whole.filter(({ block }) => block <= 2)));
    for (const block of [3, 4]) {
      const further = planFurtherBlock(
        stored.filter((trial) => trial.block === block - 1),
        "1",
        block,
      );
      expect(JSON.stringify(further)).toBe(JSON.stringify(whole.filter((trial) => trial.block === block)));
      stored.push(...further);
    }
  });

  it("of a campaign without a fixed length begins with the blocks of a first look, and stores its rule", async () => {
    const until = { percent: 5, budgetMinutes: 60 };
    const { trials, blocks, command, until: stored } = await plan({ until });
    expect(trials).toEqual((await plan({ blocks: 5 })).trials);
    expect({ blocks, stored }).toEqual({ blocks: 5, stored: until });
    expect(command).toBe("npm run bench -- kill --profile smoke --seed 1 --until 5 --budget 60");
  });

  it("refuses a budget that a first look does not fit into, with the one that would do", async () => {
    await expect(plan({ until: { percent: 5, budgetMinutes: 1 } })).rejects.toThrow(
      /5 blocks before it decides, which take (\d+) minutes by plan; the budget is 1\. Give --budget \1 or more/,
    );
  });

  it("seats as many conversations as the profile says, all opened within warm-up", async () => {
    const [trial] = (await plan()).trials;
    const opening = trial?.sessions.filter((session) => session.opening === true) ?? [];
    // Cohorts are rounded one by one.
    expect(opening).toHaveLength(trial?.load.liveSessions ?? 0);
    expect(Math.abs(opening.length - 300)).toBeLessThanOrEqual(2);
    for (const { arriveMs } of opening) expect(arriveMs).toBeLessThan(trial?.phases.warmupMs ?? 0);
  });

  it("keeps the live population level: arrivals replace the sessions that end", async () => {
    const [trial] = (await plan({ profile: "default" })).trials;
    const later = trial?.sessions.filter(({ opening }) => opening === undefined) ?? [];
    // 2,000 sessions of about 8 turns of 28 s over a horizon of about a minute: a quarter to a half are replaced.
    expect(later.length).toBeGreaterThan(300);
    expect(later.length).toBeLessThan(1_200);
    for (const { thinkMs, turns } of later) expect(thinkMs).toHaveLength(turns - 1);
  });

  it("turns the instants of faults into rising counts of acknowledged turns", async () => {
    const counts = (await plan()).trials[0]?.faults.map(({ afterAcknowledged = 0 }) => afterAcknowledged) ?? [];
    expect(counts).toHaveLength(3);
    expect(counts[0]).toBeGreaterThan(300);
    expect([...counts].sort((a, b) => a - b)).toEqual(counts);
    expect(new Set(counts).size).toBe(3);
  });

  it("leaves out a runner that lacks a local tool the scenario needs, and says so", async () => {
    const { trials, reductions } = await plan({ filters: ["gc-pressure"] });
    expect(trials).toEqual([]);
    expect(reductions).toHaveLength(3);
    expect(reductions[0]).toBe("gc-pressure: not offered by one, which lacks hold_memory.");
  });

  it("sizes calls of equal time by runner, the same in further blocks, and leaves out whom nobody has timed", async () => {
    const timed = (msPerUnit: number) =>
      (["parse_document", "search_memory"] as const).map((tool) => ({ tool, msPerUnit, units: 1, tookMs: msPerUnit }));
    const timings: PlanSurroundings["timings"] = ({ name }) =>
      name === "three" ? null : timed(name === "one" ? 0.002 : 0.004);
    const filters = ["cpu-mix-equal-time"];
    const { trials, reductions } = await plan({ filters, blocks: 2 }, { timings });
    expect(reductions).toHaveLength(1);
    expect(reductions[0]).toMatch(/^cpu-mix-equal-time: three is left out.*Time it with "conform three"\.$/);
    const kilobytes = trials.map(({ runner: name, definition, localWork = [] }) => {
      expect(JSON.stringify(definition)).toContain(`"kilobytes":${localWork[0]?.size}`);
      return `${name} ${localWork[0]?.size}`;
    });
    expect(new Set(kilobytes)).toEqual(new Set(["one 20000", "two 10000"]));
    expect(trials[1]).toMatchObject({ seed: trials[0]?.seed, sessions: trials[0]?.sessions, load: trials[0]?.load });
    const [first, second] = [1, 2].map((block) => trials.filter((trial) => trial.block === block));
    const stored: TrialPlan[] = JSON.parse(JSON.stringify(first));
    expect(JSON.stringify(planFurtherBlock(stored, "1", 2))).toBe(JSON.stringify(second));
    const equalWork = await plan({ filters: ["cpu-mix"], blocks: 1 }, { timings });
    expect(equalWork).toEqual(await plan({ filters: ["cpu-mix"], blocks: 1 }));
    expect(equalWork.trials[0]?.localWork).toBeUndefined();
    await expect(plan({ filters: [...filters, "three"] }, { timings })).rejects.toThrow(
      /^Scenario cpu-mix-equal-time: three is left out.*"conform three"/,
    );
  });

  it("leaves out who is not installed and says how it gets there, but refuses it where it is named", async () => {
    const install = { check: ["false"], how: "Run `make`." };
    const missing = { ...runner("two"), install };
    const there: Partial<PlanSurroundings> = {
      contestants: [runner("one"), missing],
      findRunner: (name) => [runner("one"), missing].find((one) => one.name === name),
      installed: async (one) => one.install !== install,
    };
    const { trials, reductions } = await plan({ blocks: 1 }, there);
    expect(trials.map((trial) => trial.runner)).toEqual(["one"]);
    expect(reductions).toEqual(["two is not installed: Run `make`."]);
    const refusal = { name: "UsageError", problems: reductions };
    await expect(plan({ filters: ["kill", "one", "two"] }, there)).rejects.toMatchObject(refusal);
    await expect(plan({}, { ...there, contestants: [missing] })).rejects.toMatchObject(refusal);
  });

  it("lowers a profile to what the machine carries and says so, but refuses a number that was asked for", async () => {
    const small = { limits: { ...around.limits, openFilesHard: 2_000 } };
    const lowered = await plan({ profile: "default" }, small);
    expect(lowered.reductions[0]).toMatch(
      /^kill: \d+ live sessions instead of 2000\. The load needs up to \d+ sockets/,
    );
    await expect(plan({ profile: "default", sessions: 2_000 }, small)).rejects.toThrow(
      /Scenario kill with 2000 sessions: The load needs up to \d+ sockets, this machine allows 1000/,
    );
  });

  it("refuses names that are neither scenario nor runner, all at once, with the nearest that exists", async () => {
    await expect(plan({ filters: ["kil", "thre"] })).rejects.toThrow(
      /"kil"\. Did you mean "kill"\?.*\n.*"thre"\. Did you mean "three"\?/,
    );
    await expect(plan({ profile: "smok" })).rejects.toThrow('Unknown profile "smok". Did you mean "smoke"?');
  });

  it("names the command that repeats it", async () => {
    expect((await plan({ sessions: 40 })).command).toBe("npm run bench -- kill --profile smoke --seed 1 --sessions 40");
  });
});

describe("calm twins", () => {
  it("belong to the profile full alone, one to each trial in which anything goes wrong", async () => {
    expect((await plan()).trials.filter(({ twinOf }) => twinOf !== undefined)).toEqual([]);
    const { trials } = await plan({ filters: ["kill", "steady"], profile: "full", sessions: 100, blocks: 1 });
    const twins = trials.filter(({ twinOf }) => twinOf !== undefined);
    const struck = trials.filter(({ faults }) => faults.length > 0);
    expect(struck).toHaveLength(3);
    expect(twins.map(({ twinOf }) => twinOf).sort()).toEqual(struck.map(({ id }) => id).sort());
    for (const twin of twins) {
      const trial = trials.find(({ id }) => id === twin.twinOf);
      expect(twin).toMatchObject({ runner: trial?.runner, seed: trial?.seed, sessions: trial?.sessions, faults: [] });
    }
  });

  it("come with further blocks as they would have come with a longer plan", async () => {
    const options = { filters: ["kill"], profile: "full", sessions: 100 };
    const longer = await plan({ ...options, blocks: 2 });
    const { trials } = await plan({ ...options, blocks: 1 });
    expect(planFurtherBlock(trials, "1", 2)).toEqual(longer.trials.filter(({ block }) => block === 2));
  });
});
