/**
 * Calm twins: for a trial with faults the same trial without any, on the same runner with the same seed and the same sessions, so
 * that turns can be compared one by one. A twin is a trial of its own in the plan and in the recordings; it takes no part in
 * rankings.
 */
import { randomOf } from "../random.ts";
import type { Cohort, ModelStep, Scenario, SessionScript, ToolBehaviour, TurnScript } from "../scenario.ts";
import type { TrialPlan } from "../trial.ts";
import { localCallsOf } from "../world/script.ts";

/** The same step or tool without its fault. A crash is still asked for and never granted, so that the conversation stays the same. */
function calmEntry(entry: ModelStep | ToolBehaviour): ModelStep | ToolBehaviour {
  const { fault: _, ...calm } = entry;
  const crashes = "call" in calm && JSON.stringify(calm.call).includes('{"crash":');
  return crashes ? { ...calm, attempts: 0 } : calm;
}

const calmTurn = (script: TurnScript): TurnScript => script.map(calmEntry);

function calmScript(script: SessionScript): SessionScript {
  if (!("default" in script)) return calmTurn(script);
  const entries = Object.entries(script).map(([turn, one]) => [turn, calmTurn(one)]);
  return Object.fromEntries(entries) as SessionScript;
}

function calmCohort({ duplicates: _, twoClients: __, ...cohort }: Cohort): Cohort {
  return { ...cohort, script: calmScript(cohort.script) };
}

const hasFault = (script: TurnScript): boolean => script.some((entry) => entry.fault !== undefined);

/** Whether the cohort's script or its clients do something that a twin leaves out. */
function misbehaves(cohort: Cohort): boolean {
  const scripts: readonly TurnScript[] = "default" in cohort.script ? Object.values(cohort.script) : [cohort.script];
  const crashes = localCallsOf(cohort).some(([tool]) => tool === "crash");
  return crashes || scripts.some(hasFault) || (cohort.duplicates ?? cohort.twoClients) !== undefined;
}

/** Cohorts that are the fault by what they do: where nothing else goes wrong, those that begin with the fault phase. */
function loadUnderStudy({ cohorts, faults = [] }: Scenario): string[] {
  if (faults.length > 0 || Object.values(cohorts).some(misbehaves)) return [];
  return Object.keys(cohorts).filter((name) => cohorts[name]?.startsIn === "fault");
}

/** Whether anything goes wrong in a scenario, so that there is something to leave out. */
export function hasTwin(scenario: Scenario): boolean {
  const { cohorts, faults = [] } = scenario;
  return faults.length > 0 || Object.values(cohorts).some(misbehaves) || loadUnderStudy(scenario).length > 0;
}

/** The twin of a trial with faults. */
export function calmTwin(trial: TrialPlan): TrialPlan {
  const { faults: _, ...definition } = trial.definition;
  const left = loadUnderStudy(trial.definition);
  const cohorts = Object.entries(definition.cohorts).map(([name, cohort]) => [name, calmCohort(cohort)]);
  return {
    ...trial,
    id: `${trial.id}-calm-twin`,
    twinOf: trial.id,
    definition: { ...definition, cohorts: Object.fromEntries(cohorts) as Scenario["cohorts"] },
    sessions: trial.sessions.filter(({ cohort }) => !left.includes(cohort)),
    faults: [],
  };
}

/** Each trial with its twin beside it, which of them first drawn by seed, so that neither is always on the warmer machine. */
export function withTwins(trials: readonly TrialPlan[]): TrialPlan[] {
  return trials.flatMap((trial) => {
    if (!hasTwin(trial.definition)) return [trial];
    const twin = calmTwin(trial);
    return randomOf(trial.seed, "twin", trial.id)() < 0.5 ? [trial, twin] : [twin, trial];
  });
}
