import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Campaign, campaignFolders, removeOldCampaigns } from "./recordings.ts";
import type { CampaignPlan, TrialPlan } from "./trial.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "recordings-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const plan = {
  format: "agent-derby-campaign/1",
  id: "smoke-1",
  seed: "1",
  profile: "smoke",
  blocks: 1,
  command: "run",
  trials: [{ id: "1-a-b" } as TrialPlan],
  reductions: [],
} satisfies CampaignPlan;
const rest = { recorded: "2026-01-01", prices: { input: 3, output: 15 }, postgres: "embedded", pinned: true };

describe("a campaign's folder", () => {
  it("is never written over: a second campaign of the same name gets a counter", () => {
    const first = Campaign.create(folder, plan, rest);
    const second = Campaign.create(folder, plan, rest);
    expect(second.folder).toBe(`${first.folder}-2`);
    expect(first.header.trials).toEqual(["1-a-b"]);
    expect(campaignFolders(folder)).toHaveLength(2);
  });

  it("keeps what an aborted trial had recorded when the trial is recorded anew", () => {
    const campaign = Campaign.create(folder, plan, rest);
    const trial = campaign.trialFolder("1-a-b");
    writeFileSync(join(trial, "driver.ndjson"), "{}\n");
    campaign.setAside("1-a-b");
    expect(readFileSync(join(trial, "aborted-1", "driver.ndjson"), "utf8")).toBe("{}\n");
    expect(campaign.plan("1-a-b").id).toBe("1-a-b");
  });

  it("grows by a block, whose plans are stored with it and survive a torn extension", () => {
    const campaign = Campaign.create(folder, plan, rest);
    campaign.extend(2, [{ id: "2-a-b", block: 2 } as TrialPlan]);
    campaign.extend(3, [{ id: "3-a-b", block: 3 } as TrialPlan]);
    const again = Campaign.open(campaign.folder);
    expect(again.header).toMatchObject({ blocks: 3, trials: ["1-a-b", "2-a-b", "3-a-b"], seed: "1" });
    expect(again.plan("3-a-b").block).toBe(3);
    expect(again.outcome("3-a-b")).toBeUndefined();
    // Plans written without their header are as if they had never been drawn, and are drawn again.
    writeFileSync(join(campaign.folder, "campaign.json.part"), "{");
    expect(again.header.blocks).toBe(3);
  });

  it("that is none gives an error that names the campaigns that exist", () => {
    Campaign.create(folder, plan, rest);
    expect(() => Campaign.open(folder)).toThrow(/holds no campaign.json. Recorded campaigns: .*smoke-1/);
  });

  it("goes when it is old, and only then", () => {
    Campaign.create(folder, plan, rest);
    Campaign.create(folder, plan, rest);
    expect(removeOldCampaigns(folder, 1, true)).toHaveLength(1);
    expect(campaignFolders(folder)).toHaveLength(2);
    removeOldCampaigns(folder, 1, false);
    expect(campaignFolders(folder)).toHaveLength(1);
  });
});
