/** In words: when goodput was back in the band that calm had. Promises: only reads what the summary says of the band (`goodput-band.ts` of the harness). */
import type { Timeline } from "../harness/summary.ts";
import { counted, decimal } from "./format.ts";

const seconds = (value: number): string => `${decimal(value)} s`;

/** "goodput back after 2.8 s"; null where there is no band. */
export function goodputBack({ band }: Timeline): string | null {
  if (band === null || band === undefined) return null;
  const after = band.back.flatMap(({ afterS }) => afterS ?? []);
  const longest = seconds(Math.max(...after));
  if (band.back.length === 1)
    return after.length === 1 ? `goodput back after ${longest}` : "goodput not back before the load ended";
  if (after.length === 0) return `goodput not back after any of ${band.back.length} faults`;
  const of = after.length === band.back.length ? "each of" : `${after.length} of`;
  return `goodput back after ${of} ${counted(band.back.length, "fault")}, at the longest in ${longest}`;
}

/** What became of goodput after one fault, as a sentence; null where there is no band. */
export function goodputBackAfter({ band }: Timeline, fault: string): string | null {
  const found = band?.back.find((one) => one.fault === fault);
  if (band === null || band === undefined || found === undefined) return null;
  const calm = `the ${band.low} to ${band.high} turns/s of calm`;
  if (found.afterS === null)
    return `Goodput did not come back to ${calm} before the next fault or the end of the load.`;
  return `Goodput was back to ${calm} after ${seconds(found.afterS)}.`;
}
