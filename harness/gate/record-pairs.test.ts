/** With the plans of real scenarios and runners; nothing is started. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { BenchWatcher } from "../bench.ts";
import { UsageError } from "../errors.ts";
import { type PairsJob, recordPairs } from "./record-pairs.ts";

const LIMITS = [{ figure: "overhead p50", phase: "calm", worseBy: 0.05 }] as const;
const SILENT: BenchWatcher = {
  planned: () => undefined,
  trialStarted: () => undefined,
  progress: () => undefined,
  trialEnded: () => undefined,
  note: () => undefined,
};

let out = "";
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), "record-pairs-"));
});
afterEach(() => rmSync(out, { recursive: true }));

const job = (changes: Partial<PairsJob> = {}): PairsJob => ({
  baseline: "reference",
  candidate: "reference",
  scenario: "heavy-turns",
  profile: "gate",
  seed: "1",
  out,
  postgres: "embedded",
  price: { input: 3, output: 15 },
  pin: false,
  invocation: "npx agent-derby run",
  signal: new AbortController().signal,
  ...changes,
});

it("a budget in which nothing could be decided is refused with one that is enough, and nothing is recorded", async () => {
  const error = await recordPairs(job(), LIMITS, 1, SILENT).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UsageError);
  const [, minutes] = /Give --budget (\d+) or more/.exec((error as UsageError).message) ?? [];
  expect(readdirSync(out)).toEqual([]);
  await expect(recordPairs(job(), LIMITS, Number(minutes) - 1, SILENT)).rejects.toThrow(UsageError);
});

it("an unknown runner is named", async () => {
  await expect(recordPairs(job({ candidate: "refrence" }), LIMITS, 30, SILENT)).rejects.toThrow(/refrence/);
});
