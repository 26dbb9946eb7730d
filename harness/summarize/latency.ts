/** Latency by cohort and phase: per turn, and time-weighted beside it, since a stalled session offers fewer turns. */
import type { HistoryIndex } from "../checkers/history-index.ts";
import { phaseAt } from "../checkers/trial-facts.ts";
import { PHASES } from "../history.ts";
import { Samples } from "../statistics/tail-quantiles.ts";
import type { LatencySummary } from "../summary.ts";
import type { TurnFigures } from "./turn-figures.ts";

/** The time-weighted view looks at all pending turns this often. */
export const TICK_MS = 100;

interface Row {
  readonly overhead: Samples;
  readonly holding: Samples;
  readonly latency: Samples;
  readonly service: Samples;
  readonly pendingAge: Samples;
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

/**
 * Latencies of every cohort in every phase in which it had turns. The age of a pending turn beyond its floor (0 while it is
 * within) belongs to the phase of the tick at which it is looked at.
 */
export function latencyOf(
  index: HistoryIndex,
  turns: readonly TurnFigures[],
  cohorts: readonly string[],
): LatencySummary[] {
  const rows = new Map<string, Row>();
  const rowOf = (cohort: string, phase: string): Row => {
    const key = `${cohort} ${phase}`;
    let row = rows.get(key);
    if (row === undefined) {
      const [overhead, holding, latency, service, pendingAge] = Array.from({ length: 5 }, () => new Samples()) as [
        Samples,
        Samples,
        Samples,
        Samples,
        Samples,
      ];
      row = { overhead, holding, latency, service, pendingAge };
      rows.set(key, row);
    }
    return row;
  };
  for (const figures of turns) {
    const { cohort } = figures.turn;
    addTurn(rowOf(cohort, figures.phase), figures);
    for (let tick = Math.ceil(figures.enabledMs / TICK_MS) * TICK_MS; tick < figures.endMs; tick += TICK_MS) {
      const age = Math.max(0, tick - figures.enabledMs - figures.floorMs);
      rowOf(cohort, phaseAt(index.phases, tick) ?? figures.phase).pendingAge.add(age, tick);
    }
  }
  return cohorts.flatMap((cohort) =>
    PHASES.flatMap((phase) => {
      const row = rows.get(`${cohort} ${phase}`);
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
