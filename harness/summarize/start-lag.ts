/** Start lag as it touches what is reported: how late the first attempts of turns left in calm and fault, from the history. */
import type { HistoryIndex } from "../checkers/history-index.ts";
import { phaseAt } from "../checkers/trial-facts.ts";
import { round } from "../statistics/round.ts";
import { nearestRank } from "../statistics/tail-quantiles.ts";
import type { Quantiles } from "../trial.ts";

/** Phases from which latencies are reported. Warm-up and proof offer turns in bursts of the harness's own making. */
const MEASURED: ReadonlySet<string> = new Set(["calm", "fault"]);

/** Quantiles (nearest rank) of first write − enabled instant in the measured phases; null where no turn was offered in them. */
export function startLagOf(index: HistoryIndex): Quantiles | null {
  const found: number[] = [];
  for (const { turns } of index.sessions)
    for (const { enabled, attempts } of turns) {
      const first = attempts[0]?.invoked;
      if (enabled === null || first === undefined) continue;
      const phase = phaseAt(index.phases, enabled.event.t);
      if (phase !== null && MEASURED.has(phase)) found.push(first.event.t - enabled.event.t);
    }
  if (found.length === 0) return null;
  const lags = Float64Array.from(found).sort();
  const at = (q: number): number => round(nearestRank(lags, q), 3);
  return { n: lags.length, p50: at(0.5), p90: at(0.9), p99: at(0.99), p999: at(0.999), max: at(1) };
}
