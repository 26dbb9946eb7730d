/** One trial in figures: everything that reports and promises need of it, from its recording alone. */
import type { Verdict } from "../checkers/checker.ts";
import { buildIndex } from "../checkers/history-index.ts";
import type { History } from "../history.ts";
import { parseCores } from "../processes/cores.ts";
import type { ContestantSummary, Environment, Prices, TrialSummary } from "../summary.ts";
import type { TrialOutcome, TrialPlan } from "../trial.ts";
import { evidenceOf } from "../validity/evidence.ts";
import { validityOf } from "../validity.ts";
import { attributionOf, observationOf } from "./attribution.ts";
import { economyOf } from "./economy.ts";
import { effectsOf } from "./effects.ts";
import { exposureOf, type TrialExposure } from "./exposure.ts";
import { goodputOf, memoryOf } from "./goodput.ts";
import { heatOf } from "./heat-map.ts";
import { lanesOf } from "./lanes.ts";
import { latencyOf } from "./latency.ts";
import { latenessByCohort } from "./lateness.ts";
import { overheadIntervals } from "./overhead-intervals.ts";
import { recoveryOf } from "./recovery.ts";
import { stallsOf } from "./silence.ts";
import { silentOf } from "./silent.ts";
import { spectraOf } from "./spectrum.ts";
import { startLagOf } from "./start-lag.ts";
import { stepsOf } from "./steps.ts";
import { streamingOf } from "./streaming.ts";
import { clockworkOf, timelineOf } from "./timeline.ts";
import { timed, turnFigures } from "./turn-figures.ts";
import { type ComparableTurns, comparableTurns } from "./twins.ts";
import { calmCoreShareOf, gcOf, restartsOf, usageOf } from "./usage.ts";
import { workOf } from "./work.ts";

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

/** What a trial adds to the summary of its campaign. */
export interface SummarizedTrial {
  readonly plan: TrialPlan;
  readonly contestant: ContestantSummary;
  readonly summary: TrialSummary;
  readonly exposure: TrialExposure;
  readonly comparable: ComparableTurns;
}

/** Summarizes one trial; `exposure` is what its promises are weighed by, `comparable` what is held against its calm twin. */
export function summarizeTrial(
  trial: RecordedTrial,
  { environment, prices, commandOf }: Surroundings,
): SummarizedTrial {
  const { plan, outcome, history, verdicts, contestant } = trial;
  const { definition } = plan;
  const index = buildIndex(history);
  const turns = turnFigures(plan, index);
  const asked = [...definition.observe.overhead, ...(definition.observe.bystanders ?? [])];
  const clock = clockworkOf(index);
  const cores = outcome.cores === null ? environment.cores : parseCores(outcome.cores.runtime).length;
  const evidence = evidenceOf(plan, index, history.trial, outcome, {
    startLagMs: startLagOf(index),
    calmCoreShare: calmCoreShareOf(index, history.trial, cores),
    allCores: environment.cores,
  });
  const summary: TrialSummary = {
    id: plan.id,
    block: plan.block,
    validity: validityOf(outcome, evidence),
    load: plan.load,
    ...(outcome.profiled !== undefined && { profiled: outcome.profiled }),
    latency: latencyOf(index, timed(turns), Object.keys(definition.cohorts)),
    spectrum: spectraOf(timed(turns), asked),
    intervals: overheadIntervals(timed(turns), asked),
    heat: heatOf(
      turns.filter(({ proof }) => !proof),
      clock.seconds,
      clock.secondOf,
    ),
    goodput: goodputOf(turns),
    memory: memoryOf(index, contestant.promises.readable === true),
    economy: economyOf(index, prices),
    effects: effectsOf(plan, index),
    recovery: recoveryOf(index, turns, definition.cohorts, definition.observe.recovery ?? []),
    steps: stepsOf(plan, index, turns, prices, contestant.promises.readable === true),
    silent: silentOf(index, definition.cohorts),
    streaming: streamingOf(plan, timed(turns), Object.keys(definition.cohorts)),
    lateness: latenessByCohort(plan, index, turns, Object.keys(definition.cohorts)),
    stalls: stallsOf(plan, index, turns),
    usage: usageOf(index, history.trial),
    work: workOf(plan, index, history.trial),
    gc: gcOf(index, history.trial, definition.observe.exercise === "gc"),
    observation: observationOf(history.trial),
    attribution: attributionOf(index, history.trial, timed(turns), Object.keys(definition.cohorts)),
    restarts: restartsOf(index, history.trial),
    verdicts,
    timeline: timelineOf(index, history.trial, turns, cores),
    lanes: lanesOf(trial, index, turns),
    command: commandOf(plan),
  };
  const comparable = comparableTurns(plan, index, turns);
  return { plan, contestant, summary, exposure: exposureOf(plan, index), comparable };
}
