/**
 * Scenario: one question, as plain data. Says what sessions do and which faults they meet; never names a runner.
 * Files in `scenarios/` are found by scanning; `scenario-check.ts` turns what a file holds into this shape or lists all its problems.
 */
import type { Distribution } from "./random.ts";
import { HOLD_POINTS, type HoldPoint } from "./world-event.ts";

/** Tools that the runtime does itself, with verifiable results; see runners/CONTRACT.md. Every other tool name is remote. */
export const LOCAL_TOOLS = [
  "parse_document",
  "search_memory",
  "burn_cpu",
  "hold_memory",
  "churn_memory",
  "crash",
  "spawn_agents",
  "sleep",
] as const;
export type LocalTool = (typeof LOCAL_TOOLS)[number];

/** Those whose work has a size, so that a call can be made to take a given time. */
export const SIZED_TOOLS = ["parse_document", "search_memory", "burn_cpu"] as const satisfies readonly LocalTool[];
export type SizedTool = (typeof SIZED_TOOLS)[number];

/** One argument of a local tool: a fixed value, a draw (rounded to an integer), one of `pool` seeds, or the session's part of a share of MEMORY_MB that the whole cohort takes. */
export type ArgumentTemplate =
  | number
  | string
  | Distribution
  | { readonly pool: number }
  | { readonly memoryShare: number };

/** The name by which a script calls one of the tools that the runtime itself offers the model: `call: "offered"`. */
export const OFFERED = "offered";

/** What a model step asks for: the name of a remote tool, one of the runtime's own ({@link OFFERED}), or one local tool with its arguments. */
export type ToolCall = string | { readonly [tool in LocalTool]?: Readonly<Record<string, ArgumentTemplate>> };

/** Repairs by which a runtime can cure a fault of the model; prompts are never compared. */
export const CURE_KINDS = ["told", "dropped", "compacted", "waited"] as const;
export type CureKind = (typeof CURE_KINDS)[number];

/** A fault that lasts until the runtime has repaired it; every other request for the step meets it again. */
export interface FaultCure {
  /**
   * told: the model was sent its own wrong calls with a result for each. dropped: asked again with no trace of them and all
   * links of before. compacted: the body has at most `maxBytes`. waited: `waitMs` have passed since the fault was last met.
   */
  readonly by: readonly CureKind[];
  /** How many repairs it takes. Default 1. */
  readonly times?: number;
  readonly maxBytes?: number;
  readonly waitMs?: number;
}

/** A planned misbehaviour of the model at one step. */
export interface StepFault {
  /** Name of a file in `harness/world/faults/`. */
  readonly kind: string;
  /** It holds for the first so many requests for that step ("all": for ever). The default is the kind's own, mostly 1. */
  readonly attempts?: number | "all";
  /** Instead of `attempts`. */
  readonly cure?: FaultCure;
  /** Share of the turns that meet it, above 0 to 1, drawn from (seed, session, turn, step). Default 1. */
  readonly share?: number;
  /** Settings of the fault kind, for example `{ status: 429, retryAfterSeconds: 1 }`. */
  readonly with?: Readonly<Record<string, string | number | boolean>>;
}

/** A planned misbehaviour of a remote tool; attempts are the World's count of requests for one call, whatever the purchase. */
export interface ToolFault {
  /** Name in `harness/world/faults/tool-faults.ts`. */
  readonly kind: string;
  /** Default 1. */
  readonly attempts?: number | "all";
  /** Share of the calls that meet it, above 0 to 1, drawn from (seed, session, turn, step, call). Default 1. */
  readonly share?: number;
  readonly with?: Readonly<Record<string, string | number | boolean>>;
}

/** One answer of the model. Without `call` it ends the turn. */
export interface ModelStep {
  readonly say: {
    readonly firstTokenMs: Distribution;
    /** Tokens of text, one frame each; at least 1. */
    readonly tokens: Distribution;
    /** Default 50. */
    readonly tokensPerSecond?: number;
  };
  /** One call, or several that run in parallel. */
  readonly call?: ToolCall | readonly ToolCall[];
  /** How many attempts of a local call take effect as scripted; later attempts of the step leave the call out. Used by `crash` (0 in a calm twin). Default "all". */
  readonly attempts?: number | "all";
  readonly fault?: StepFault;
}

/** How a remote tool of this script behaves. Stands anywhere in the script, once per tool name. */
export interface ToolBehaviour {
  readonly tool: string;
  readonly takesMs: Distribution;
  /** keyed: applied once per Idempotency-Key that the runtime sends. plain: applied at every request. */
  readonly effect: "keyed" | "plain";
  readonly fault?: ToolFault;
}

/** What the model does in one turn: model steps in order, and the tools they use. */
export type TurnScript = readonly (ModelStep | ToolBehaviour)[];

/** One script for every turn, or a default and scripts for single turns (`turn2`, `turn3` …). */
export type SessionScript =
  | TurnScript
  | ({ readonly default: TurnScript } & { readonly [turn: `turn${number}`]: TurnScript });

/** How the client of a session asks. */
export interface ClientPolicy {
  /** An attempt without an answer is given up after this long. */
  readonly timeoutMs: number;
  /** From then on the turn counts as late; it is asked for until quiet ends all the same. */
  readonly deadlineMs: number;
  /** eager: again at once, backing off; patient: again only after the full timeout; never: not before the proof phase. */
  readonly retry: "eager" | "patient" | "never";
  /** Reads along where the runner offers streams, and asks plainly where it does not. Default false. */
  readonly streams?: boolean;
}

/** When a cohort begins. */
export const COHORT_STARTS = ["warmup", "fault", "step"] as const;

/** A group of sessions that do the same. */
export interface Cohort {
  /** Live sessions (thinking included) that arrivals keep up through warm-up, calm and fault. */
  readonly sessions: number;
  /** Most turns of one session; the phases may end it earlier. */
  readonly turns: number;
  readonly thinkMs: Distribution;
  readonly script: SessionScript;
  readonly client: ClientPolicy;
  /**
   * "fault": the cohort begins with the fault phase and is itself the load under study. "step": it begins when its step fault is
   * the next one (`atStep`), all within half a second, and each session comes once. Default "warmup".
   */
  readonly startsIn?: (typeof COHORT_STARTS)[number];
  /**
   * After each so many of its turns a session is read once, on a connection of its own, while it goes on. Default: no read
   * before the proof phase.
   */
  readonly readEvery?: number;
  /** Turns that are delivered a second time, as by a network or queue that delivers at least once. */
  readonly duplicates?: Duplicates;
  /** Turns during which a second client of the session sends the next one (of the last turn: the same one). */
  readonly twoClients?: { /** Above 0 to 1, drawn from (seed, session, turn). */ readonly share: number };
}

/** The second delivery comes while the first is worked on, or once the answer has been read. */
export const DELIVERED_AGAIN = ["sent", "answered"] as const;
export interface Duplicates {
  /** Above 0 to 1, drawn from (seed, session, turn). */
  readonly share: number;
  readonly after: (typeof DELIVERED_AGAIN)[number];
}

/** Which processes of a runtime a fault hits. */
export type Role = "app" | "engine" | "store";

/**
 * The steps of a turn that can be seen from outside, in their order: those at which the World can hold a turn (told: the tool's
 * answer is wholly written, the model has not been asked again), and around them two that only a proxy before the runtime sees.
 * delivered: the request was passed on, the model has not been asked. answered: the answer was read, the client has not got it.
 */
export type StepPoint = "delivered" | HoldPoint | "answered";
export const STEP_POINTS: readonly StepPoint[] = ["delivered", ...HOLD_POINTS, "answered"];

/** A cohort is held at one step of one turn, and the fault strikes when all its members stand there. */
export interface StepTrigger {
  /** A cohort that starts in "step", of this fault alone. */
  readonly cohort: string;
  /** From 1. */
  readonly turn: number;
  /** Model step, from 1 (default); with told and next the one whose tools are answered. Says nothing with delivered and answered. */
  readonly step?: number;
  readonly at: StepPoint;
  /** With tool, applied and told: which of the step's calls, from 0. Default 0. */
  readonly call?: number;
  /** So many sessions of the cohort, drawn by the seed. Default all. */
  readonly members?: number;
}

/**
 * One fault, or several that differ in their instants. Exactly one of `atMs`, `afterTurns`, `clockMs` and `atStep` says when.
 * Compared faults fire by progress, so that every runtime is hit at the same point of its work. Step faults come after all
 * others, in the order in which they are written.
 */
export interface ScenarioFault {
  /** Name of a nemesis in `harness/nemeses/`. */
  readonly kind: string;
  readonly role?: Role;
  /** Instants from the start of the fault phase, on the ideal schedule; the plan turns them into counts of acknowledged turns. */
  readonly atMs?: readonly number[];
  /** Counts of turns acknowledged since the fault phase began on the ideal schedule. Profiles scale them with the sessions. */
  readonly afterTurns?: readonly number[];
  /** Instants from the start of the fault phase, whatever the runtime has done by then: for looking, not for comparing. */
  readonly clockMs?: readonly number[];
  readonly atStep?: StepTrigger;
  /** How long the supervisor waits before it starts a dead process again. Default 0. */
  readonly restartAfterMs?: number;
  readonly with?: Readonly<Record<string, string | number | boolean>>;
}

/** Lengths of the phases. Heal has no length of its own: it lasts until pending turns are back to the calm level, at most 30 s. */
export interface Phases {
  readonly warmupMs: number;
  readonly calmMs: number;
  readonly faultMs: number;
  /** Silence in which nothing new is offered, before the proof turns; here silent sessions may resume unasked. */
  readonly quietMs: number;
}

export interface Scenario {
  /** The question, as a sentence that ends in a question mark. */
  readonly asks: string;
  readonly needs?: { readonly localTools?: readonly LocalTool[] };
  /**
   * Equal time instead of equal work: milliseconds that each call of these tools shall take on every runtime. The plan puts the
   * size (kilobytes, vectors, rounds) that does it in place of whatever the scripts say, by what `conform` has timed.
   */
  readonly equalTimeMs?: { readonly [tool in SizedTool]?: number };
  /** differs (default): a completion bought again has other ids, arguments and wording, as from a real model. */
  readonly rebuy?: "differs" | "same";
  readonly cohorts: Readonly<Record<string, Cohort>>;
  readonly phases: Phases;
  readonly faults?: readonly ScenarioFault[];
  readonly observe: {
    /** Cohorts whose overhead is the headline figure. */
    readonly overhead: readonly string[];
    /** Cohorts whose recovery is measured. */
    readonly recovery?: readonly string[];
    /** Cohorts that only stand by while others cause the load. */
    readonly bystanders?: readonly string[];
    /** "gc": say whether enough major collections happened for the scenario to mean anything. */
    readonly exercise?: "gc";
  };
}

/** What a scenario file exports: a scenario whose cohorts may be written as changes to another (`like`). */
export type CohortChanges = Partial<Omit<Cohort, "client">> & {
  readonly like: string;
  readonly client?: Partial<ClientPolicy>;
};
export type ScenarioFile = Omit<Scenario, "cohorts"> & {
  readonly cohorts: Readonly<Record<string, Cohort | CohortChanges>>;
};
