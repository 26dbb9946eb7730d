/**
 * Validity: whether a trial says anything about the runtime. A trial is void only for causes on the harness's side; its limits
 * are data, the same for every runner, and stand in the report beside the figures they guard.
 */
import type { Validity } from "./summary.ts";
import type { Quantiles, TrialOutcome, WitnessHealth } from "./trial.ts";

/** Limits of the witnesses, in milliseconds, and of the runtime's share of its cores. */
export const LIMITS = {
  /** From the planned instant of a turn to the write of its first attempt. */
  startLagMs: { p99: 3, p999: 10 },
  /** From a frame's due time to its write. */
  frameLatenessMs: { p99: 10 },
  /** A runtime that is busier than this in calm is saturated: its latencies are those of a queue, and are not ranked. */
  calmCoreShare: 0.7,
} as const;

const WITNESSES = [
  {
    figure: "startLagMs",
    quantile: "p99",
    share: 0.99,
    limitMs: LIMITS.startLagMs.p99,
    name: "start lag of the driver, p99",
  },
  {
    figure: "startLagMs",
    quantile: "p999",
    share: 0.999,
    limitMs: LIMITS.startLagMs.p999,
    name: "start lag of the driver, p99.9",
  },
  {
    figure: "frameLatenessMs",
    quantile: "p99",
    share: 0.99,
    limitMs: LIMITS.frameLatenessMs.p99,
    name: "frame lateness of the World, p99",
  },
] as const satisfies readonly {
  figure: keyof WitnessHealth;
  quantile: keyof Quantiles;
  share: number;
  limitMs: number;
  name: string;
}[];

/** Sentences about limits that were passed. A quantile with fewer than five values beyond it is chance, and is not held against a trial. */
function passedLimits(health: WitnessHealth): string[] {
  return WITNESSES.flatMap(({ figure, quantile, share, limitMs, name }) => {
    const measured = health[figure];
    if (measured === null || measured.n * (1 - share) < 5 - 1e-9 || measured[quantile] <= limitMs) return [];
    return [`${name}, was ${measured[quantile]} ms; the limit is ${limitMs} ms.`];
  });
}

function verdictOf(outcome: TrialOutcome): Pick<Validity, "verdict" | "reasons"> {
  if (outcome.status !== "recorded")
    return {
      verdict: outcome.status,
      reasons: [outcome.reason ?? `The trial is ${outcome.status}; no reason was recorded.`],
    };
  const missing = [
    ...(outcome.health.startLagMs === null ? ["The driver offered nothing, so its lag is unknown."] : []),
    ...(outcome.health.frameLatenessMs === null ? ["The World wrote no frame, so its lateness is unknown."] : []),
  ];
  const reasons = [...missing, ...passedLimits(outcome.health)];
  if (reasons.length === 0) return { verdict: "valid", reasons };
  if (outcome.cores !== null || missing.length > 0) return { verdict: "void", reasons };
  const shared = "Cores could not be kept apart, so the runtime may have run on the harness's.";
  return { verdict: "failed isolation", reasons: [...reasons, shared] };
}

/**
 * @param startLagMs of the turns of calm and fault; null where none was offered
 * @param calmCoreShare CPU time over the time its cores offered, in calm; null where it was not sampled
 */
export function validityOf(
  recorded: TrialOutcome,
  startLagMs: Quantiles | null,
  calmCoreShare: number | null,
): Validity {
  const outcome = { ...recorded, health: { ...recorded.health, startLagMs } };
  return {
    ...verdictOf(outcome),
    startLagMs,
    frameLatenessMs: outcome.health.frameLatenessMs,
    pinned: outcome.cores !== null,
    calmCoreShare,
    saturated: calmCoreShare !== null && calmCoreShare > LIMITS.calmCoreShare,
  };
}
