/** The certificate of a trial: every figure that says whether it may be believed, as data. Part of the summary. */
import type { GcHealth, HarnessProcessName, Quantiles, Scheduling, TrialOutcome } from "../trial.ts";

/** One limit beside the figure it guards. */
export interface GuardedFigure {
  /** What is guarded, as it goes on after "The": "start lag of the driver (p99)". */
  readonly figure: string;
  readonly of: "driver" | "world" | "runtime" | "machine";
  readonly unit: "ms" | "%" | "turns";
  /** Null where it was not measured. */
  readonly measured: number | null;
  /** Largest value that is still kept. */
  readonly limit: number;
  /** Null where it was not judged: not measured, or of too few values to be more than chance. */
  readonly kept: boolean | null;
  /** What passing it means. */
  readonly means: "void" | "saturated";
}

/** Whether the planned load was offered, in calm and fault. */
export interface ArrivalCheck {
  /** Turns that fell due. */
  readonly due: number;
  /** Turns that fell due and never left the driver. */
  readonly unsent: number;
  /** First attempts that left later than the limit of the start lag's p99 after their turn fell due. */
  readonly lateFirstAttempts: number;
  /** Turns that passed their deadline: the runtime's affair, and no sign against the harness. */
  readonly lateTurns: number;
  /** Largest share of all turns that was behind (or ahead of) the plan at once, 0 to 1; null where none fell due. */
  readonly distance: number | null;
}

/** Health of one of our processes. Loop delay and collections are those of the whole trial, CPU that of calm and fault. */
export interface HarnessProcessFigures {
  readonly loopDelayMs: Quantiles | null;
  readonly gc: GcHealth | null;
  /** CPU time over elapsed time: 1 is one core. */
  readonly cpuShare: number | null;
  /** Most open sockets at one look; looks are a second apart. */
  readonly peakSockets: number | null;
  /** Of its main thread; null where it was not told. */
  readonly scheduling: Scheduling | null;
}

/** Who had a set of cores in calm and fault, as shares (0 to 1) of all that these cores offered. */
export interface CoreFigures {
  /** As the kernel writes them; null for all cores of the machine. */
  readonly cores: string | null;
  /** Those the cores were given to; harness and runtime together where nothing is pinned. */
  readonly ownShare: number;
  /** Processes that are neither ours nor the runtime's. Differences of counters that tick at 100 Hz: a few percent are noise. */
  readonly foreignShare: number;
  /** Taken by the hypervisor. */
  readonly stealShare: number;
}

/** A process that was seen off its cores in calm or fault. */
export interface StrayProcess {
  readonly who: "harness" | "runtime";
  readonly pid: number;
  /** Name of its program. */
  readonly comm: string;
  /** Cores of the other side that it might run on. */
  readonly cores: string;
  /** Looks in which it might; in `ran` of them one of its threads had run there last. */
  readonly seen: number;
  readonly ran: number;
  /** Looks there were. */
  readonly looks: number;
}

/** Everything by which a trial's validity can be checked. What a recording does not hold is null. */
export interface Certificate {
  readonly guarded: readonly GuardedFigure[];
  readonly arrivals: ArrivalCheck;
  readonly processes: Readonly<Record<HarnessProcessName, HarnessProcessFigures>>;
  readonly machine: {
    readonly harness: CoreFigures;
    /** Null where nothing is pinned: then `harness` speaks of all cores. */
    readonly runtime: CoreFigures | null;
    /** Share of calm and fault in which some process of the machine waited; null where the kernel does not tell. */
    readonly pressure: { readonly cpu: number; readonly memory: number; readonly io: number } | null;
  } | null;
  /** The split of the cores. */
  readonly cores: TrialOutcome["cores"];
  /** Empty where everybody stayed on their cores (or nothing is pinned, and nobody has any). */
  readonly strays: readonly StrayProcess[];
  /**
   * The supervisor served a live page meanwhile, on the harness's cores: most pages that were open at once. Absent where none was
   * served.
   */
  readonly watched?: number;
}
