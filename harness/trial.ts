/**
 * Trial: one scenario on one runner with one seed. Data in (`TrialPlan`, drawn before anything starts), recording out.
 */
import type { Phases, Role, Scenario } from "./scenario.ts";

/** One session as planned. Times are milliseconds from the start of the load. */
export interface PlannedSession {
  /** 1 to 16 characters of [0-9a-z]. */
  readonly id: string;
  readonly cohort: string;
  /** When its first turn is enabled; for cohorts that start in the fault phase, counted from there. */
  readonly arriveMs: number;
  /** The first turn is a short one that opens a conversation which, on the plan, has been going on since before the trial. */
  readonly opening?: true;
  /** How many turns it takes at most. */
  readonly turns: number;
  /** Think time after turn n stands at index n - 1; one fewer than `turns`. */
  readonly thinkMs: readonly number[];
}

/** One fault as planned. */
export interface PlannedFault {
  readonly id: string;
  readonly kind: string;
  readonly role: Role;
  /** Fires when this many turns of the trial are acknowledged, in the fault phase, and the fault before it is over. */
  readonly afterAcknowledged: number;
  readonly restartAfterMs: number;
  readonly with: Readonly<Record<string, string | number | boolean>>;
}

/** The load a trial offers, by arithmetic on its plan; printed before anything runs, and refused where the machine cannot carry it. */
export interface PlannedLoad {
  readonly liveSessions: number;
  /** Mean turns pending at once. */
  readonly inFlight: number;
  /** Mean completions streaming at once. */
  readonly streaming: number;
  readonly turnsPerSecond: number;
  readonly framesPerSecond: number;
  /** Most sockets the runtime may need: client, model and tool connections of every pending turn. */
  readonly sockets: number;
  readonly memoryMb: number;
  /** Expected length of the trial, start-up and proof turns included. */
  readonly durationMs: number;
}

/** Everything about a trial that is known before it starts. The same seed gives the same bytes. */
export interface TrialPlan {
  readonly format: "agent-derby-trial/1";
  /** Unique in the campaign and a valid folder name: "<block>-<scenario>-<runner>". */
  readonly id: string;
  readonly scenario: string;
  /** The scenario with profile scaling applied. */
  readonly definition: Scenario;
  readonly runner: string;
  readonly block: number;
  /** 32-bit seed of this trial's world: the same for every runner of a block. */
  readonly seed: number;
  readonly memoryMb: number;
  readonly phases: Phases;
  readonly sessions: readonly PlannedSession[];
  readonly faults: readonly PlannedFault[];
  readonly load: PlannedLoad;
  /** Proof turns (and reads) offered per second in the proof phase. */
  readonly proofsPerSecond: number;
}

/** An ordered set of trials. */
export interface CampaignPlan {
  readonly format: "agent-derby-campaign/1";
  /** Folder name, made of profile and seed (and a counter where that folder exists). */
  readonly id: string;
  /** As printed and accepted by --seed: any string; numbers are hashed as text. */
  readonly seed: string;
  readonly profile: string;
  readonly blocks: number;
  /** The command that repeats this campaign. */
  readonly command: string;
  readonly trials: readonly TrialPlan[];
  /** What was reduced to fit this machine, in sentences. */
  readonly reductions: readonly string[];
}

/** How the recording of a trial ended; written last, so that its absence means "not finished". */
export interface TrialOutcome {
  /** recorded: ran to its end. void: the harness failed. refused: the runtime did not start or never became healthy. */
  readonly status: "recorded" | "void" | "refused";
  readonly reason?: string;
  /** Postgres version and durability settings, where one was used. */
  readonly postgres?: Readonly<Record<string, string>>;
  /** Cores given to the harness and to the runtime, as verified in /proc; null where pinning was not possible. */
  readonly cores: { readonly harness: string; readonly runtime: string } | null;
  /** Data of the witnesses' own health. */
  readonly health: WitnessHealth;
  /** Effective promises etc. are in runner.json; the certificate says whether `conform` passed for these very files. */
  readonly certificate: "fresh" | "handshake" | "none";
}

/** Quantiles in milliseconds. */
export interface Quantiles {
  readonly n: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** What World and driver say of themselves; a trial is void when a limit of `validity.ts` is passed for a cause on the harness's side. */
export interface WitnessHealth {
  readonly startLagMs: Quantiles | null;
  readonly frameLatenessMs: Quantiles | null;
  readonly driverLoopDelayMaxMs: number;
  readonly worldLoopDelayMaxMs: number;
}
