import { constant, exponential, uniform } from "../../harness/random.ts";
import type {
  ClientPolicy,
  Cohort,
  CohortChanges,
  ScenarioFault,
  StepTrigger,
  TurnScript,
} from "../../harness/scenario.ts";
import { chat } from "./chat.ts";

/** A quick turn with one effect of each kind: 0.8 s, so that a whole cohort comes to the same step within seconds. */
const quick = [
  { say: { firstTokenMs: uniform(120, 180), tokens: constant(8) }, call: ["save_note", "send_mail"] },
  { tool: "save_note", takesMs: uniform(40, 60), effect: "keyed" },
  { tool: "send_mail", takesMs: uniform(20, 40), effect: "plain" },
  { say: { firstTokenMs: uniform(120, 180), tokens: constant(15) } },
] satisfies TurnScript;

/** Two turns are there to be forgotten, the third is held, the fourth shows what is left. */
const victims: Omit<Cohort, "client"> = {
  sessions: 40,
  turns: 4,
  startsIn: "step",
  thinkMs: uniform(150, 350),
  readEvery: 1,
  script: quick,
};

/** All steps of a turn that can be seen from outside, in their order. Call 0 is the keyed effect, call 1 the plain one. */
const STEPS: Readonly<Record<string, Pick<StepTrigger, "at" | "step" | "call">>> = {
  delivered: { at: "delivered" },
  asked: { at: "asked", step: 1 },
  firstToken: { at: "first", step: 1 },
  lastToken: { at: "last", step: 1 },
  toolAsked: { at: "tool", step: 1, call: 0 },
  plainToolAsked: { at: "tool", step: 1, call: 1 },
  effectApplied: { at: "applied", step: 1, call: 0 },
  plainEffectApplied: { at: "applied", step: 1, call: 1 },
  toolAnswered: { at: "told", step: 1, call: 0 },
  askedAgain: { at: "next", step: 1 },
  answerStreamed: { at: "last", step: 2 },
  answered: { at: "answered" },
};

/** The load beside them, and a cohort for each step. @param client asks for them, and for the others */
export const sweptCohorts = (client: ClientPolicy): Readonly<Record<string, Cohort | CohortChanges>> => ({
  others: { sessions: 1_440, turns: 8, thinkMs: exponential(50_000), script: chat, client },
  silent: { like: "others", sessions: 80, client: { retry: "never" } },
  ...Object.fromEntries(Object.keys(STEPS).map((name) => [name, { ...victims, client }])),
});

/** The same fault at every step, one after the other. */
export const atEveryStep = (fault: Omit<ScenarioFault, "atStep">): ScenarioFault[] =>
  Object.entries(STEPS).map(([cohort, where]) => ({ ...fault, atStep: { cohort, turn: 3, ...where } }));
