/** When the faults of a trial fire: instants of the scenario turned into counts of acknowledged turns, and cohorts into members of a hold. */
import { randomOf, shuffled } from "../random.ts";
import type { Scenario, ScenarioFault, StepTrigger } from "../scenario.ts";
import type { PlannedFault, PlannedStep } from "../trial.ts";
import type { IdealSession } from "./sessions.ts";

/** A fault at the size of a profile. @param at scales an instant; @param sessions how many there are for each one written */
export function scaleFault(fault: ScenarioFault, at: (ms: number) => number, sessions: number): ScenarioFault {
  const { atMs, afterTurns, clockMs } = fault;
  return {
    ...fault,
    ...(atMs && { atMs: atMs.map(at) }),
    ...(afterTurns && { afterTurns: afterTurns.map((turns) => Math.max(1, Math.round(turns * sessions))) }),
    ...(clockMs && { clockMs: clockMs.map(at) }),
  };
}

/** What a step fault takes, whatever the profile: its cohort's way to the step, the fault itself, and its backlog. */
const STEP_FAULT_MS = 4_000;

/** The least length of the fault phase for the step faults of a scenario. How long a fault is in force is not scaled either. */
export function stepFaultsMs({ faults = [] }: Scenario): number {
  const inForceMs = ({ restartAfterMs = 0, with: { forMs } = {} }: ScenarioFault): number =>
    restartAfterMs + (typeof forMs === "number" ? forMs : 0);
  const stepped = faults.filter(({ atStep }) => atStep !== undefined);
  return stepped.reduce((sum, fault) => sum + STEP_FAULT_MS + inForceMs(fault), 0);
}

/** How many turns the ideal schedule has acknowledged by an instant. Cohorts of step faults are left out: they come after all others. */
function acknowledgedOn(scenario: Scenario, sessions: readonly IdealSession[], faultBeginMs: number) {
  const originMs = (cohort: string): number => (scenario.cohorts[cohort]?.startsIn === "fault" ? faultBeginMs : 0);
  const answers = sessions
    .filter(({ session }) => scenario.cohorts[session.cohort]?.startsIn !== "step")
    .flatMap(({ session, answersMs }) => answersMs.map((ms) => ms + originMs(session.cohort)))
    .sort((a, b) => a - b);
  return (ms: number): number => {
    const index = answers.findIndex((answer) => answer > ms);
    return index === -1 ? answers.length : index;
  };
}

/** The sessions that are held: drawn from those of the cohort, in the order of their arrival. */
function stepOf(trigger: StepTrigger, sessions: readonly IdealSession[], seed: number): PlannedStep {
  const { cohort, turn, step = 1, at, call = 0 } = trigger;
  const own = sessions.filter(({ session }) => session.cohort === cohort);
  const wanted = Math.min(own.length, trigger.members ?? own.length);
  const drawn = new Set(shuffled(own, randomOf(seed, "members", cohort)).slice(0, wanted));
  const members = own.filter((session) => drawn.has(session));
  // A step of a turn is reached before the turn is answered.
  const reachedMs = Math.ceil(Math.max(0, ...members.map(({ answersMs }) => answersMs[turn - 1] ?? 0)));
  return { cohort, turn, step, at, call, members: members.map(({ session }) => session.id), reachedMs };
}

/** The faults of a trial in the order in which they fire. */
export function planFaults(scenario: Scenario, sessions: readonly IdealSession[], seed: number): PlannedFault[] {
  const beginMs = scenario.phases.warmupMs + scenario.phases.calmMs;
  const acknowledgedBy = acknowledgedOn(scenario, sessions, beginMs);
  const faults = (scenario.faults ?? []).flatMap((fault) => {
    const { kind, role = "app" as const, restartAfterMs = 0, atMs = [], afterTurns = [], clockMs = [], atStep } = fault;
    const common = { kind, role, restartAfterMs, with: fault.with ?? {} };
    const by = (afterAcknowledged: number) => ({ order: afterAcknowledged, ...common, afterAcknowledged });
    return [
      ...atMs.map((ms) => by(acknowledgedBy(beginMs + ms))),
      ...afterTurns.map((turns) => by(acknowledgedBy(beginMs) + turns)),
      ...clockMs.map((ms) => ({ order: acknowledgedBy(beginMs + ms), ...common, clockMs: ms })),
      ...(atStep === undefined
        ? []
        : [{ order: Number.POSITIVE_INFINITY, ...common, atStep: stepOf(atStep, sessions, seed) }]),
    ];
  });
  // A stable sort: what fires at the same point stays in the order in which it is written. Infinity − Infinity is no order.
  faults.sort((a, b) => (a.order === b.order ? 0 : a.order - b.order));
  return faults.map(({ order: _, ...fault }, index) => ({ id: `f${index + 1}`, ...fault }));
}
