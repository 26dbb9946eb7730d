/** Latency by cohort and phase: per turn, and time-weighted beside it, since a stalled session offers fewer turns. */
import type { HistoryIndex } from "../checkers/history-index.ts";
import { phaseAt } from "../checkers/trial-facts.ts";
import { PHASES, type Phase } from "../history.ts";
import { Samples } from "../statistics/tail-quantiles.ts";
import type { LatencySummary } from "../summary.ts";
import { PendingAges, TICK_MS, ticksOf } from "./pending-ages.ts";
import type { TurnFigures } from "./turn-figures.ts";

interface Row {
  readonly overhead: Samples;
  readonly holding: Samples;
  readonly latency: Samples;
  readonly service: Samples;
  readonly pendingAge: PendingAges;
}

/** A turn counts in its phase (`turn-figures.ts`); one that failed for good has no latency and is counted in goodput. */
function addTurn(row: Row, figures: TurnFigures): void {
  const { enabledMs, end } = figures;
  if (end === "failed") return;
  const censored = end === "open";
  row.overhead.add(figures.overheadMs, enabledMs, censored);
  row.holding.add(figures.holdingMs, enabledMs, censored);
  row.latency.add(figures.latencyMs, enabledMs, censored);
  if (figures.serviceMs !== null) row.service.add(figures.serviceMs, enabledMs);
}

/** The ticks at which a turn was pending, by the phase in which they lie; before the load that is the turn's own. */
function stretchesOf(
  { phases }: HistoryIndex,
  figures: TurnFigures,
): { readonly phase: Phase; readonly first: number; readonly last: number }[] {
  const ticks = ticksOf(figures.enabledMs, figures.endMs);
  const stretches: { phase: Phase; first: number; last: number }[] = [];
  for (let first = ticks.first; first <= ticks.last; ) {
    let last = ticks.last;
    for (const { fromMs } of phases) {
      const start = Math.ceil(fromMs / TICK_MS);
      if (start > first) last = Math.min(last, start - 1);
    }
    stretches.push({ phase: phaseAt(phases, first * TICK_MS) ?? figures.phase, first, last });
    first = last + 1;
  }
  return stretches;
}

/**
 * Latencies of every cohort in every phase in which it had turns. The age of a pending turn beyond its floor (0 while it is
 * within) belongs to the phase of the tick at which it is looked at.
 */
export function latencyOf(
  index: HistoryIndex,
  turns: readonly TurnFigures[],
  cohorts: readonly string[],
): LatencySummary[] {
  const rows = new Map<string, Map<Phase, Row>>();
  const rowOf = (cohort: string, phase: Phase): Row => {
    const own = rows.get(cohort) ?? new Map<Phase, Row>();
    rows.set(cohort, own);
    let row = own.get(phase);
    if (row === undefined) {
      const [overhead, holding, latency, service] = [new Samples(), new Samples(), new Samples(), new Samples()];
      row = { overhead, holding, latency, service, pendingAge: new PendingAges() };
      own.set(phase, row);
    }
    return row;
  };
  for (const figures of turns) {
    const { cohort } = figures.turn;
    addTurn(rowOf(cohort, figures.phase), figures);
    for (const { phase, first, last } of stretchesOf(index, figures))
      rowOf(cohort, phase).pendingAge.add(figures.enabledMs, figures.floorMs, first, last);
  }
  return cohorts.flatMap((cohort) =>
    PHASES.flatMap((phase) => {
      const row = rows.get(cohort)?.get(phase);
      if (row === undefined) return [];
      return {
        cohort,
        phase,
        overheadMs: row.overhead.quantiles(),
        holdingMs: row.holding.quantiles(),
        latencyMs: row.latency.quantiles(),
        serviceMs: row.service.quantiles(),
        pendingAgeMs: row.pendingAge.quantiles(),
      };
    }),
  );
}
