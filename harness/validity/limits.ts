/**
 * The limits by which a trial is judged, as one table: the same for every runner and scenario, and printed beside the figures they
 * guard. What passing one means stands with it: "void" says that the harness cannot be trusted, "saturated" that the runtime had no
 * core to spare, which is its own affair and leaves the trial valid but not ranked.
 */
import { round } from "../statistics/round.ts";
import type { GuardedFigure } from "./certificate.ts";
import type { Evidence } from "./evidence.ts";

export const LIMITS = {
  /** From the planned instant of a turn to the write of its first attempt. */
  startLagMs: { p99: 3, p999: 10 },
  /** From a frame's due time to its write, at the combined load of all our processes. */
  frameLatenessMs: { p99: 10 },
  /** Turns that fell due and were never offered. */
  unsentTurns: 0,
  /** Of the runtime's cores, in calm and fault, for others: strangers on this machine, and its hypervisor. */
  runtimeLostShare: 0.1,
  /** A runtime that is busier than this in calm is saturated: its latencies are those of a queue, and are not ranked. */
  calmCoreShare: 0.7,
} as const;

/** 1 % point of the one-sample distance is this over the root of n (Massey, JASA 46, 1951); the approximation holds from here on. */
const DISTANCE_AT_1_PERCENT = 1.63;
const DISTANCE_FROM = 35;

/** A quantile with fewer values beyond it than this is chance, and is not held against a trial. */
const BEYOND_LEAST = 5;

interface Limit {
  readonly figure: string;
  readonly of: GuardedFigure["of"];
  readonly unit: GuardedFigure["unit"];
  readonly means: GuardedFigure["means"];
  /** What was measured and whether there was enough of it to be judged; null where nothing was. */
  readonly measure: (evidence: Evidence) => { readonly value: number; readonly enough: boolean } | null;
  readonly limit: (evidence: Evidence) => number;
}

const quantile =
  (figure: "startLagMs" | "frameLatenessMs", name: "p99" | "p999", share: number): Limit["measure"] =>
  (evidence) => {
    const measured = evidence[figure];
    if (measured === null) return null;
    return { value: measured[name], enough: measured.n * (1 - share) >= BEYOND_LEAST - 1e-9 };
  };

const TABLE: readonly Limit[] = [
  {
    figure: "start lag of the driver (p99)",
    of: "driver",
    unit: "ms",
    means: "void",
    measure: quantile("startLagMs", "p99", 0.99),
    limit: () => LIMITS.startLagMs.p99,
  },
  {
    figure: "start lag of the driver (p99.9)",
    of: "driver",
    unit: "ms",
    means: "void",
    measure: quantile("startLagMs", "p999", 0.999),
    limit: () => LIMITS.startLagMs.p999,
  },
  {
    figure: "frame lateness of the World (p99)",
    of: "world",
    unit: "ms",
    means: "void",
    measure: quantile("frameLatenessMs", "p99", 0.99),
    limit: () => LIMITS.frameLatenessMs.p99,
  },
  {
    figure: "number of turns that fell due and were never offered",
    of: "driver",
    unit: "turns",
    means: "void",
    measure: ({ arrivals }) => ({ value: arrivals.unsent, enough: true }),
    limit: () => LIMITS.unsentTurns,
  },
  {
    figure: "largest share of turns behind the plan at once",
    of: "driver",
    unit: "%",
    means: "void",
    measure: ({ arrivals: { distance, due } }) =>
      distance === null ? null : { value: round(distance * 100, 2), enough: due >= DISTANCE_FROM },
    limit: ({ arrivals: { due } }) => round((100 * DISTANCE_AT_1_PERCENT) / Math.sqrt(Math.max(1, due)), 2),
  },
  {
    figure: "share of the runtime's cores that other processes and the hypervisor had",
    of: "machine",
    unit: "%",
    means: "void",
    measure: ({ runtimeLostShare }) =>
      runtimeLostShare === null ? null : { value: round(runtimeLostShare * 100, 1), enough: true },
    limit: () => LIMITS.runtimeLostShare * 100,
  },
  {
    figure: "share of its cores that the runtime used in calm",
    of: "runtime",
    unit: "%",
    means: "saturated",
    measure: ({ calmCoreShare }) =>
      calmCoreShare === null ? null : { value: round(calmCoreShare * 100, 1), enough: true },
    limit: () => LIMITS.calmCoreShare * 100,
  },
];

/** Every limit beside what was measured. */
export function guardedFigures(evidence: Evidence): GuardedFigure[] {
  return TABLE.map(({ figure, of, unit, means, measure, limit }) => {
    const measured = measure(evidence);
    const most = limit(evidence);
    const kept = measured === null || !measured.enough ? null : measured.value <= most;
    return { figure, of, unit, measured: measured?.value ?? null, limit: most, kept, means };
  });
}
