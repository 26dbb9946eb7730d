/** A made-up comparison for the tests of its reports: one answer of each kind, damage on one side, a shift. Used by tests only. */
import type { Comparison, FigureComparison, ScenarioComparison } from "../../harness/compare/comparison.ts";

function figure(name: string, changes: Partial<FigureComparison>): FigureComparison {
  return {
    figure: name,
    cohort: "chatty",
    phase: "calm",
    unit: "ms",
    a: 21.4,
    b: 23.9,
    difference: 2.4,
    resolution: 0.8,
    pairs: 14,
    pairsNeeded: 10,
    ratio: 1.117,
    low: 1.061,
    high: 1.18,
    lowest: 1.02,
    highest: 1.26,
    level: 0.002,
    largerThan: 0.18,
    detectable: 0.049,
    answer: "worse",
    reason: null,
    ...changes,
  };
}

const FIGURES: readonly FigureComparison[] = [
  figure("overhead p50", {}),
  figure("overhead p90", { answer: "better", a: 88, b: 71, difference: -17, ratio: 0.81, low: 0.75, high: 0.87 }),
  figure("overhead p99", {
    answer: "no difference",
    ratio: 1.01,
    low: 0.93,
    high: 1.09,
    largerThan: 0.09,
    detectable: 0.062,
  }),
  figure("holding time p50", {
    answer: "no difference",
    ratio: 1.03,
    low: 1.01,
    high: 1.05,
    largerThan: 0.05,
    reason: "The difference is smaller than what measuring can tell apart.",
  }),
  figure("overhead p50", { phase: "fault", answer: "inconclusive", reason: "The sides were not hit alike." }),
  figure("recovery median", {
    phase: null,
    a: 1210,
    b: 1180,
    pairs: 3,
    low: null,
    high: null,
    largerThan: null,
    detectable: null,
    answer: "not enough",
  }),
  figure("memory per session", {
    cohort: null,
    unit: "KB",
    a: 66.1,
    b: null,
    difference: null,
    ratio: null,
    low: null,
    high: null,
    lowest: null,
    highest: null,
    largerThan: null,
    detectable: null,
    pairs: 0,
    answer: "not enough",
    reason: "No pair has this figure on both sides.",
  }),
];

function match(runner: string): ScenarioComparison {
  return {
    scenario: "strike",
    injects: true,
    runnerA: "memo",
    runnerB: runner,
    trialsA: { trials: 14, valid: 14, void: 0 },
    trialsB: { trials: 15, valid: 14, void: 1 },
    pairs: 14,
    notComparable: null,
    inconclusive: ["The faults met 200 pending turns of a and 300 of b on average: the sides were not hit alike."],
    figures: FIGURES,
    counts: [
      { count: "conversations forgotten", a: 5212, b: 0 },
      { count: "acknowledged turns lost, by read", a: null, b: 0 },
    ],
    shifts: [
      {
        cohort: "chatty",
        phase: "fault",
        measure: "overhead",
        pairs: 14,
        band: "interval",
        points: [0, 0.05, 0.5, 0.9, 0.99].map((q) => ({ q, ratio: 1 + q / 2, low: 0.9 + q / 2, high: 1.1 + q / 2 })),
      },
    ],
  };
}

/** @param runner name of side b */
export function fixtureComparison(runner = "journal"): Comparison {
  const side = { campaign: "full-7", recorded: "2026-11-20", seed: "7", profile: "full", blocks: 15, command: "run" };
  return {
    format: "agent-derby-comparison/1",
    kind: "contestants",
    a: { label: "memo", ...side },
    b: { label: runner, ...side },
    differences: [{ what: "Node", a: "24.0.0", b: "24.1.0", kind: "software" }],
    notes: ["full-7: Reached ±5 % after 15 blocks."],
    alpha: 0.01,
    family: 6,
    scenarios: [match(runner)],
  };
}
