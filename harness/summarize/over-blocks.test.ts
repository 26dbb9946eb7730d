import { expect, test } from "vitest";
import { type Contestant, syntheticSummary } from "../compare/testing/synthetic.ts";
import type { OverBlocks } from "./over-blocks.ts";

function overBlocksOf(blocks: number, does: Contestant = {}): OverBlocks {
  const result = syntheticSummary({ one: does }, { blocks }).scenarios[0]?.results[0];
  if (result === undefined) throw new Error("a result was expected");
  return result.overBlocks;
}

test("one block has point values and says so", () => {
  const { blocks, note, figures } = overBlocksOf(1);
  expect({ blocks, note }).toEqual({ blocks: 1, note: "One block: point values of one draw." });
  expect(figures.length).toBeGreaterThan(10);
  for (const { median, lowest, highest, interval } of figures) {
    expect(interval).toBeNull();
    expect(lowest).toBe(highest);
    expect(median).toBeCloseTo(lowest, 2);
  }
});

test("intervals begin at five blocks, lie within the spread and name their coverage", () => {
  expect(overBlocksOf(4).figures.every(({ interval }) => interval === null)).toBe(true);
  const { note, figures } = overBlocksOf(9);
  expect(note).toBe("9 blocks: intervals of the median by order statistics, each covering at least 93.75 % of cases.");
  for (const { median, lowest, highest, interval, blocks } of figures) {
    expect(blocks).toBe(9);
    expect(interval?.coverage).toBeGreaterThanOrEqual(0.9375);
    expect(interval?.low).toBeGreaterThan(lowest);
    expect(interval?.high).toBeLessThan(highest);
    expect(median).toBeGreaterThan(interval?.low ?? Number.POSITIVE_INFINITY);
  }
});

test("void trials are counted and give no figure", () => {
  const { blocks, voids, figures } = overBlocksOf(6, { voids: [2, 3] });
  expect({ blocks, voids }).toEqual({ blocks: 4, voids: 2 });
  expect(figures.every((figure) => figure.blocks === 4)).toBe(true);
  expect(overBlocksOf(2, { voids: [1, 2] })).toEqual({ blocks: 0, voids: 2, note: "No block is valid.", figures: [] });
});

test("overhead p50, p90, p99 of calm and fault, recovery and CPU per turn are among them", () => {
  const names = overBlocksOf(2).figures.map(({ figure, phase }) => `${figure} ${phase}`);
  for (const phase of ["calm", "fault"])
    for (const quantile of ["p50", "p90", "p99"]) expect(names).toContain(`overhead ${quantile} ${phase}`);
  expect(names).toContain("recovery median null");
  expect(names).toContain("CPU per turn calm");
});
