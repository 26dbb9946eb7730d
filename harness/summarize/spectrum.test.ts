import { expect, test } from "vitest";
import { cleanKill } from "../checkers/history-builder.ts";
import { trialOf } from "./recording-builder.ts";
import { SPECTRUM_GRID, spectrumOf } from "./spectrum.ts";

const upTo = (n: number): number[] => Array.from({ length: n }, (_, index) => index + 1);

test("the grid goes evenly to 0.95 and then into the tail", () => {
  expect(SPECTRUM_GRID).toHaveLength(24);
  expect(SPECTRUM_GRID.slice(18)).toEqual([0.9, 0.95, 0.975, 0.99, 0.995, 0.999]);
});

test.each([
  [4, 0],
  [5, 1],
  [10, 11],
  [100, 20],
  [500, 22],
  [999, 22],
  [1_000, 23],
  [5_000, 24],
])("%i values give the first %i quantiles: as far as five values lie beyond", (n, length) => {
  expect(spectrumOf(upTo(n))).toHaveLength(length);
});

test("the values are those at the nearest rank, in whatever order they came", () => {
  const spectrum = spectrumOf(upTo(1_000).reverse());
  expect(spectrum[0]).toBe(1);
  expect(spectrum[SPECTRUM_GRID.indexOf(0.5)]).toBe(500);
  expect(spectrum[SPECTRUM_GRID.indexOf(0.99)]).toBe(990);
});

test("a trial has spectra of the cohorts that its scenario asks about, in calm and fault alone", () => {
  const { spectrum } = trialOf(cleanKill());
  expect(new Set(spectrum.map(({ cohort }) => cohort))).toEqual(new Set(["chat"]));
  for (const { phase, n } of spectrum) {
    expect(["calm", "fault"]).toContain(phase);
    expect(n).toBeGreaterThan(0);
  }
});
