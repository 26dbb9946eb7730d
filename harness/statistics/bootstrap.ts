/**
 * The percentile bootstrap (Efron 1979): how much a statistic would vary, from the data alone. Clusters are drawn whole, because what
 * happened together is not independent (Davison and Hinkley 1997, 3.8). With few clusters such intervals are too narrow.
 */
import { randomOf } from "../random.ts";
import { nearestRank } from "./tail-quantiles.ts";

/** How often to draw, and from which seed; the same seed gives the same interval. */
export interface BootstrapRule {
  /** Coverage meant, in (0, 1). Default 0.95. */
  readonly level: number;
  readonly draws: number;
  readonly seed: number;
  /** Fewer clusters than this give no interval. Default 5. */
  readonly clustersLeast: number;
}

const RULE: BootstrapRule = { level: 0.95, draws: 2_000, seed: 1, clustersLeast: 5 };

/** An interval; infinite ends are values. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * Interval of a statistic of clustered data; null with too few clusters. What the statistic cannot say of a draw (null) counts as
 * infinitely large: "never came" lies above every time.
 * @param clusters the members of each cluster; single values are clusters of one
 */
export function bootstrapInterval<T>(
  clusters: readonly (readonly T[])[],
  statistic: (members: readonly T[]) => number | null,
  rule: Partial<BootstrapRule> = {},
): Interval | null {
  const { level, draws, seed, clustersLeast } = { ...RULE, ...rule };
  if (clusters.length < clustersLeast) return null;
  const random = randomOf(seed, "bootstrap", clusters.length);
  const found = Float64Array.from({ length: draws }, () => {
    const drawn = clusters.flatMap(() => clusters[Math.floor(random() * clusters.length)] ?? []);
    return statistic(drawn) ?? Number.POSITIVE_INFINITY;
  }).sort();
  return { low: nearestRank(found, (1 - level) / 2), high: nearestRank(found, (1 + level) / 2) };
}
