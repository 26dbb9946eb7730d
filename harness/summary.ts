/**
 * Summary: statistics and verdicts of all trials, the only input of reports and gate. Written as summary.json.
 * Nothing in it depends on when or where it was rendered: the same recordings give the same bytes.
 */
import type { Budget } from "./budget/parts.ts";
import type { Primitives } from "./budget/primitives.ts";
import type { CalibrationSummary } from "./calibration.ts";
import type { CapacitySummary } from "./capacity.ts";
import type { Verdict } from "./checkers/checker.ts";
import type { ClaimSummary } from "./claims.ts";
import type { Phase } from "./history.ts";
import type { Attribution, GcByPhase, ObservationSummary } from "./observation.ts";
import type { Promises, RecoveryDefault } from "./runner.ts";
import type { BudgetSummary } from "./summarize/budgets.ts";
import type { Economy } from "./summarize/economy.ts";
import type { Goodput, Memory } from "./summarize/goodput.ts";
import type { Heat } from "./summarize/heat-map.ts";
import type { TrialLanes } from "./summarize/lanes.ts";
import type { LatenessSummary } from "./summarize/lateness.ts";
import type { OverBlocks } from "./summarize/over-blocks.ts";
import type { OverheadInterval } from "./summarize/overhead-intervals.ts";
import type { RecoveryByRestart, RecoveryFigures } from "./summarize/recovery.ts";
import type { StallSummary } from "./summarize/silence.ts";
import type { Spectrum } from "./summarize/spectrum.ts";
import type { StepSummary } from "./summarize/steps.ts";
import type { StreamingSummary } from "./summarize/streaming.ts";
import type { Timeline } from "./summarize/timeline.ts";
import type { TrialWork } from "./summarize/work.ts";
import type { LocalWork, PairsRule, PlannedLoad, Profiled, Quantiles } from "./trial.ts";
import type { UntilSummary } from "./until.ts";
import type { Certificate } from "./validity/certificate.ts";
import type { VoidComparison } from "./validity/void-rates.ts";

export type { Economy, RepeatClass } from "./summarize/economy.ts";
export type { Goodput, Memory } from "./summarize/goodput.ts";
export type { Timeline };

/** The machine and the versions; without host name, user name or any path. */
export interface Environment {
  readonly agentDerby: string;
  readonly node: string;
  readonly os: string;
  readonly kernel: string;
  readonly cpuModel: string;
  readonly cores: number;
  readonly memoryMb: number;
  /** Hard limit of open files. */
  readonly openFiles: number;
  readonly pinning: string;
  /** Where runtimes lived: processes of this machine, or containers. Absent from recordings from before there was a choice: processes. */
  readonly isolation?: "processes" | "docker" | "attached";
  readonly postgres: Readonly<Record<string, string>>;
}

/** A distribution at hand of few samples may miss its tail: `p99` is null below the minimum, and then must be shown as "not enough". */
export interface TailQuantiles {
  readonly n: number;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p99: number | null;
  readonly max: number | null;
  /** Values that are only bounded from below (turns still pending at the end), counted in n. */
  readonly censored: number;
}

/** Latency of one cohort in one phase, in milliseconds. Definitions: DESIGN section 4 and ARCHITECTURE.md. */
export interface LatencySummary {
  readonly cohort: string;
  readonly phase: Phase;
  /** answer − enabled − floor: everything the user waited beyond the script. */
  readonly overheadMs: TailQuantiles;
  /** latency − union of the intervals in which the World owed this turn something. */
  readonly holdingMs: TailQuantiles;
  /** answer − enabled. */
  readonly latencyMs: TailQuantiles;
  /** answer − first byte written of the successful attempt. */
  readonly serviceMs: TailQuantiles;
  /** The time-weighted view: age of each pending turn beyond its floor, sampled every 100 ms. */
  readonly pendingAgeMs: TailQuantiles;
}

/** Applied effects by kind of tool. */
export interface EffectCount {
  readonly logicalCalls: number;
  readonly applied: number;
  /** Logical calls applied more than once. */
  readonly doubled: number;
  /** Logical calls of acknowledged turns that were never applied. */
  readonly missing: number;
}

/** Recovery of one cohort: excess = answer − (enabled + floor) of the first intact answer of a touched session, minus the calm median. */
export interface Recovery extends RecoveryFigures {
  readonly cohort: string;
  readonly faults: number;
  /** Only where faults differ in how long dead processes stayed down. */
  readonly byRestart?: readonly RecoveryByRestart[];
  /** Survival: [milliseconds, share of touched sessions not yet recovered]; ends above 0 where some never do. */
  readonly curve: readonly (readonly [number, number])[];
  /** What limits the precision of these figures: the client's retry step. */
  readonly resolutionMs: number;
}

/** Sessions whose client never asks again: only they show who resumes unasked. */
export interface Silent {
  readonly interrupted: number;
  readonly resumed: number;
  readonly resumedMedianMs: number | null;
}

export interface Validity {
  /** profiled: recorded under a profiler, which costs what it looks at; it takes no part in anything that compares. */
  readonly verdict: "valid" | "void" | "failed isolation" | "refused" | "profiled";
  readonly reasons: readonly string[];
  readonly startLagMs: Quantiles | null;
  readonly frameLatenessMs: Quantiles | null;
  readonly pinned: boolean;
  /** Share of its core that the runtime used in calm; above 0.7 it is saturated and not ranked. */
  readonly calmCoreShare: number | null;
  readonly saturated: boolean;
  /** Whether a gate may use it: pinned, valid and not saturated. A saturated trial is valid but shows a queue, which no gate compares. */
  readonly gateable: boolean;
  readonly certificate: Certificate;
}

/** One trial, judged. */
export interface TrialSummary {
  readonly id: string;
  readonly block: number;
  readonly validity: Validity;
  readonly load: PlannedLoad;
  readonly latency: readonly LatencySummary[];
  /** Absent where no profiler looked on. */
  readonly profiled?: Profiled;
  /** Of the headline cohorts and bystanders. */
  readonly spectrum: readonly Spectrum[];
  /** Quantiles of their overhead with the intervals of this one trial. Absent from older summaries, as is the heat map. */
  readonly intervals?: readonly OverheadInterval[];
  readonly heat?: Heat;
  readonly goodput: Goodput;
  readonly memory: Memory;
  readonly economy: Economy;
  readonly effects: { readonly keyed: EffectCount; readonly plain: EffectCount };
  readonly recovery: readonly Recovery[];
  /** Step faults, in their order. */
  readonly steps: readonly StepSummary[];
  readonly silent: Silent | null;
  readonly streaming: readonly StreamingSummary[];
  readonly lateness: readonly LatenessSummary[];
  readonly stalls: readonly StallSummary[];
  readonly usage: {
    readonly idleRssMb: number | null;
    readonly calmRssMb: number | null;
    readonly kbPerSession: number | null;
    readonly appCpuMsPerTurn: number | null;
    readonly storeCpuMsPerTurn: number | null;
  };
  /** What the budget of a turn is made of; absent from older summaries. */
  readonly work?: TrialWork | null;
  readonly gc: {
    readonly majors: number;
    readonly minors: number;
    readonly longestMs: number;
    readonly exercised: boolean | null;
    readonly byPhase: readonly GcByPhase[];
  } | null;
  readonly observation: ObservationSummary;
  /** Late turns by what they waited for. */
  readonly attribution: readonly Attribution[];
  readonly restarts: { readonly byFault: number; readonly unexpected: number };
  readonly verdicts: readonly Verdict[];
  readonly timeline: Timeline;
  /** Single sessions seen closely; absent from older summaries. */
  readonly lanes?: TrialLanes;
  /** The command that repeats this trial alone. */
  readonly command: string;
}

/** One runner in one scenario. */
export interface RunnerResult {
  readonly runner: string;
  readonly trials: readonly TrialSummary[];
  readonly overBlocks: OverBlocks;
  /** C11, over all pairs of trials and calm twins; absent where none were planned. */
  readonly neighbours?: Verdict;
}

/** A calm twin: the same trial without any fault, beside which its figures stand. It takes no part in rankings. */
export interface TwinSummary
  extends Pick<
    TrialSummary,
    "id" | "block" | "validity" | "latency" | "goodput" | "economy" | "effects" | "verdicts" | "command"
  > {
  readonly runner: string;
  /** The trial with faults. */
  readonly twinOf: string;
}

/** Sizes that were set for one runner, so that calls take equal time on all. */
export interface LocalWorkOfRunner {
  readonly runner: string;
  readonly calls: readonly LocalWork[];
}

export interface ScenarioSummary {
  readonly scenario: string;
  readonly asks: string;
  readonly faults: readonly string[];
  readonly headlineCohorts: readonly string[];
  readonly bystanders: readonly string[];
  readonly results: readonly RunnerResult[];
  /** Only where calls of local tools take equal time on all runners: then their work is not the same. */
  readonly localWork?: readonly LocalWorkOfRunner[];
  /** Absent where the plan has none. */
  readonly twins?: readonly TwinSummary[];
  readonly voids: VoidComparison;
}

/** What became of one promise of one runner over the whole campaign. */
export interface PromiseSummary {
  readonly runner: string;
  readonly promise: string;
  /** What was vowed: "true", "process", "exactly-once-with-keys" … */
  readonly vowed: string | null;
  readonly state: "kept" | "broken" | "not offered" | "untested";
  readonly exposures: number;
  readonly says: string;
  /** Trials whose verdicts carry it. */
  readonly trials: readonly string[];
}

export interface ContestantSummary {
  readonly name: string;
  readonly runtime: string;
  readonly language: string;
  readonly home: string;
  /** Of its engine, as the engine itself says it; absent where it was not to be had. */
  readonly version?: string;
  readonly promises: Promises;
  readonly deviations: readonly string[];
  /** Absent from recordings made before runners stated them. */
  readonly recovery?: readonly RecoveryDefault[];
  /** Parts of its turns, where the runner says. */
  readonly budget?: Budget;
  readonly certificate: string;
}

export interface Prices {
  /** Dollars per million tokens. */
  readonly input: number;
  readonly output: number;
}

export interface Summary {
  readonly format: "agent-derby-summary/1";
  readonly campaign: {
    readonly id: string;
    readonly seed: string;
    readonly profile: string;
    readonly blocks: number;
    readonly command: string;
    /** Day on which the first trial was recorded (YYYY-MM-DD). */
    readonly recorded: string;
    readonly complete: boolean;
    /** Only of a campaign whose number of blocks was chosen by looking at its figures (`run --until`). */
    readonly until?: UntilSummary;
    /** Only of a campaign that went on until its pairs had decided (`gate --paired`). */
    readonly pairs?: PairsRule;
    readonly reductions: readonly string[];
  };
  readonly environment: Environment;
  /** What the driver made of servers whose truth is known; null where it was not calibrated. */
  readonly calibration: CalibrationSummary | null;
  /** How much each runner can do alone; absent where nobody had measured it. */
  readonly capacity?: CapacitySummary;
  readonly prices: Prices;
  /** What parts of turns cost on this machine; absent where nobody measured that. */
  readonly primitives?: Primitives;
  /** Trials held against them. */
  readonly budgets?: readonly BudgetSummary[];
  readonly contestants: readonly ContestantSummary[];
  readonly scenarios: readonly ScenarioSummary[];
  readonly promises: readonly PromiseSummary[];
  /** Public arguments and what became of them; absent from older summaries. */
  readonly claims?: readonly ClaimSummary[];
  /** Trials that are void or missing, with the reason, so that nothing disappears. */
  readonly void: readonly { readonly trial: string; readonly reason: string }[];
}
