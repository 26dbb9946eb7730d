/** Events of a made-up campaign of two trials, for tests of the live page and its server. */
import type { LiveEvent, TrialLive } from "../../../harness/live.ts";

const planned = (id: string, runner: string) => ({ id, scenario: "storm", runner, block: 1, durationMs: 90_000 });

export const campaign = {
  e: "campaign",
  id: "smoke-7",
  profile: "smoke",
  seed: "7",
  trials: [planned("1", "memo"), planned("2", "<img src=x onerror=alert(1)>")],
  bucketsPerOctave: 4,
} as const satisfies LiveEvent;

export const begin = (trial: string): LiveEvent => ({
  e: "begin",
  trial,
  asks: "Who gets wet?",
  faults: [{ id: "f1", kind: "kill", role: "app" }],
});

/** A second in which 70 turns were answered, most within 4 ms beyond the script, one of them 1.5 s. */
export const secondAt = (second: number): TrialLive => ({
  e: "second",
  second,
  offered: 71,
  answered: 70,
  failed: 1,
  setbacks: 2,
  late: 0,
  overhead: {
    p50Ms: 3.25,
    maxMs: 1500,
    buckets: [
      [7, 69],
      [43, 1],
    ],
  },
  live: 1200,
  pending: 34,
  proved: 0,
  toProve: 0,
});
