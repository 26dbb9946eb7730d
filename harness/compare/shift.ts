/**
 * The shift function as ratios: for each quantile of the grid the ratio b/a, so that one look shows whether the body or the tail
 * has moved (Doksum and Sievers 1976; Rousselet, Pernet and Wilcox 2017). Values are floored as in `figure-pairs.ts`.
 */
import type { Phase } from "../history.ts";
import { INTERVAL_VALUES_LEAST, medianInterval, middleOf } from "../statistics/median-interval.ts";
import { significant } from "../statistics/round.ts";
import { SPECTRUM_GRID, type Spectrum } from "../summarize/spectrum.ts";
import type { Shift, ShiftPoint } from "./comparison.ts";
import { flooredLogRatio } from "./figure-pairs.ts";
import { type Pair, pairResolutionMs } from "./pairs.ts";

const PHASES: readonly Phase[] = ["calm", "fault"];
const MEASURES = [
  ["overhead", "overheadMs"],
  ["latency", "latencyMs"],
] as const;

interface SpectrumPair {
  readonly a: Spectrum;
  readonly b: Spectrum;
  readonly resolutionMs: number;
}

function spectrumPairs(pairs: readonly Pair[], cohort: string, phase: Phase): SpectrumPair[] {
  const of = (trial: Pair["a"]) => trial.spectrum.find((one) => one.cohort === cohort && one.phase === phase);
  return pairs.flatMap((pair) => {
    const [a, b] = [of(pair.a), of(pair.b)];
    return a === undefined || b === undefined ? [] : [{ a, b, resolutionMs: pairResolutionMs(pair) }];
  });
}

function pointOf(q: number, logRatios: readonly number[]): ShiftPoint {
  const band = medianInterval(logRatios) ?? { low: Math.min(...logRatios), high: Math.max(...logRatios) };
  const ratio = (log: number): number => significant(Math.exp(log));
  return { q, ratio: ratio(middleOf(logRatios) ?? 0), low: ratio(band.low), high: ratio(band.high) };
}

/** Quantiles that every pair has on both sides; quantiles of only some pairs would compare different blocks. */
function pointsOf(pairs: readonly SpectrumPair[], key: "overheadMs" | "latencyMs"): ShiftPoint[] {
  const known = Math.min(...pairs.flatMap(({ a, b }) => [a[key].length, b[key].length]));
  return SPECTRUM_GRID.slice(0, known).map((q, index) =>
    pointOf(
      q,
      pairs.map(({ a, b, resolutionMs }) => flooredLogRatio(a[key][index] ?? 0, b[key][index] ?? 0, resolutionMs)),
    ),
  );
}

/** Shifts of every cohort and phase of which the pairs have spectra. */
export function shiftsOf(pairs: readonly Pair[], cohorts: readonly string[]): Shift[] {
  return cohorts.flatMap((cohort) =>
    PHASES.flatMap((phase) =>
      MEASURES.flatMap(([measure, key]) => {
        const spectra = spectrumPairs(pairs, cohort, phase);
        const points = spectra.length === 0 ? [] : pointsOf(spectra, key);
        if (points.length === 0) return [];
        const band = spectra.length >= INTERVAL_VALUES_LEAST ? ("interval" as const) : ("range" as const);
        return [{ cohort, phase, measure, pairs: spectra.length, band, points }];
      }),
    ),
  );
}
