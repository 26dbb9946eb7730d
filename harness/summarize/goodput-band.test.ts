import { describe, expect, test } from "vitest";
import { BACK_FOR_S, CALM_SECONDS_LEAST, goodputBandOf } from "./goodput-band.ts";
import type { Timeline } from "./timeline.ts";

/** Warm-up of 2 s, calm to second 12, the fault phase to 30, heal to 32; then the load ends. */
const PHASES: Timeline["phases"] = [
  { phase: "warmup", fromS: 0, toS: 2 },
  { phase: "calm", fromS: 2, toS: 12 },
  { phase: "fault", fromS: 12, toS: 30 },
  { phase: "heal", fromS: 30, toS: 32 },
  { phase: "quiet", fromS: 32, toS: 40 },
];
const CALM = [0, 60, 90, 91, 92, 93, 94, 95, 96, 97, 98, 99];

function faults(...instants: readonly number[]): Timeline["faults"] {
  return instants.map((atS, index) => ({ id: `f${index + 1}`, kind: "kill", atS, readyS: atS + 1, proof: "" }));
}

/** @param after intact answers per second from second 12 on */
const bandOf = (after: readonly number[], ...at: readonly number[]) =>
  goodputBandOf({ intact: [...CALM, ...after], phases: PHASES, faults: faults(...at) });

const steady = (n: number, seconds: number): readonly number[] => new Array<number>(seconds).fill(n);

describe("the band", () => {
  test("lies between the 5 % and 95 % of calm's seconds, warm-up left out", () => {
    expect(bandOf(steady(95, 20), 12.4)).toMatchObject({ low: 90, high: 99 });
  });

  test("there is none without a fault, with too little calm, or where calm had no answers", () => {
    expect(bandOf(steady(95, 20))).toBeNull();
    const short = PHASES.map((phase) => (phase.phase === "calm" ? { ...phase, toS: 1 + CALM_SECONDS_LEAST } : phase));
    expect(goodputBandOf({ intact: CALM, phases: short, faults: faults(12) })).toBeNull();
    expect(goodputBandOf({ intact: steady(0, 40), phases: PHASES, faults: faults(12) })).toBeNull();
  });
});

describe("goodput is back", () => {
  test.each<[string, readonly number[], number | null]>([
    ["at the first of five seconds in a row", [40, 0, 0, 150, ...steady(92, 16)], 15],
    ["not by a burst of four", [0, 0, ...steady(200, BACK_FOR_S - 1), 10, 20, ...steady(90, 12)], 20],
    ["at once where it never left", steady(95, 20), 12],
    ["not where most answers come without memory", steady(11, 20), null],
    ["not after the load has ended", [...steady(10, 18), ...steady(95, 8)], null],
  ])("%s", (_words, after, atS) => {
    expect(bandOf(after, 12.4)?.back).toEqual([
      { fault: "f1", atS, afterS: atS === null ? null : Math.max(0, Number((atS - 12.4).toFixed(1))) },
    ]);
  });

  test("each of several faults has until the next one", () => {
    const after = [0, 0, ...steady(95, 6), 0, 0, 0, 50, ...steady(95, 8)];
    expect(bandOf(after, 12.2, 20.5, 24)?.back.map(({ atS }) => atS)).toEqual([14, null, 24]);
  });
});
