/**
 * How a summary is read: which trials count, which cohorts are shown, which promises a trial broke. Promises: only selects and names what
 * the summary holds, the same for every report. Leaves to others: every judgement (it stands in the summary) and every layout.
 */
import type { Phase } from "../harness/history.ts";
import type { StallSummary } from "../harness/summarize/silence.ts";
import type { StreamingSummary } from "../harness/summarize/streaming.ts";
import type {
  LatencySummary,
  PromiseSummary,
  Recovery,
  RunnerResult,
  ScenarioSummary,
  Summary,
  TrialSummary,
} from "../harness/summary.ts";

/** The phases that are laid beside each other. */
export const COMPARED = ["calm", "fault"] as const satisfies readonly Phase[];

/** Trials whose figures may be shown. The others are named with their reason, and their figures stay in summary.json. */
export function validTrials(result: RunnerResult): readonly TrialSummary[] {
  return result.trials.filter((trial) => trial.validity.verdict === "valid");
}

/** Cohorts whose overhead the scenario asks about, then its bystanders; each once. */
export function shownCohorts(scenario: ScenarioSummary): readonly string[] {
  return [...new Set([...scenario.headlineCohorts, ...scenario.bystanders])];
}

export function isBystander(scenario: ScenarioSummary, cohort: string): boolean {
  return scenario.bystanders.includes(cohort);
}

/** A cohort in words: bystanders are called so, where their name does not say it. */
export function cohortName(scenario: ScenarioSummary, cohort: string): string {
  return isBystander(scenario, cohort) && cohort !== "bystanders" ? `${cohort} (bystanders)` : cohort;
}

/** The phase named "fault" is one of load where the scenario injects nothing. */
export function phaseName(scenario: ScenarioSummary, phase: Phase): string {
  return phase === "fault" && scenario.faults.length === 0 ? "load" : phase;
}

export function latencyOf(trial: TrialSummary, cohort: string, phase: Phase): LatencySummary | undefined {
  return trial.latency.find((row) => row.cohort === cohort && row.phase === phase);
}

/** Cohorts of which somebody read along in any valid trial of the scenario, in order of appearance. */
export function streamedCohorts(scenario: ScenarioSummary): readonly string[] {
  const all = scenario.results.flatMap((result) =>
    validTrials(result).flatMap((trial) => trial.streaming.map((row) => row.cohort)),
  );
  return [...new Set(all)];
}

export function streamingOf(trial: TrialSummary, cohort: string, phase: Phase): StreamingSummary | undefined {
  return trial.streaming.find((row) => row.cohort === cohort && row.phase === phase);
}

export function stallOf(trial: TrialSummary, phase: Phase): StallSummary | undefined {
  return trial.stalls.find((row) => row.phase === phase);
}

/** Cohorts whose recovery was measured in any trial of the scenario, in order of appearance. */
export function recoveryCohorts(scenario: ScenarioSummary): readonly string[] {
  const all = scenario.results.flatMap((result) =>
    result.trials.flatMap((trial) => trial.recovery.map((row) => row.cohort)),
  );
  return [...new Set(all)];
}

export function recoveryOf(trial: TrialSummary, cohort: string): Recovery | undefined {
  return trial.recovery.find((row) => row.cohort === cohort);
}

/** Promises of a runner that at least one of these trials shows broken. */
export function brokenIn(summary: Summary, runner: string, trials: readonly TrialSummary[]): readonly PromiseSummary[] {
  const ids = new Set(trials.map((trial) => trial.id));
  return summary.promises.filter(
    (row) => row.runner === runner && row.state === "broken" && row.trials.some((trial) => ids.has(trial)),
  );
}

/** Why no figures of a runner can be shown in a scenario, in one sentence without a full stop; null where they can. */
export function whyNoFigures(result: RunnerResult): string | null {
  if (validTrials(result).length > 0) return null;
  const first = result.trials[0];
  if (first === undefined) return "no trial was recorded";
  const reasons =
    [...new Set(result.trials.flatMap((trial) => trial.validity.reasons))].join(" ").replace(/\.$/, "") ||
    "no reason was recorded";
  switch (first.validity.verdict) {
    case "refused":
      return `the runtime did not take part: ${reasons}`;
    case "profiled":
      return `profiled, never ranked: ${reasons}`;
    case "failed isolation":
      return `the isolation failed, which counts against no one: ${reasons}`;
    default:
      return `the trial is void, which counts against no one: ${reasons}`;
  }
}

/** Every trial that is void or missing with its reason, whether the campaign or the trial itself says so. */
export function voidTrials(summary: Summary): readonly { readonly trial: string; readonly reason: string }[] {
  const named = new Set(summary.void.map((row) => row.trial));
  const judged = summary.scenarios.flatMap((scenario) =>
    scenario.results.flatMap((result) =>
      result.trials
        .filter((trial) => trial.validity.verdict !== "valid" && !named.has(trial.id))
        .map((trial) => ({
          trial: trial.id,
          reason: `${trial.validity.verdict}: ${trial.validity.reasons.join("; ")}`,
        })),
    ),
  );
  return [...summary.void, ...judged];
}

/** Every trial that was summarized, with the scenario and runner it belongs to. */
export function everyTrial(
  summary: Summary,
): readonly { scenario: ScenarioSummary; runner: string; trial: TrialSummary }[] {
  return summary.scenarios.flatMap((scenario) =>
    scenario.results.flatMap((result) => result.trials.map((trial) => ({ scenario, runner: result.runner, trial }))),
  );
}
