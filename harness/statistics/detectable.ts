/** How large a difference must be for a test of paired differences to find it: printed beside every "no difference". */
import { randomOf } from "../random.ts";
import { rootOf } from "./beta.ts";
import { normalQuantile } from "./normal.ts";
import { signFlipInterval, smallestP } from "./permutation.ts";
import { noncentralTCdf, tCdf, tQuantile } from "./student.ts";
import { nearestRank } from "./tail-quantiles.ts";

/** Power of a two-sided one-sample t test on normal differences. @param shift true mean over (sd / √pairs) */
export function tPower(shift: number, pairs: number, alpha: number): number {
  const degrees = pairs - 1;
  const critical = tQuantile(1 - alpha / 2, degrees);
  // The far tail, a significant result of the wrong sign, is left out: no one would call that found.
  return shift === 0 ? 1 - tCdf(critical, degrees) : 1 - noncentralTCdf(critical, degrees, shift);
}

/**
 * The smallest true mean of `pairs` normal differences with this standard deviation that a two-sided t test at `alpha` finds with
 * this power (noncentral t). In the unit of `sd`; null below two pairs. @param power in (alpha, 1)
 */
export function smallestDetectable(sd: number, pairs: number, alpha: number, power: number): number | null {
  if (pairs < 2) return null;
  const shift = rootOf((candidate) => tPower(candidate, pairs, alpha) - power, 0, MOST_SHIFT);
  return (shift * sd) / Math.sqrt(pairs);
}

/** Where the series for the noncentral t ends; only two or three pairs at small alpha would need more. */
const MOST_SHIFT = 37;

/** Up to here the sign-flip test is coarser than the t test; above, the two need the same difference within 2 %. */
const COARSE_PAIRS = 12;
const DRAWS = 1_000;
const SEED = 1;
/** Half of what lies between two values of the generator: keeps its 0 away from the quantile −∞. */
const HALF_STEP = 2 ** -33;
const drawnBefore = new Map<string, number>();

/**
 * {@link smallestDetectable} for the sign-flip test, which decides. With few pairs it has few p values to choose from (at 8 pairs and
 * 1 % only "all signs alike" will do) and needs up to a quarter more than t. There the answer is simulated, with a fixed seed: a normal
 * sample is found once its mean is moved by as much as its own interval reaches below 0, and `power` of the samples need at most that.
 */
export function smallestDetectableBySigns(sd: number, pairs: number, alpha: number, power: number): number | null {
  if (smallestP(pairs) > alpha) return null;
  if (pairs > COARSE_PAIRS) return smallestDetectable(sd, pairs, alpha, power);
  const key = `${pairs} ${alpha} ${power}`;
  const needed = drawnBefore.get(key) ?? simulatedShift(pairs, alpha, power);
  drawnBefore.set(key, needed);
  return needed * sd;
}

function simulatedShift(pairs: number, alpha: number, power: number): number {
  const random = randomOf(SEED, "detectable", pairs);
  const shifts = Float64Array.from({ length: DRAWS }, () => {
    const sample = Array.from({ length: pairs }, () => normalQuantile(random() + HALF_STEP));
    return -(signFlipInterval(sample, alpha)?.low ?? Number.NEGATIVE_INFINITY);
  }).sort();
  return nearestRank(shifts, power);
}
