/** With real campaigns on disk: what was recorded there decides whether a block is added, now and after a stop. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { cleanKill, type HistoryBuilder } from "./checkers/history-builder.ts";
import { furtherBlocks } from "./further-blocks.ts";
import { HISTORY_FILES } from "./history.ts";
import { Campaign } from "./recordings.ts";
import { inputsOf, recordingOf } from "./summarize/recording-builder.ts";
import type { PairsRule, TrialPlan, UntilRule } from "./trial.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "further-blocks-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const blockOf = (block: number): HistoryBuilder => cleanKill({ id: `${block}-kill-some`, block });

function recordTrial(campaign: Campaign, plan: TrialPlan): void {
  const builder = blockOf(plan.block);
  const { outcome } = recordingOf(builder);
  const history = builder.history();
  for (const witness of ["driver", "world", "trial"] as const) {
    const lines = history[witness].map((event) => `${JSON.stringify(event)}\n`);
    writeFileSync(join(campaign.trialFolder(plan.id), HISTORY_FILES[witness]), lines.join(""));
  }
  campaign.writeOutcome(plan.id, outcome);
}

/** A campaign whose first blocks are recorded; each of its trials is planned to take 10 s. */
function campaignOf(blocks: number, rules: { readonly until?: UntilRule; readonly pairs?: PairsRule } = {}): Campaign {
  const recordings = Array.from({ length: blocks }, (_, index) => recordingOf(blockOf(index + 1)));
  const { campaign: plan, environment, prices } = inputsOf(recordings, { blocks, ...rules });
  const rest = { recorded: "2026-01-01", prices, postgres: "embedded", pinned: true };
  const campaign = Campaign.create(folder, plan, rest);
  campaign.write("environment.json", environment);
  campaign.write(
    "contestants.json",
    recordings.slice(0, 1).map(({ contestant }) => contestant),
  );
  for (const trial of plan.trials) recordTrial(campaign, trial);
  return campaign;
}

it("a campaign of counted blocks gets none", () => {
  const campaign = campaignOf(2);
  expect(furtherBlocks({ note: () => undefined })(campaign)).toBe(false);
  expect(campaign.header.trials).toHaveLength(2);
});

it("blocks are added until the budget is used up, each stored before it is recorded, with a seed of its own", () => {
  // Two turns a trial give no quantile, so no interval ever becomes narrow: 70 s hold seven blocks of 10 s.
  const campaign = campaignOf(5, { until: { percent: 5, budgetMinutes: 70 / 60 } });
  const notes: string[] = [];
  const further = furtherBlocks({ note: (sentence) => notes.push(sentence) });
  const seeds = new Set<number>();
  for (const block of [6, 7]) {
    expect(further(campaign)).toBe(true);
    const id = `${block}-kill-some`;
    expect(campaign.header).toMatchObject({ blocks: block, trials: expect.arrayContaining([id]) });
    expect(campaign.outcome(id)).toBeUndefined();
    const plan = campaign.plan(id);
    expect(plan).toMatchObject({ block, runner: "some", scenario: "kill" });
    seeds.add(plan.seed);
    recordTrial(campaign, plan);
  }
  expect(seeds.size).toBe(2);
  expect(further(campaign)).toBe(false);
  expect(notes.at(-1)).toMatch(/^Budget used up: some intervals are still missing after 7 blocks/);
});

it("a campaign that was stopped goes on to the same end, and one whose block is unfinished waits for it", () => {
  const campaign = campaignOf(5, { until: { percent: 5, budgetMinutes: 70 / 60 } });
  const silent = { note: (): void => undefined };
  expect(furtherBlocks(silent)(campaign)).toBe(true);
  const resumed = Campaign.open(campaign.folder);
  recordTrial(resumed, resumed.plan("6-kill-some"));
  expect(furtherBlocks(silent)(resumed)).toBe(true);
  expect(resumed.header.blocks).toBe(7);
  recordTrial(resumed, resumed.plan("7-kill-some"));
  expect(furtherBlocks(silent)(resumed)).toBe(false);
  expect(furtherBlocks(silent)(Campaign.open(campaign.folder))).toBe(false);
});

it("a campaign of pairs whose first blocks gave no pair of what is asked about gets no more", () => {
  // Both contestants are there by name alone: the trials are those of one runner.
  const pairs: PairsRule = {
    baseline: "some",
    candidate: "other",
    limits: [{ figure: "overhead p50", worseBy: 0.05 }],
    alpha: 0.01,
    pairsMost: 20,
  };
  const notes: string[] = [];
  const campaign = campaignOf(2, { pairs });
  expect(furtherBlocks({ note: (sentence) => notes.push(sentence) })(campaign)).toBe(false);
  expect(notes).toEqual(["2 blocks gave no valid pair of a figure that is asked about."]);
});

it("a campaign of pairs that have not decided gets one more of both", () => {
  const pairs: PairsRule = {
    baseline: "some",
    candidate: "some",
    limits: [{ figure: "recovery median", worseBy: 0.05 }],
    alpha: 0.01,
    pairsMost: 20,
  };
  const notes: string[] = [];
  const campaign = campaignOf(2, { pairs });
  expect(furtherBlocks({ note: (sentence) => notes.push(sentence) })(campaign)).toBe(true);
  expect(campaign.header).toMatchObject({ blocks: 3, pairs });
  expect(notes).toEqual(["0 of 1 figures are decided after 2 pairs of at most 20."]);
});
