/** One trial in figures: everything that reports and promises need of it, from its recording alone. */
import type { Verdict } from "../checkers/checker.ts";
import { buildIndex } from "../checkers/history-index.ts";
import type { History } from "../history.ts";
import { parseCores } from "../processes/cores.ts";
import type { ContestantSummary, Environment, Prices, TrialSummary } from "../summary.ts";
import type { TrialOutcome, TrialPlan } from "../trial.ts";
import { validityOf } from "../validity.ts";
import { economyOf } from "./economy.ts";
import { effectsOf } from "./effects.ts";
import { exposureOf, type TrialExposure } from "./exposure.ts";
import { goodputOf, memoryOf } from "./goodput.ts";
import { latencyOf } from "./latency.ts";
import { recoveryOf } from "./recovery.ts";
import { silentOf } from "./silent.ts";
import { startLagOf } from "./start-lag.ts";
import { timelineOf } from "./timeline.ts";
import { turnFigures } from "./turn-figures.ts";
import { calmCoreShareOf, gcOf, restartsOf, usageOf } from "./usage.ts";

/** One recorded trial with its verdicts. */
export interface RecordedTrial {
  readonly plan: TrialPlan;
  readonly outcome: TrialOutcome;
  readonly history: History<TrialPlan>;
  readonly verdicts: readonly Verdict[];
  readonly contestant: ContestantSummary;
}

/** What is the same for all trials of a campaign. */
export interface Surroundings {
  readonly environment: Pick<Environment, "cores">;
  readonly prices: Prices;
  /** The command that repeats a trial alone. */
  readonly commandOf: (plan: TrialPlan) => string;
}

/** Summarizes one trial; `exposure` is what its promises are weighed by. */
export function summarizeTrial(
  trial: RecordedTrial,
  { environment, prices, commandOf }: Surroundings,
): { summary: TrialSummary; exposure: TrialExposure } {
  const { plan, outcome, history, verdicts, contestant } = trial;
  const { definition } = plan;
  const index = buildIndex(history);
  const turns = turnFigures(plan, index);
  const cores = outcome.cores === null ? environment.cores : parseCores(outcome.cores.runtime).length;
  const summary: TrialSummary = {
    id: plan.id,
    block: plan.block,
    validity: validityOf(outcome, startLagOf(index), calmCoreShareOf(index, history.trial, cores)),
    load: plan.load,
    latency: latencyOf(index, turns, Object.keys(definition.cohorts)),
    goodput: goodputOf(turns),
    memory: memoryOf(index, contestant.promises.readable === true),
    economy: economyOf(index, prices),
    effects: effectsOf(plan, index),
    recovery: recoveryOf(index, turns, definition.cohorts, definition.observe.recovery ?? []),
    silent: silentOf(index, definition.cohorts),
    usage: usageOf(index, history.trial),
    gc: gcOf(index, history.trial, definition.observe.exercise === "gc"),
    restarts: restartsOf(index, history.trial),
    verdicts,
    timeline: timelineOf(index, history.trial, turns, cores),
    command: commandOf(plan),
  };
  return { summary, exposure: exposureOf(plan, index) };
}
