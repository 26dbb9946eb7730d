/** Survival: how long things take of which some had not happened when we stopped looking (Kaplan and Meier 1958). */

import { bootstrapInterval, type Interval } from "./bootstrap.ts";
import { normalQuantile } from "./normal.ts";

/** One subject: it happened after `ms`, or had not happened by then. `Infinity` never happens, and is never out of sight. */
export interface Survivor {
  readonly ms: number;
  readonly happened: boolean;
}

/** [milliseconds, share of which it has not happened yet]: the share holds from this instant on. */
export type SurvivalStep = readonly [number, number];

/** One instant at which it happened to some. */
interface LifeTableRow {
  readonly ms: number;
  readonly happened: number;
  /** Of whom it was known until then that it had not happened. Who dropped out at the same instant was still at risk. */
  readonly atRisk: number;
  /** The share that is left after it. */
  readonly left: number;
}

function lifeTable(subjects: readonly Survivor[]): LifeTableRow[] {
  const ordered = [...subjects].sort((a, b) => a.ms - b.ms);
  const rows: LifeTableRow[] = [];
  let left = 1;
  for (let i = 0; i < ordered.length; ) {
    const ms = ordered[i]?.ms ?? 0;
    const atRisk = ordered.length - i;
    let happened = 0;
    for (; i < ordered.length && ordered[i]?.ms === ms; i++) if (ordered[i]?.happened) happened += 1;
    if (happened === 0) continue;
    left *= 1 - happened / atRisk;
    rows.push({ ms, happened, atRisk, left });
  }
  return rows;
}

/** The Kaplan–Meier estimate: at each instant at which it happened to some, the share that is left, ascending. */
export function survival(subjects: readonly Survivor[]): SurvivalStep[] {
  return lifeTable(subjects).map(({ ms, left }) => [ms, left]);
}

/** The instant by which it has happened to a share q, or null if the curve never comes down that far. */
export function survivalQuantile(steps: readonly SurvivalStep[], q: number): number | null {
  return steps.find(([, left]) => left <= 1 - q + 1e-9)?.[0] ?? null;
}

/** A step with the bounds of its share: [milliseconds, share left, low, high]. */
export type SurvivalBand = readonly [number, number, number, number];

/**
 * Pointwise intervals of the curve by Greenwood's variance (1926) on the scale of ln(−ln share), which keeps them within 0 and 1
 * (Kalbfleisch and Prentice 1980); where nobody is left they are 0 to 1, as the variance is not known there. For independent
 * subjects only: those of one fault are not, see {@link clusteredSurvivalQuantile}.
 */
export function survivalBand(subjects: readonly Survivor[], level = 0.95): SurvivalBand[] {
  const z = normalQuantile((1 + level) / 2);
  let greenwood = 0;
  return lifeTable(subjects).map(({ ms, happened, atRisk, left }) => {
    greenwood += happened / (atRisk * (atRisk - happened));
    if (left <= 0) return [ms, left, 0, 1];
    const reach = Math.exp((z * Math.sqrt(greenwood)) / Math.log(left));
    return [ms, left, left ** (1 / reach), left ** reach];
  });
}

/** Fewer faults than this give no interval: what they touched is as many observations as there were faults. */
const FAULTS_LEAST = 5;

/**
 * The instant by which it has happened to a share q, with its interval; faults are drawn whole (cluster bootstrap), as thousands of
 * sessions hit by three kills are three observations. An infinite bound means that "never" is not ruled out.
 * @param faults the subjects of each fault instance
 * @returns the point, null if the curve never comes down that far; the interval, null below 5 faults
 */
export function clusteredSurvivalQuantile(
  faults: readonly (readonly Survivor[])[],
  q: number,
  level = 0.95,
): { readonly ms: number | null; readonly interval: Interval | null } {
  const quantile = (subjects: readonly Survivor[]): number | null => survivalQuantile(survival(subjects), q);
  const touched = faults.filter((subjects) => subjects.length > 0);
  return {
    ms: quantile(touched.flat()),
    interval: bootstrapInterval(touched, quantile, { level, clustersLeast: FAULTS_LEAST }),
  };
}

/** At most `most` steps of a curve: the last one, and others at even distances of the share. */
export function thinned(steps: readonly SurvivalStep[], most: number): SurvivalStep[] {
  if (steps.length <= most) return [...steps];
  const end = steps.at(-1)?.[1] ?? 1;
  const chosen: SurvivalStep[] = [];
  let next = 1;
  for (const [index, step] of steps.entries()) {
    const last = index === steps.length - 1;
    if (!last && step[1] > next + 1e-12) continue;
    // The last place is kept for the last step.
    if (last || chosen.length < most - 1) chosen.push(step);
    next = step[1] - (1 - end) / (most - 1);
  }
  return chosen;
}
