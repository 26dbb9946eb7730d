import fc from "fast-check";
import { expect, test } from "vitest";
import { Samples } from "../statistics/tail-quantiles.ts";
import { PendingAges, TICK_MS, ticksOf } from "./pending-ages.ts";

interface Pending {
  readonly enabledMs: number;
  readonly floorMs: number;
  readonly endMs: number;
}

/** Every look by itself. */
function lookedAt(turns: readonly Pending[]): Samples {
  const samples = new Samples();
  for (const { enabledMs, floorMs, endMs } of turns)
    for (let tick = Math.ceil(enabledMs / TICK_MS) * TICK_MS; tick < endMs; tick += TICK_MS)
      samples.add(Math.max(0, tick - enabledMs - floorMs), tick);
  return samples;
}

function agesOf(turns: readonly Pending[]): PendingAges {
  const ages = new PendingAges();
  for (const { enabledMs, floorMs, endMs } of turns) {
    const { first, last } = ticksOf(enabledMs, endMs);
    ages.add(enabledMs, floorMs, first, last);
  }
  return ages;
}

/** Stamps have microseconds; half of them lie on ticks, where rounding would show. */
const stamp = (max: number) =>
  fc.oneof(
    fc.integer({ min: 0, max: max * 1000 }).map((us) => us / 1000),
    fc.integer({ min: 0, max: max / TICK_MS }).map((n) => n * TICK_MS),
  );
const turnOf = (lasts: fc.Arbitrary<number>, floors: fc.Arbitrary<number>) =>
  fc.record({ enabledMs: stamp(60_000), floorMs: floors, lastsMs: lasts }).map(({ enabledMs, floorMs, lastsMs }) => ({
    enabledMs,
    floorMs,
    endMs: Math.round((enabledMs + lastsMs) * 1000) / 1000,
  }));
const stalls = fc.array(turnOf(stamp(30_000), stamp(2_000)), { maxLength: 40 });
// Seen once or twice each, beyond their floor: independent enough that quantiles are given.
const quiet = fc.array(turnOf(stamp(200), stamp(100)), { minLength: 150, maxLength: 300 });

test("the figures are those of every look kept and sorted", () => {
  let given = 0;
  fc.assert(
    fc.property(fc.oneof(stalls, quiet), (turns) => {
      const figures = agesOf(turns).quantiles();
      if (figures.p90 !== null) given += 1;
      expect(figures).toEqual(lookedAt(turns).quantiles());
    }),
    { numRuns: 300 },
  );
  expect(given).toBeGreaterThan(20);
});

test("a quiet load without any stall gives its p99, too", () => {
  const turns = Array.from({ length: 3_000 }, (_, index) => ({
    enabledMs: index * 20.123,
    floorMs: 300,
    endMs: index * 20.123 + 300 + ((index * 7_919) % 613),
  }));
  const figures = agesOf(turns).quantiles();
  expect(figures.p99).toBeGreaterThan(0);
  expect(figures).toEqual(lookedAt(turns).quantiles());
});

test("a turn that ends before the next tick is not seen", () => {
  expect(agesOf([{ enabledMs: 10, floorMs: 0, endMs: 90 }]).quantiles()).toMatchObject({ n: 0, max: null });
});
