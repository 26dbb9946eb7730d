import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { syntheticSummary } from "../compare/testing/synthetic.ts";
import { UsageError } from "../errors.ts";
import type { Summary } from "../summary.ts";
import { appendToLedger, ledgerEntry, ledgerOf, readLedger } from "./ledger.ts";
import { machineSays, selfTestSays } from "./machine.ts";
import { selfTestFigures } from "./self-test.ts";

const QUESTION = { alpha: 0.01, pairsMost: 12, worseBy: 0.05 };

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gate-ledger-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const selfTest = (noise: number, blocks = 12, seed = "7"): Summary =>
  syntheticSummary({ baseline: {}, candidate: {} }, { blocks, noise, seed });
const p50Of = (summaries: readonly Summary[], decisions: number) =>
  selfTestFigures(
    summaries.map((summary) => ledgerEntry(summary, "some")),
    QUESTION,
    decisions,
  ).find(({ figure }) => figure === "overhead p50 of chat in calm");

it("a self-test that was added is read again as it was, after those before it", () => {
  const file = join(folder, "below", "ledger.ndjson");
  const entries = [ledgerEntry(selfTest(0.02), "some"), ledgerEntry(selfTest(0.02, 3, "8"), "./other")];
  for (const entry of entries) appendToLedger(file, entry);
  expect(readLedger(file)).toEqual(entries);
  expect(entries[0]?.figures.find(({ figure }) => figure === "overhead p50")?.pairs).toHaveLength(12);
});

it("a line that is none is named, and no file is an empty ledger", () => {
  const file = join(folder, "ledger.ndjson");
  expect(readLedger(file)).toEqual([]);
  writeFileSync(file, `${JSON.stringify(ledgerEntry(selfTest(0.02, 1), "some"))}\n{"format":"x"}\n`);
  expect(() => readLedger(file)).toThrow(UsageError);
  expect(() => readLedger(file)).toThrow("line 2");
});

it("only self-tests of the same machine, scenario and load stand beside a decision", () => {
  const summary = selfTest(0.02, 8);
  const entry = ledgerEntry(summary, "some");
  const other = { ...entry, machine: { ...entry.machine, cores: "999" } };
  const longer = { ...entry, load: { ...entry.load, durationMs: 1 } };
  const elsewhere = { ...entry, scenario: "steady" };
  const [scenario] = summary.scenarios;
  if (scenario === undefined) throw new Error("a synthetic summary has a scenario");
  expect(ledgerOf([entry, other, longer, elsewhere], summary.environment, scenario)).toEqual([entry]);
  expect(machineSays([other], summary)).toEqual([expect.stringContaining("its own errors here are not known")]);
  expect(machineSays([entry], summary).join("\n")).toContain("overhead p50 of chat in calm, the same against itself");
});

it("the spread is that of the log ratios, and the change that can be seen grows with it", () => {
  const [quiet, loud] = [p50Of([selfTest(0.02, 40)], 0), p50Of([selfTest(0.06, 40)], 0)];
  // Each side has noise of its own, so a ratio has √2 times as much.
  expect(quiet?.spread).toBeGreaterThan(0.02);
  expect(quiet?.spread).toBeLessThan(0.038);
  expect(loud?.spread).toBeGreaterThan(0.06);
  expect(loud?.detectable ?? 0).toBeGreaterThan(quiet?.detectable ?? 1);
});

it("each self-test is one decision, and resampled decisions are told apart from them", () => {
  const found = p50Of([selfTest(0.02), selfTest(0.02, 12, "8")], 100);
  expect(found).toMatchObject({ decisions: 2, alarms: 0, resampled: { runs: 48, decisions: 100 } });
  expect(found?.rateAtMost).toBeCloseTo(0.9, 2);
  expect(found?.resampled?.alarms).toBeLessThanOrEqual(4);
  const [said] = selfTestSays([ledgerEntry(selfTest(0.02), "some")], selfTest(0.02), 20);
  expect(said).toMatch(/0 false alarms in 1 decisions \(a rate of at most 99 %\), \d+ in 20 resampled ones of 24 runs/);
});

it("a self-test with too few pairs for any answer is no decision without a false alarm: it is none", () => {
  expect(p50Of([selfTest(0.02, 4)], 0)).toMatchObject({ pairs: 4, decisions: 0, alarms: 0, rateAtMost: 1 });
  const [said] = selfTestSays([ledgerEntry(selfTest(0.02, 4), "some")], selfTest(0.02, 4), 20);
  expect(said).toContain("too few in any self-test for a false alarm to be possible");
});

it("a machine on which one side is always slower is an alarm, so that the ledger can show one", () => {
  const uneven = syntheticSummary({ baseline: {}, candidate: { factor: 1.3 } }, { blocks: 12, noise: 0.02 });
  expect(p50Of([uneven], 0)).toMatchObject({ decisions: 1, alarms: 1, rateAtMost: 1 });
});
