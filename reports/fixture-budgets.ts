/** Costs of parts, and what a turn of two runners of the fixture is made of: one that says so and one that does not. */
import type { Primitives } from "../harness/budget/primitives.ts";
import { budgetsOf } from "../harness/summarize/budgets.ts";
import type { TrialWork } from "../harness/summarize/work.ts";
import type { Summary } from "../harness/summary.ts";
import { fixtureSummary } from "./fixture-summary.ts";

export const FIXTURE_PRIMITIVES: Primitives = {
  format: "agent-derby-primitives/2",
  machine: "Some Processor, 2 cores",
  recorded: "2026-11-20",
  node: "v24.21.0",
  runners: [{ runner: "journal", hash: "ab" }],
  warmUpMs: 6000,
  lengthMs: 6000,
  partMs: {
    idle: 12,
    thread: 4,
    turn: 0.4,
    modelCall: 1.2,
    frame: 0.02,
    tokenOut: 0.03,
    conversationKb: 0.01,
    threadCall: 0.3,
    threadToken: 0.02,
    toolCall: 0.9,
    postMessage: 0.2,
    commit: 0.25,
  },
  toolMs: { parse_document: 0.03, search_memory: 1, burn_cpu: 2, hold_memory: 1, churn_memory: 0.3 },
  yardstickMs: 2,
  roundTripMs: 0.2,
  commitMs: 1.5,
  table: [{ what: "a turn over HTTP, answered at once", value: 0.4, unit: "ms of CPU" }],
  checks: [
    {
      scenario: "strike",
      runner: "journal",
      chosenBy: true,
      valid: true,
      slowness: 1,
      predictedMs: 4.2,
      measuredMs: 4,
    },
  ],
};

export const FIXTURE_WORK: TrialWork = {
  seconds: 20,
  turns: 2000,
  sessions: 400,
  modelCalls: 4000,
  frames: 120_000,
  tokensOut: 0,
  conversationKb: 8000,
  toolCalls: 2000,
  localCalls: 0,
  localUnits: {},
  appCpuMs: 12_000,
  storeCpuMs: 2000,
};

/** The fixture as if the parts of turns had been measured beside it. */
export function summaryWithBudgets(): Summary {
  const summary = fixtureSummary();
  const contestants = summary.contestants.map((one) => ({
    ...one,
    budget: { turn: { perTurn: 1 }, modelCall: { perModelCall: 1 }, frame: { perFrame: 1 }, commit: { perTurn: 4 } },
  }));
  const scenarios = summary.scenarios.map((scenario) => ({
    ...scenario,
    results: scenario.results.map((result) => ({
      ...result,
      trials: result.trials.map((trial) => ({ ...trial, work: FIXTURE_WORK })),
    })),
  }));
  return { ...summary, contestants, scenarios, ...budgetsOf(FIXTURE_PRIMITIVES, scenarios, contestants) };
}
