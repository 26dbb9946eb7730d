/**
 * When goodput counts as recovered: the band in which calm kept the number of intact answers per second, and for each fault the
 * first second from which on goodput stayed at or above its lower edge for five seconds.
 *
 * The band holds nine of ten seconds of calm, so a healthy runtime leaves it now and then and may be called back a second or two late;
 * it is never called back by a single second's burst. More than the band is no harm: a runtime that catches up gives more.
 */
import { round } from "../statistics/round.ts";
import { nearestRank } from "../statistics/tail-quantiles.ts";
import type { Timeline } from "./timeline.ts";

/** Intact answers per second in calm, and when goodput was there again after each fault. */
export interface GoodputBand {
  /** Turns per second: 5 % of the seconds of calm had fewer … */
  readonly low: number;
  /** … and 5 % had more. */
  readonly high: number;
  /** Faults in order of time. `atS`: seconds from the start of the load; null if not before the next fault or the end of the load. */
  readonly back: readonly { readonly fault: string; readonly atS: number | null; readonly afterS: number | null }[];
}

/** Seconds in a row. */
export const BACK_FOR_S = 5;
/** With fewer seconds of calm there is no band. */
export const CALM_SECONDS_LEAST = 5;
const EDGE = 0.05;

type Series = Pick<Timeline, "intact" | "phases" | "faults">;

/** Whole seconds of calm, as their numbers of intact answers. */
function calmCounts({ intact, phases }: Series): readonly number[] {
  const calm = phases.find(({ phase }) => phase === "calm");
  return calm === undefined ? [] : intact.slice(Math.ceil(calm.fromS), Math.floor(calm.toS));
}

/** The second at which the load ends: what follows offers less and less, and says nothing of the runtime. */
function loadEndS({ intact, phases }: Series): number {
  const loaded = phases.findLast(({ phase }) => phase === "fault" || phase === "heal");
  return Math.min(intact.length, Math.floor(loaded?.toS ?? intact.length));
}

/** The first second in [fromS, toS) from which on five in a row reach the band; null if there is none. */
function backAtS(intact: readonly number[], low: number, fromS: number, toS: number): number | null {
  let inRow = 0;
  for (let second = fromS; second < toS; second++) {
    inRow = (intact[second] ?? 0) >= low ? inRow + 1 : 0;
    if (inRow === BACK_FOR_S) return second - BACK_FOR_S + 1;
  }
  return null;
}

/** Null without a fault, or where calm was too short or without answers. */
export function goodputBandOf(series: Series): GoodputBand | null {
  const calm = Float64Array.from(calmCounts(series)).sort();
  if (series.faults.length === 0 || calm.length < CALM_SECONDS_LEAST) return null;
  const low = nearestRank(calm, EDGE);
  if (low === 0) return null;
  const faults = [...series.faults].sort((a, b) => a.atS - b.atS);
  const endS = loadEndS(series);
  const back = faults.map(({ id, atS }, index) => {
    const untilS = Math.min(endS, Math.floor(faults[index + 1]?.atS ?? endS));
    const found = backAtS(series.intact, low, Math.floor(atS), untilS);
    return { fault: id, atS: found, afterS: found === null ? null : round(Math.max(0, found - atS), 1) };
  });
  return { low, high: nearestRank(calm, 1 - EDGE), back };
}
