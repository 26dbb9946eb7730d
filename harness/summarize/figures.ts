/**
 * The figures of one trial that are laid beside those of other trials: over the blocks of a campaign, and between contestants.
 * One list for both, so that what is compared is what is shown. Lower is better in all of them.
 */
import type { Phase } from "../history.ts";
import type { Recovery, TrialSummary } from "../summary.ts";
import { meanAtMost } from "../trial.ts";

export interface Figure {
  readonly figure: string;
  /** Null for figures of the whole runtime. */
  readonly cohort: string | null;
  readonly phase: Phase | null;
  readonly unit: "ms" | "KB";
  /** Null where the trial has too few samples, or the figure does not exist. */
  readonly value: number | null;
  /** What measuring can tell apart in this trial, in the same unit; above 0. */
  readonly resolution: number;
}

const PHASES: readonly Phase[] = ["calm", "fault"];
const QUANTILES = [
  ["overhead", "overheadMs", "p50"],
  ["overhead", "overheadMs", "p90"],
  ["overhead", "overheadMs", "p99"],
  ["holding time", "holdingMs", "p50"],
  ["holding time", "holdingMs", "p90"],
] as const;
/** Figures are written to a hundredth of a millisecond: nothing below that can be told apart. */
const FINEST_MS = 0.01;
/** Memory of a process is read in pages and varies by them. */
const FINEST_KB = 4;

/** A turn that starts late waits that much longer, whoever serves it: differences within twice the p99 of that are no one's. */
export function lagResolutionMs({ validity }: TrialSummary): number {
  return Math.max(FINEST_MS, 2 * (validity.startLagMs?.p99 ?? 0));
}

/**
 * The same in the middle of a distribution, where the few latest starts move nothing: what is added to all moves a quantile by the mean
 * of what is added there (Gouriéroux, Laurent and Scaillet 2000, "Sensitivity analysis of values at risk"). That is a first-order
 * result, for lags that are small beside how far turns differ; so tails are held against the p99 of lags.
 */
function middleResolutionMs({ validity: { startLagMs } }: TrialSummary): number {
  return Math.max(FINEST_MS, startLagMs === null ? 0 : 2 * meanAtMost(startLagMs));
}

function turnFiguresOf(trial: TrialSummary, cohorts: readonly string[]): Figure[] {
  const [middle, tail] = [middleResolutionMs(trial), lagResolutionMs(trial)];
  return cohorts.flatMap((cohort) =>
    PHASES.flatMap((phase) => {
      const row = trial.latency.find((one) => one.cohort === cohort && one.phase === phase);
      if (row === undefined) return [];
      return QUANTILES.map(([name, measure, quantile]) => ({
        figure: `${name} ${quantile}`,
        cohort,
        phase,
        unit: "ms" as const,
        value: row[measure][quantile],
        resolution: quantile === "p50" ? middle : tail,
      }));
    }),
  );
}

function recoveryFigure(trial: TrialSummary, { cohort, medianMs, resolutionMs }: Recovery): Figure {
  const resolution = Math.max(lagResolutionMs(trial), resolutionMs);
  return { figure: "recovery median", cohort, phase: null, unit: "ms", value: medianMs, resolution };
}

/** @param cohorts those whose turns are of interest: the headline cohorts and the bystanders of the scenario */
export function figuresOf(trial: TrialSummary, cohorts: readonly string[]): Figure[] {
  const { appCpuMsPerTurn, storeCpuMsPerTurn, kbPerSession } = trial.usage;
  const cpuMs = appCpuMsPerTurn === null ? null : appCpuMsPerTurn + (storeCpuMsPerTurn ?? 0);
  const whole = { cohort: null, phase: "calm" } as const;
  return [
    ...turnFiguresOf(trial, cohorts),
    ...trial.recovery.map((recovery) => recoveryFigure(trial, recovery)),
    { figure: "CPU per turn", ...whole, unit: "ms", value: cpuMs, resolution: FINEST_MS },
    { figure: "memory per session", ...whole, unit: "KB", value: kbPerSession, resolution: FINEST_KB },
  ];
}

/** The cohorts that a scenario asks about, each once. */
export function askedCohorts(scenario: {
  readonly headlineCohorts: readonly string[];
  readonly bystanders: readonly string[];
}): readonly string[] {
  return [...new Set([...scenario.headlineCohorts, ...scenario.bystanders])];
}
