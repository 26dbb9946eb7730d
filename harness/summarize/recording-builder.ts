/** Makes recordings of hand-written histories for tests, and summarizes them. */
import type { HistoryBuilder } from "../checkers/history-builder.ts";
import { judgeTrial } from "../judge.ts";
import type { Promises } from "../runner.ts";
import { type SummarizeInputs, summarize, trialCommand } from "../summarize.ts";
import type { ContestantSummary, Environment, TrialSummary } from "../summary.ts";
import type { CampaignPlan, Quantiles, TrialOutcome, TrialPlan } from "../trial.ts";
import { type RecordedTrial, summarizeTrial } from "./trial-summary.ts";

const environment: Environment = {
  agentDerby: "0.1.0",
  node: "24.0.0",
  os: "linux",
  kernel: "6",
  cpuModel: "some",
  cores: 2,
  memoryMb: 8_192,
  openFiles: 20_000,
  pinning: "taskset",
  postgres: {},
};
export const quiet: Quantiles = { n: 1_000, p50: 0.1, p90: 0.2, p99: 0.3, p999: 0.4, max: 1 };
export const recorded: TrialOutcome = {
  status: "recorded",
  cores: { harness: "0", runtime: "1" },
  health: { startLagMs: quiet, frameLatenessMs: quiet, driverLoopDelayMaxMs: 2, worldLoopDelayMaxMs: 2 },
  certificate: "fresh",
};
export const VOWED: Promises = {
  readable: true,
  "durable-turns": "process",
  effects: "exactly-once-with-keys",
  "journaled-steps": true,
};

function contestant(name: string, promises: Promises): ContestantSummary {
  return {
    name,
    runtime: name,
    language: "TypeScript",
    home: "https://example.org",
    promises,
    deviations: [],
    certificate: "fresh",
  };
}

export function recordingOf(builder: HistoryBuilder, promises: Promises = VOWED, outcome = recorded): RecordedTrial {
  const history = builder.history();
  const { plan } = builder;
  const verdicts = judgeTrial(history, promises);
  return { plan, outcome, history, verdicts, contestant: contestant(plan.runner, promises) };
}

export function inputsOf(trials: readonly RecordedTrial[], changes: Partial<CampaignPlan> = {}): SummarizeInputs {
  const campaign: CampaignPlan = {
    format: "agent-derby-campaign/1",
    id: "default-7",
    seed: "7",
    profile: "default",
    blocks: 1,
    command: "npm run bench -- --profile default --seed 7",
    trials: trials.map(({ plan }) => plan),
    reductions: [],
    ...changes,
  };
  const prices = { input: 2.5, output: 10 };
  const surroundings = { environment, prices, commandOf: (plan: TrialPlan) => trialCommand(campaign, plan) };
  const summarized = trials.map((trial) => summarizeTrial(trial, surroundings));
  return { campaign, environment, prices, recorded: "2025-01-01", trials: summarized };
}

export function trialOf(builder: HistoryBuilder, promises: Promises = VOWED): TrialSummary {
  const summary = summarize(inputsOf([recordingOf(builder, promises)]));
  return summary.scenarios[0]?.results[0]?.trials[0] as TrialSummary;
}
