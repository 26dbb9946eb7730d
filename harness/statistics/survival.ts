/** Survival: how long things take of which some had not happened when we stopped looking (Kaplan and Meier 1958). */

/** One subject: it happened after `ms`, or had not happened by then. `Infinity` never happens, and is never out of sight. */
export interface Survivor {
  readonly ms: number;
  readonly happened: boolean;
}

/** [milliseconds, share of which it has not happened yet]: the share holds from this instant on. */
export type SurvivalStep = readonly [number, number];

/**
 * The Kaplan–Meier estimate: at each instant at which it happened to some, the share that is left, ascending. Who dropped out
 * at the same instant was still at risk.
 */
export function survival(subjects: readonly Survivor[]): SurvivalStep[] {
  const ordered = [...subjects].sort((a, b) => a.ms - b.ms);
  const steps: SurvivalStep[] = [];
  let left = 1;
  for (let i = 0; i < ordered.length; ) {
    const ms = ordered[i]?.ms ?? 0;
    const atRisk = ordered.length - i;
    let happened = 0;
    for (; i < ordered.length && ordered[i]?.ms === ms; i++) if (ordered[i]?.happened) happened += 1;
    if (happened === 0) continue;
    left *= 1 - happened / atRisk;
    steps.push([ms, left]);
  }
  return steps;
}

/** The instant by which it has happened to a share q, or null if the curve never comes down that far. */
export function survivalQuantile(steps: readonly SurvivalStep[], q: number): number | null {
  return steps.find(([, left]) => left <= 1 - q + 1e-9)?.[0] ?? null;
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
