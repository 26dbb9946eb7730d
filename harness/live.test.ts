import { describe, expect, it } from "vitest";
import { BUCKETS_PER_OCTAVE, bucketOf, LAST_BUCKET } from "./live.ts";

describe("buckets of overhead", () => {
  it.each([
    ["below the script there is one bucket, with everything up to 1 ms", [-40, 0, 1], [0, 0, 0]],
    ["then four for each doubling", [1.01, 2.01, 4.01, 1024.5], [1, 5, 9, 41]],
    ["and nothing lies beyond the last", [2 ** 18, 1e9], [LAST_BUCKET, LAST_BUCKET]],
  ])("%s", (_sentence, values, buckets) => {
    expect(values.map(bucketOf)).toEqual(buckets);
  });

  it("a bucket holds what lies between its ends", () => {
    for (let ms = 1.05; ms < 100_000; ms *= 1.07) {
      const bucket = bucketOf(ms);
      expect(ms).toBeGreaterThanOrEqual(2 ** ((bucket - 1) / BUCKETS_PER_OCTAVE));
      expect(ms).toBeLessThan(2 ** (bucket / BUCKETS_PER_OCTAVE));
    }
  });
});
