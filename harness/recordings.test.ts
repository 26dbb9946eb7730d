import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HistoryWriter, readEvents } from "./history-file.ts";
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

describe("a history on disk", () => {
  it("whose last line is torn is read up to there", () => {
    const path = join(folder, "h.ndjson");
    const writer = new HistoryWriter<{ n: number }>(path, (error) => {
      throw error;
    });
    for (let n = 0; n < 3; n++) writer.append({ n });
    writer.close();
    writeFileSync(path, '{"n":3', { flag: "a" });
    expect(readEvents(path)).toEqual([{ n: 0 }, { n: 1 }, { n: 2 }]);
  });

  it("says once that it cannot be written, and keeps what it has", () => {
    const errors: string[] = [];
    const writer = new HistoryWriter<{ text: string }>("/dev/full", (error) => errors.push(error.message));
    writer.append({ text: "a" });
    writer.flush();
    writer.append({ text: "b" });
    writer.close();
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain("ENOSPC");
  });
});
