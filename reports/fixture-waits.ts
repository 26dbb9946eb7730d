/** Made-up figures on waiting for the fixture summary: text that was read along, late turns and their causes, standstills, spans. Used by tests only. */
import type { Attribution, Cause, GcByPhase, TimelineSpans } from "../harness/observation.ts";
import type { BlockFigure, OverBlocks } from "../harness/summarize/over-blocks.ts";
import type { TailQuantiles, TrialSummary } from "../harness/summary.ts";

const quantiles = (scaleMs: number, n: number, censored = 0): TailQuantiles => ({
  n,
  p50: scaleMs,
  p90: scaleMs * 2.2,
  p99: n < 500 ? null : scaleMs * 6,
  max: scaleMs * 21,
  censored,
});

/** Text came late under load, and the runtime kept little of it. */
export function fixtureStreaming(cohort: string): TrialSummary["streaming"] {
  return (["calm", "fault"] as const).map((phase) => {
    const scaleMs = phase === "fault" ? 41 : 5;
    return {
      cohort,
      phase,
      ttftMs: quantiles(scaleMs + 600, 900),
      ttftOverheadMs: quantiles(scaleMs, 900),
      relayMs: quantiles(scaleMs / 4, 900),
      tokenGapMs: quantiles(scaleMs + 50, 900),
    };
  });
}

/** Most sessions were still going on when the load ended. */
export function fixtureLateness(cohort: string): TrialSummary["lateness"] {
  return [{ cohort, latenessMs: quantiles(310, 2000, 1710) }];
}

/** Nobody stood still in calm; at the worst instant of the fault phase this share of the 250 waiting sessions did. */
export function fixtureStalls(silent: number): TrialSummary["stalls"] {
  const stall = (n: number, of: number) => ({ share: n / of, silent: n, of, atS: 20.3 });
  return [
    { phase: "calm", ofPending: stall(0, 180), ofLive: stall(0, 2000) },
    { phase: "fault", ofPending: stall(silent, 250), ofLive: stall(silent, 2000) },
  ];
}

/** Late turns of the fault phase by cause; a few in calm. @param late at least the sum of the causes */
export function fixtureAttribution(
  cohort: string,
  late: number,
  causes: readonly (readonly [Cause, number])[],
): readonly Attribution[] {
  const named = causes.reduce((sum, [, turns]) => sum + turns, 0);
  return [
    { cohort, phase: "calm", lateFromMs: 62, turns: 1100, late: 0, causes: [], namedShare: null },
    {
      cohort,
      phase: "fault",
      lateFromMs: 62,
      turns: 1800,
      late,
      causes: causes.map(([cause, turns]) => ({ cause, turns })),
      namedShare: late === 0 ? null : named / late,
    },
  ];
}

/** Collections of the fault phase; calm had minor ones only. */
export function fixtureCollections(majors: number, minors: number, longestMs: number): readonly GcByPhase[] {
  return [
    { phase: "calm", kind: "minor", count: 120, totalMs: 96, longestMs: 2.4 },
    { phase: "fault", kind: "major", count: majors, totalMs: majors * longestMs, longestMs },
    { phase: "fault", kind: "minor", count: minors, totalMs: minors * 0.9, longestMs: 3.1 },
  ];
}

/** One span of every kind, and three shorter ones that are not drawn. */
export const FIXTURE_SPANS: TimelineSpans = {
  shown: [
    { kind: "minor-gc", fromS: 8.2, ms: 11.4 },
    { kind: "other-gc", fromS: 12.02, ms: 14 },
    { kind: "stall", fromS: 24.05, ms: 340 },
    { kind: "major-gc", fromS: 24.1, ms: 310 },
    { kind: "silence", fromS: 24.11, ms: 290 },
  ],
  leftOut: 3,
};

/** What five blocks say, one of six being void. */
export const FIXTURE_OVER_BLOCKS: OverBlocks = {
  blocks: 5,
  voids: 1,
  note: "5 blocks: intervals of the median by order statistics, each covering at least 90 % of cases.",
  figures: [
    figure("overhead p50", "chatty", "calm", "ms", 12.4),
    { ...figure("recovery median", "chatty", null, "ms", 1210), interval: null, blocks: 4 },
    figure("memory per session", null, "calm", "KB", 66.1),
  ],
};

function figure(
  name: string,
  cohort: string | null,
  phase: BlockFigure["phase"],
  unit: BlockFigure["unit"],
  median: number,
): BlockFigure {
  return {
    figure: name,
    cohort,
    phase,
    unit,
    blocks: 5,
    median,
    lowest: median * 0.9,
    highest: median * 1.3,
    interval: { low: median * 0.9, high: median * 1.3, coverage: 0.9375 },
    resolution: 2.8,
  };
}
