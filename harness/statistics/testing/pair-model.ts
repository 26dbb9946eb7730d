/**
 * Pairs of measurements on a machine that drifts: b is a, or slower by a known factor. For the false alarms and the power of a decision.
 *
 * Both arms of a pair run one after the other in an order that is drawn; the machine's speed wanders by a random walk and slows down
 * steadily (it warms up, its neighbours wake up); each run has an error of its own.
 */
import type { Random } from "../../random.ts";

export const ERRORS = ["normal", "heavy", "skewed", "spiked"] as const;
/** Shape of a run's own error: normal; Student's t with 2 degrees; exponential; normal with one run in ten twenty times as far off. */
export type ErrorShape = (typeof ERRORS)[number];

/** How pairs come about. */
export interface PairModel {
  readonly pairs: number;
  /** Standard deviation of ln(b/a) that normal errors make; other shapes use the same scale. */
  readonly spread: number;
  readonly errors: ErrorShape;
  /** Step of the machine's random walk, and its slowing per run, in units of `spread`. */
  readonly drift: number;
  /** True b/a. */
  readonly ratio: number;
}

function standardNormal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

function errorOf(shape: ErrorShape, random: Random): number {
  switch (shape) {
    case "normal":
      return standardNormal(random);
    case "heavy":
      return standardNormal(random) / Math.sqrt(-Math.log(1 - random()));
    case "skewed":
      return -Math.log(1 - random());
    case "spiked":
      return standardNormal(random) * (random() < 0.1 ? 20 : 1);
  }
}

/** ln(b/a) of every pair. */
export function simulatePairs(model: PairModel, random: Random): number[] {
  const own = model.spread / Math.SQRT2;
  let machine = 0;
  const run = (): number => {
    machine += model.spread * model.drift * (standardNormal(random) + 1);
    return machine + own * errorOf(model.errors, random);
  };
  return Array.from({ length: model.pairs }, () => {
    const bFirst = random() < 0.5;
    const first = run();
    const second = run();
    return Math.log(model.ratio) + (bFirst ? first - second : second - first);
  });
}
