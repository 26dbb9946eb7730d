/**
 * Scenario: one question, as plain data. Says what sessions do and which faults they meet; never names a runner.
 * Files in `scenarios/` are found by scanning; `scenario-check.ts` turns what a file holds into this shape or lists all its problems.
 */
import type { Distribution } from "./random.ts";

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

/** One argument of a local tool: a fixed value, a draw (rounded to an integer), one of `pool` seeds, or the session's part of a share of MEMORY_MB that the whole cohort takes. */
export type ArgumentTemplate =
  | number
  | string
  | Distribution
  | { readonly pool: number }
  | { readonly memoryShare: number };

/** What a model step asks for: the name of a remote tool, or one local tool with its arguments. */
export type ToolCall = string | { readonly [tool in LocalTool]?: Readonly<Record<string, ArgumentTemplate>> };

/** A planned misbehaviour of the model at one step; it holds for the first `attempts` requests for that step ("all": for ever). */
export interface StepFault {
  /** Name of a file in `harness/world/faults/`. */
  readonly kind: string;
  readonly attempts?: number | "all";
  /** Settings of the fault kind, for example `{ status: 429, retryAfterSeconds: 1 }`. */
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
  /** How many attempts of a local call take effect as scripted; later attempts of the step leave the call out. Used by `crash`. Default "all". */
  readonly attempts?: number | "all";
  readonly fault?: StepFault;
}

/** How a remote tool of this script behaves. Stands anywhere in the script, once per tool name. */
export interface ToolBehaviour {
  readonly tool: string;
  readonly takesMs: Distribution;
  /** keyed: applied once per Idempotency-Key that the runtime sends. plain: applied at every request. */
  readonly effect: "keyed" | "plain";
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
}

/** A group of sessions that do the same. */
export interface Cohort {
  /** Live sessions (thinking included) that arrivals keep up through warm-up, calm and fault. */
  readonly sessions: number;
  /** Most turns of one session; the phases may end it earlier. */
  readonly turns: number;
  readonly thinkMs: Distribution;
  readonly script: SessionScript;
  readonly client: ClientPolicy;
  /** "fault": the cohort begins with the fault phase and is itself the load under study. Default "warmup". */
  readonly startsIn?: "warmup" | "fault";
}

/** Which processes of a runtime a fault hits. */
export type Role = "app" | "engine" | "store";

/** One fault. Compared faults fire by progress: the plan turns `atMs` into "when the ideal schedule had acknowledged k turns". */
export interface ScenarioFault {
  /** Name of a nemesis in `harness/nemeses/`. */
  readonly kind: string;
  readonly role?: Role;
  /** Instants from the start of the fault phase, on the ideal schedule. */
  readonly atMs: readonly number[];
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
