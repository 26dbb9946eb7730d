/** Calibrations in the folder of a campaign. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { CalibrationRun } from "../calibration.ts";
import { Campaign } from "../recordings.ts";
import { keepCalibration } from "./before-trials.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "agent-derby-calibration-"));
  writeFileSync(join(folder, "campaign.json"), "{}");
});
afterEach(() => rmSync(folder, { recursive: true }));

const broken = (beforeTrial: string): CalibrationRun => ({
  beforeTrial,
  recorded: "2026-11-20",
  pinned: true,
  passed: false,
  tables: [],
  problem: `It broke before ${beforeTrial}.`,
});

test("a campaign that was recorded before there were calibrations has none", () => {
  expect(Campaign.open(folder).calibrations).toEqual([]);
});

test("the calibration of a resumed campaign stands beside the earlier one, and each is told", () => {
  const notes: string[] = [];
  const watch = { note: (sentence: string) => void notes.push(sentence) };
  for (const trial of ["1-a-b", "2-a-b"]) keepCalibration(broken(trial), Campaign.open(folder), watch);
  expect(Campaign.open(folder).calibrations).toEqual([broken("1-a-b"), broken("2-a-b")]);
  expect(notes).toEqual(["Calibration failed: It broke before 1-a-b.", "Calibration failed: It broke before 2-a-b."]);
});
