/** The certificate of the fixture's healthy trial, and void rates as they come out of one trial each. */
import type { Certificate, HarnessProcessFigures } from "../harness/validity/certificate.ts";
import type { VoidComparison } from "../harness/validity/void-rates.ts";

const processFigures = (p99: number, cpuShare: number, peakSockets: number): HarnessProcessFigures => ({
  loopDelayMs: { n: 1800, p50: 0.6, p90: 1.1, p99, p999: p99 * 2, max: p99 * 3 },
  gc: { counts: { major: 1, minor: 310, incremental: 2, weak: 0 }, totalMs: 240.5, longestMs: 3.9 },
  cpuShare,
  peakSockets,
  scheduling: "real-time" as const,
});

export const FIXTURE_CERTIFICATE: Certificate = {
  guarded: [
    {
      figure: "start lag of the driver (p99)",
      of: "driver",
      unit: "ms",
      measured: 1.4,
      limit: 3,
      kept: true,
      means: "void",
    },
    {
      figure: "share of its cores that the runtime used in calm",
      of: "runtime",
      unit: "%",
      measured: 41,
      limit: 70,
      kept: true,
      means: "saturated",
    },
  ],
  arrivals: { due: 3010, unsent: 0, lateFirstAttempts: 4, lateTurns: 3, distance: 0.0021 },
  processes: {
    driver: processFigures(2.1, 0.12, 410),
    world: processFigures(3.4, 0.55, 820),
    supervisor: processFigures(4.2, 0.02, 6),
  },
  machine: {
    harness: { cores: "0", ownShare: 0.69, foreignShare: 0.01, stealShare: 0 },
    runtime: { cores: "1", ownShare: 0.52, foreignShare: 0.02, stealShare: 0.001 },
    pressure: { cpu: 0.21, memory: 0, io: 0.01 },
  },
  cores: { harness: "0", runtime: "1" },
  strays: [],
};

/** One trial of each runner; that of `lost` is void. */
export const fixtureVoids = (runners: readonly string[], lost?: string): VoidComparison => ({
  rates: runners.map((runner) => ({
    runner,
    trials: 1,
    void: runner === lost ? 1 : 0,
    failedIsolation: 0,
    sharePercent: runner === lost ? 100 : 0,
    reasons: runner === lost ? [`1-hoard-${runner}: driver start lag p99.9 was 48 ms (limit 10 ms)`] : [],
  })),
  comparable: lost === undefined,
  reason:
    lost === undefined
      ? null
      : `Of the trials of ${lost} 100 % say nothing, of those of ${runners[0]} 0 %: more than 10 points apart, so a comparison is inconclusive.`,
});
