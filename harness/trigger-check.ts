/** Checks when the faults of a scenario are to fire: each by exactly one trigger, and a step trigger at a step that exists. */
import { unknownName } from "./errors.ts";
import { type Cohort, type ScenarioFault, STEP_POINTS, type StepTrigger } from "./scenario.ts";
import type { Problems, Shape } from "./shape.ts";
import { type ResolvedStep, resolveTurn } from "./world/script.ts";

const STEP_KEYS = ["cohort", "turn", "step", "at", "call", "members"] as const;
const LISTS = {
  atMs: "a list of milliseconds from the start of the fault phase, at least one",
  afterTurns: "a list of numbers of turns since the start of the fault phase, at least one",
  clockMs: "a list of milliseconds from the start of the fault phase, at least one",
} as const;
const TRIGGERS = [...Object.keys(LISTS), "atStep"];

function isList(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === "number" && one >= 0);
}

/** The trigger of one fault. */
export function checkTrigger(fault: Shape): void {
  const given = TRIGGERS.filter((name) => fault.value[name] !== undefined);
  if (given.length !== 1) {
    const got = given.length === 0 ? "none" : given.join(" and ");
    fault.says(`${fault.path}: expected exactly one of ${TRIGGERS.join(", ")} to say when it fires, got ${got}.`);
    return;
  }
  for (const [name, expected] of Object.entries(LISTS))
    if (fault.value[name] !== undefined && !isList(fault.value[name])) fault.problem(name, expected, fault.value[name]);
  const step = fault.value.atStep === undefined ? undefined : fault.child("atStep");
  step?.keys(STEP_KEYS);
  step?.text("cohort");
  step?.oneOf("at", STEP_POINTS);
  step?.integer("turn", 1, 10_000);
  step?.integer("step", 1, 1_000, "optional");
  step?.integer("call", 0, 35, "optional");
  step?.integer("members", 1, 1_000_000, "optional");
}

/** Why a turn with these steps can not be held there; null if it can. */
function whyNotHeld({ step = 1, at, call = 0 }: StepTrigger, steps: readonly ResolvedStep[]): string | null {
  if (at === "delivered" || at === "answered") return null;
  const own = steps[step - 1];
  if (own === undefined) return `step: the turn has ${steps.length} model steps, there is no step ${step}`;
  const held = steps[at === "next" ? step : step - 1];
  if (own.fault !== undefined || held?.fault !== undefined)
    return "step: a step that meets a fault of the model is never held";
  if (at === "asked" || at === "first" || at === "last") return null;
  if (own.calls.length === 0) return `at: step ${step} calls no tool`;
  if (at !== "next" && own.calls[call]?.local !== false) return `call: call ${call} of step ${step} is no remote tool`;
  return null;
}

/** Step triggers against the cohorts that they name. Expects faults and cohorts that are right in themselves. */
export function checkStepCohorts(
  faults: readonly ScenarioFault[],
  cohorts: Readonly<Record<string, Cohort>>,
  problems: Problems,
): void {
  const named = new Set<string>();
  faults.forEach(({ atStep }, index) => {
    if (atStep === undefined) return;
    const path = `faults[${index}].atStep`;
    const cohort = cohorts[atStep.cohort];
    if (cohort === undefined) {
      problems.push(`${path}.cohort: ${unknownName("cohort", atStep.cohort, Object.keys(cohorts))}`);
      return;
    }
    if (cohort.startsIn !== "step")
      problems.push(`${path}.cohort: ${atStep.cohort} must have startsIn: "step", so that it arrives for this fault.`);
    if (named.has(atStep.cohort))
      problems.push(
        `${path}.cohort: ${atStep.cohort} is held for another fault already; each needs a cohort of its own.`,
      );
    named.add(atStep.cohort);
    if (atStep.turn > cohort.turns) {
      problems.push(`${path}.turn: sessions of ${atStep.cohort} have ${cohort.turns} turns, got ${atStep.turn}.`);
      return;
    }
    const of = { seed: 1, cohort, memoryMb: 1, session: "any", turn: atStep.turn, kind: "ordinary" } as const;
    const why = whyNotHeld(atStep, resolveTurn(of).steps);
    if (why !== null) problems.push(`${path}.${why}.`);
  });
  for (const [name, { startsIn }] of Object.entries(cohorts))
    if (startsIn === "step" && !named.has(name))
      problems.push(`cohorts.${name}.startsIn: no fault names ${name} in atStep, so it would never begin.`);
}
