/**
 * A service whose tail is made of stalls, and its true quantiles: the hard case for intervals of percentiles.
 *
 * Requests arrive by a Poisson process; each takes a log-normal time. Stalls of exponential length follow each other after
 * exponential gaps, and who arrives in a stall waits it out. About 1.2 % of requests do, so p99 sits on the knee between body and stalls.
 */

import type { Random } from "../../random.ts";
import { rootOf } from "../beta.ts";
import { normalCdf, normalDensity } from "../normal.ts";

export const STALL_MODEL = { perSecond: 1_000, medianMs: 5, sigma: 0.3, gapMs: 5_000, stallMs: 60 };

/** Latencies and the instants of arrival, in milliseconds. */
export interface Simulated {
  readonly values: Float64Array;
  readonly timesMs: Float64Array;
}

const exponential = (mean: number, random: Random): number => -Math.log(1 - random()) * mean;

/** One run of this length. */
export function simulateStalls(lengthMs: number, random: Random, model = STALL_MODEL): Simulated {
  const most = Math.ceil((lengthMs / 1000) * model.perSecond * 1.5) + 1000;
  const values = new Float64Array(most);
  const timesMs = new Float64Array(most);
  let stallStartMs = exponential(model.gapMs, random);
  let stallEndMs = stallStartMs + exponential(model.stallMs, random);
  let n = 0;
  let spare: number | null = null;
  for (let now = exponential(1000 / model.perSecond, random); now < lengthMs && n < most; n++) {
    while (now >= stallEndMs) {
      stallStartMs = stallEndMs + exponential(model.gapMs, random);
      stallEndMs = stallStartMs + exponential(model.stallMs, random);
    }
    let normal = spare;
    if (normal === null) {
      // Box and Muller (1958), both of the pair.
      const radius = Math.sqrt(-2 * Math.log(1 - random()));
      const angle = 2 * Math.PI * random();
      normal = radius * Math.cos(angle);
      spare = radius * Math.sin(angle);
    } else spare = null;
    values[n] =
      model.medianMs * Math.exp(model.sigma * normal) + Math.max(0, now >= stallStartMs ? stallEndMs - now : 0);
    timesMs[n] = now;
    now += exponential(1000 / model.perSecond, random);
  }
  return { values: values.subarray(0, n), timesMs: timesMs.subarray(0, n) };
}

/** P(latency > ms): the body's tail, and for who met a stall that of the body plus an exponential wait (it has no memory). */
export function shareBeyond(ms: number, model = STALL_MODEL): number {
  if (ms <= 0) return 1;
  const tail = (latencyMs: number): number => 1 - normalCdf(Math.log(latencyMs / model.medianMs) / model.sigma);
  const met = model.stallMs / (model.gapMs + model.stallMs);
  // ∫ density of the body × P(wait > rest), by Simpson's rule over the normal variable.
  const end = Math.log(ms / model.medianMs) / model.sigma;
  const start = Math.min(-9, end - 1);
  const steps = 4_000;
  const width = (end - start) / steps;
  let sum = 0;
  for (let i = 0; i <= steps; i++) {
    const z = start + i * width;
    const wait = ms - model.medianMs * Math.exp(model.sigma * z);
    sum += (i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2) * normalDensity(z) * Math.exp(-wait / model.stallMs);
  }
  return (1 - met) * tail(ms) + met * (tail(ms) + (sum * width) / 3);
}

/** The true quantile, in milliseconds. */
export function trueQuantile(q: number, model = STALL_MODEL): number {
  return rootOf((ms) => 1 - q - shareBeyond(ms, model), 0, 10_000);
}
