/**
 * Trial: one scenario on one runner with one seed. Data in (`TrialPlan`, drawn before anything starts), recording out.
 */
import type { RelativeLimit } from "./gate/policy.ts";
import type { Phases, Role, Scenario, SizedTool, StepPoint } from "./scenario.ts";

/** One session as planned. Times are milliseconds from the start of the load. */
export interface PlannedSession {
  /** 1 to 16 characters of [0-9a-z]. */
  readonly id: string;
  readonly cohort: string;
  /** When its first turn is enabled; for cohorts that start with the fault phase or a step fault, counted from there. */
  readonly arriveMs: number;
  /** The first turn is a short one that opens a conversation which, on the plan, has been going on since before the trial. */
  readonly opening?: true;
  /** How many turns it takes at most. */
  readonly turns: number;
  /** Think time after turn n stands at index n - 1; one fewer than `turns`. */
  readonly thinkMs: readonly number[];
}

/** Who is held where, for a fault that strikes at a step. */
export interface PlannedStep {
  readonly cohort: string;
  readonly turn: number;
  readonly step: number;
  readonly at: StepPoint;
  readonly call: number;
  /** Ids of the sessions that are held, in the order of their arrival. */
  readonly members: readonly string[];
  /** When the last member has reached the step on the ideal schedule, at the latest; counted from the cohort's beginning. */
  readonly reachedMs: number;
}

/** One fault as planned. It fires in the fault phase, when the fault before it is over, and at what exactly one of three fields says. */
export interface PlannedFault {
  readonly id: string;
  readonly kind: string;
  readonly role: Role;
  /** This many turns of the trial are acknowledged. */
  readonly afterAcknowledged?: number;
  /** So much time has passed since the fault phase began. */
  readonly clockMs?: number;
  /** A cohort stands at a step. */
  readonly atStep?: PlannedStep;
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

/** One kind of call of a local tool whose size was set for this runner, so that it takes a given time. */
export interface LocalWork {
  readonly tool: SizedTool;
  /** What says how much is asked for: "rounds", "kilobytes", "vectors". */
  readonly argument: string;
  readonly size: number;
  readonly wantedMs: number;
  /** What the runner's certificate says that this size takes alone on the idle runtime. Less than wanted where a limit was reached. */
  readonly expectedMs: number;
}

/** Everything about a trial that is known before it starts. The same seed gives the same bytes. */
export interface TrialPlan {
  readonly format: "agent-derby-trial/1";
  /** Unique in the campaign and a valid folder name: "<block>-<scenario>-<runner>". */
  readonly id: string;
  readonly scenario: string;
  /** The scenario with profile scaling applied, and where it is one of equal time with the sizes of this runner. */
  readonly definition: Scenario;
  readonly runner: string;
  readonly block: number;
  /** The trial of which this is the calm twin: the same without any fault. It takes no part in rankings. */
  readonly twinOf?: string;
  /** 32-bit seed of this trial's world: the same for every runner of a block. */
  readonly seed: number;
  readonly memoryMb: number;
  readonly phases: Phases;
  readonly sessions: readonly PlannedSession[];
  readonly faults: readonly PlannedFault[];
  readonly load: PlannedLoad;
  /** Proof turns (and reads) offered per second in the proof phase. */
  readonly proofsPerSecond: number;
  /** Only where calls take equal time on all runners instead of being equal work. */
  readonly localWork?: readonly LocalWork[];
}

/** Blocks are added until every watched interval is narrow enough, or their planned length would pass the budget. */
export interface UntilRule {
  /** Half-width of an interval over its median, in percent. */
  readonly percent: number;
  /** Of planned trial lengths, all blocks together. */
  readonly budgetMinutes: number;
}

/** Blocks are added until the pairs of two contestants have decided every limit, or there are as many as there may be (`gate/pairs.ts`). */
export interface PairsRule {
  readonly baseline: string;
  readonly candidate: string;
  /** What the candidate may be worse by. */
  readonly limits: readonly RelativeLimit[];
  /** Chance that any limit is called passed by a regression, or kept by one that is none: split evenly among the figures. */
  readonly alpha: number;
  readonly pairsMost: number;
}

/** Live sessions of one scenario, chosen so that the weakest of its runners is offered a given share of its capacity. */
export interface ShareOfCapacity {
  readonly scenario: string;
  readonly sessions: number;
  /** The runner with the smallest capacity, and that capacity in light turns per second (`capacity.ts`). */
  readonly weakest: string;
  readonly capacityPerSecond: number;
  /** Whether it may be able to do more than was measured. */
  readonly atLeast: boolean;
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
  /** Where blocks are added while the campaign runs; `blocks` and `trials` are then those planned so far. */
  readonly until?: UntilRule;
  /** Likewise, by pairs. */
  readonly pairs?: PairsRule;
  /** Where loads were set by what the runners can do on this machine (`run --load`). */
  readonly load?: { readonly percent: number; readonly scenarios: readonly ShareOfCapacity[] };
  /** The command that repeats this campaign. */
  readonly command: string;
  readonly trials: readonly TrialPlan[];
  /** What was reduced to fit this machine, in sentences. */
  readonly reductions: readonly string[];
}

/** Under which profiler a trial was recorded, and what that left. Such a trial is never ranked. */
export interface Profiled {
  /** "flame", "py-spy" … */
  readonly by: string;
  /** Starts of processes that were profiled, and how many of them left a profile: a killed one leaves none. */
  readonly starts: number;
  readonly left: number;
  /** Paths from the campaign's folder, with slashes. */
  readonly files: readonly string[];
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
  /** Absent where no profiler looked on (`profile`). */
  readonly profiled?: Profiled;
  /** Most pages that were open at once; absent where no live page was served (`run --watch`). */
  readonly watched?: number;
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

/** The most that the mean can be of what has these quantiles, all of it 0 or more. */
export const meanAtMost = ({ p50, p90, p99, max }: Quantiles): number =>
  0.5 * p50 + 0.4 * p90 + 0.09 * p99 + 0.01 * max;

/** What World and driver say of themselves; a trial is void when a limit of `validity.ts` is passed for a cause on the harness's side. */
export interface WitnessHealth {
  readonly startLagMs: Quantiles | null;
  readonly frameLatenessMs: Quantiles | null;
  readonly driverLoopDelayMaxMs: number;
  readonly worldLoopDelayMaxMs: number;
  /** Absent from recordings made before processes spoke of it, and where the trial did not come to its end. */
  readonly processes?: Readonly<Record<HarnessProcessName, ProcessHealth>>;
}

/** The processes of a trial that are ours; the supervisor is the one that records. */
export type HarnessProcessName = "driver" | "world" | "supervisor";

/** Garbage collections of a process over the whole trial. */
export interface GcHealth {
  readonly counts: Readonly<Record<"major" | "minor" | "incremental" | "weak", number>>;
  readonly totalMs: number;
  readonly longestMs: number;
}

/** What one of our processes says of itself over the whole trial. */
export interface ProcessHealth {
  /** What an event that arrives at any instant waits until the loop takes it up (weighted by time); null when never looked at. */
  readonly loopDelayMs: Quantiles | null;
  readonly gc: GcHealth;
  /** CPU time over elapsed time: 1 is one core. */
  readonly cpuShare: number;
  /** Of its main thread; absent where the system does not tell, and from older recordings. */
  readonly scheduling?: Scheduling;
}

/** Before all ordinary processes of its core; before them on the average; like them. */
export type Scheduling = "real-time" | "raised" | "ordinary";

/** Time of a set of cores in milliseconds since boot, added up over the cores. */
export interface CoreTime {
  /** In processes: user, nice and system time. Interrupts belong to nobody and are left out. */
  readonly busyMs: number;
  /** In which the hypervisor let others run while this machine had something to do. */
  readonly stealMs: number;
}

/** Milliseconds in which at least one task waited (pressure stall information, "some"). */
export interface Pressure {
  readonly cpuMs: number;
  readonly memoryMs: number;
  readonly ioMs: number;
}
