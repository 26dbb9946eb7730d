import { expect, test } from "vitest";
import type { Quantiles, TrialOutcome } from "./trial.ts";
import { validityOf } from "./validity.ts";

const calm: Quantiles = { n: 10_000, p50: 0.2, p90: 0.5, p99: 1, p999: 2, max: 30 };
const recorded: TrialOutcome = {
  status: "recorded",
  cores: { harness: "0", runtime: "1" },
  health: { startLagMs: calm, frameLatenessMs: calm, driverLoopDelayMaxMs: 3, worldLoopDelayMaxMs: 3 },
  certificate: "fresh",
};
const withLag = (startLagMs: Quantiles | null, changes: Partial<TrialOutcome> = {}): TrialOutcome => ({
  ...recorded,
  ...changes,
  health: { ...recorded.health, startLagMs },
});

const ROWS: readonly [string, TrialOutcome, string, RegExp][] = [
  ["quiet witnesses are valid", recorded, "valid", /^$/],
  ["a start lag p99 above 3 ms is void", withLag({ ...calm, p99: 3.1 }), "void", /start lag.*3.1 ms.*3 ms/],
  ["a start lag p99.9 above 10 ms is void", withLag({ ...calm, p999: 11 }), "void", /p99.9, was 11 ms/],
  ["a p99.9 of fewer than 5,000 values is chance", withLag({ ...calm, n: 4_000, p999: 11 }), "valid", /^$/],
  [
    "lag where cores could not be kept apart is failed isolation",
    withLag({ ...calm, p99: 9 }, { cores: null }),
    "failed isolation",
    /start lag.*kept apart/,
  ],
  ["a driver that offered nothing is void", withLag(null), "void", /offered nothing/],
  [
    "a trial that the harness gave up is void",
    { ...recorded, status: "void", reason: "Disk full." },
    "void",
    /^Disk full\.$/,
  ],
  [
    "a runtime that did not start is refused",
    { ...recorded, status: "refused", reason: "Port." },
    "refused",
    /^Port\.$/,
  ],
];
test.each(ROWS)("%s", (_, outcome, verdict, reasons) => {
  const validity = validityOf(outcome, outcome.health.startLagMs, 0.3);
  expect(validity.verdict).toBe(verdict);
  expect(validity.reasons.join(" ")).toMatch(reasons);
});

test("a runtime above 70 % of its cores in calm is saturated", () => {
  expect(validityOf(recorded, calm, 0.71).saturated).toBe(true);
  expect(validityOf(recorded, calm, 0.7).saturated).toBe(false);
  expect(validityOf(recorded, calm, null).saturated).toBe(false);
});
