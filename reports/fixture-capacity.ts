/** Made-up capacities for the tests of reports: one runner that fills its core, one that outruns the load, one with a step of errors. */
import {
  type CapacityStep,
  type CapacitySummary,
  type CapacityVerdict,
  kneeOf,
  type RunnerCapacity,
} from "../harness/capacity.ts";

type Figures = readonly [connections: number, turnsPerSecond: number, p99Ms: number | null, errors?: number];

function step([connections, turnsPerSecond, p99Ms, errors = 0]: Figures, verdict: CapacityVerdict): CapacityStep {
  const p50Ms = (connections * 1000) / turnsPerSecond;
  return {
    connections,
    turns: turnsPerSecond * 3,
    turnsPerSecond,
    p50Ms,
    p99Ms,
    maxMs: p50Ms * 3,
    appPercent: 94,
    storePercent: 0,
    othersPercent: 2,
    loadPercent: verdict === "load-bound" ? 97 : 30,
    errors,
    ...(errors > 0 && { firstError: "A turn was answered with 500 <b>oops</b>." }),
    verdict,
  };
}

function capacity(runner: string, verdict: CapacityVerdict, figures: readonly Figures[]): RunnerCapacity {
  const steps = figures.map((one) => step(one, verdict));
  return { runner, hash: runner, recorded: "2026-11-19", steps, knee: kneeOf(steps) };
}

export const FIXTURE_CAPACITY: CapacitySummary = {
  machine: "AMD EPYC 7B13, 2 cores",
  runners: [
    capacity("journal", "not full", [
      [1, 60, null],
      [4, 200, 31],
      [16, 410, 66],
      [64, 420, 240],
      [256, 380, 900, 3],
    ]),
    capacity("mailbox", "load-bound", [
      [1, 700, 3],
      [4, 1_900, 5],
      [16, 2_700, 14],
      [64, 2_750, 41],
      [256, 2_740, 160],
    ]),
    capacity("memo", "core full", [
      [1, 800, 2],
      [4, 1_150, 6],
      [16, 1_210, 22],
      [64, 1_190, 88],
      [256, 1_100, 410],
    ]),
  ],
  offered: [
    {
      scenario: "strike",
      completionsPerSecond: 180.4,
      shares: [
        { runner: "journal", percent: 43, atMost: false },
        { runner: "mailbox", percent: 6.6, atMost: true },
        { runner: "memo", percent: 14.9, atMost: false },
      ],
    },
    {
      scenario: "hoard",
      completionsPerSecond: 90,
      shares: [{ runner: "memo", percent: 7.4, atMost: false }],
    },
  ],
};
