import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Answer, Comparison, FigureComparison, ScenarioComparison } from "./compare/comparison.ts";
import { type Contestant, type Shape, syntheticSummary } from "./compare/testing/synthetic.ts";
import { compareCampaigns, compareContestants } from "./compare.ts";
import { UsageError } from "./errors.ts";
import type { Summary } from "./summary.ts";

/** One contestant against another in one campaign. */
const contest = (one: Contestant, two: Contestant, shape: Shape): Comparison =>
  compareContestants(syntheticSummary({ one, two }, shape), "one", "two");

function only(comparison: Comparison): ScenarioComparison {
  const [scenario] = comparison.scenarios;
  if (scenario === undefined || comparison.scenarios.length > 1) throw new Error("one match was expected");
  return scenario;
}

function figure(comparison: Comparison, name: string, phase: string | null = "calm"): FigureComparison {
  const found = only(comparison).figures.find((one) => one.figure === name && one.phase === phase);
  if (found === undefined) throw new Error(`no figure ${name}`);
  return found;
}

const answers = (comparison: Comparison): Answer[] => only(comparison).figures.map(({ answer }) => answer);

describe("the answer", () => {
  test("is worse in every figure when everything takes a fifth longer, with an interval around the truth", () => {
    const comparison = contest({}, { factor: 1.2 }, { blocks: 20 });
    expect(new Set(answers(comparison))).toEqual(new Set(["worse"]));
    for (const { ratio, low, high, pairs } of only(comparison).figures) {
      expect(pairs).toBe(20);
      expect(low).toBeGreaterThan(1);
      expect(low).toBeLessThanOrEqual(ratio ?? 0);
      expect(high).toBeGreaterThanOrEqual(1.2);
      expect(low).toBeLessThanOrEqual(1.2);
    }
  });

  test("is no difference with what would have been found, when there is none", () => {
    const comparison = contest({}, {}, { blocks: 20 });
    expect(new Set(answers(comparison))).toEqual(new Set(["no difference"]));
    const { largerThan, detectable } = figure(comparison, "overhead p50");
    expect(largerThan).toBeGreaterThan(0);
    expect(largerThan).toBeLessThan(0.1);
    expect(detectable).toBeGreaterThan(0);
  });

  test("names the tail where only the tail is worse", () => {
    const comparison = contest({}, { tail: { from: 0.95, factor: 1.5 } }, { blocks: 20 });
    expect(figure(comparison, "overhead p99").answer).toBe("worse");
    expect(figure(comparison, "overhead p50").answer).toBe("no difference");
  });

  test("is not enough below the pairs that the family's level needs, however large the difference", () => {
    const comparison = contest({}, { factor: 5 }, { blocks: 8 });
    expect(new Set(answers(comparison))).toEqual(new Set(["not enough"]));
    // 13 figures share 1 %: 2 / 2^n must not exceed 0.01 / 13.
    expect(comparison.family).toBe(13);
    expect(figure(comparison, "overhead p50")).toMatchObject({ pairs: 8, pairsNeeded: 12, low: null, high: null });
    expect(figure(comparison, "overhead p50").ratio).toBeGreaterThan(4.5);
  });

  test("Holm gives the levels on: once the small p are rejected the others are tested at more", () => {
    const comparison = contest({}, { tail: { from: 0.95, factor: 1.5 } }, { blocks: 20 });
    expect(figure(comparison, "overhead p99").level).toBeLessThan(0.01 / 11);
    expect(figure(comparison, "overhead p50").level).toBeCloseTo(0.01 / 11, 10);
  });
});

describe("what is too small to measure", () => {
  test("is no difference, even if every pair agrees", () => {
    // 0.2 ms longer at a median of 3.75 ms: within twice the mean of start lags, 0.2 ms.
    const comparison = contest({ medianMs: 6 }, { medianMs: 6, factor: 1.05 }, { blocks: 20, noise: 0.005 });
    expect(figure(comparison, "overhead p50")).toMatchObject({
      answer: "no difference",
      reason: "The difference is smaller than what measuring can tell apart.",
    });
    expect(figure(comparison, "overhead p99", "fault").answer).toBe("worse");
  });

  test("overheads at or below nothing count as what can be told apart, and give finite ratios", () => {
    const below = contest({ medianMs: -3 }, { medianMs: 0 }, { blocks: 20 });
    expect(figure(below, "overhead p50")).toMatchObject({ ratio: 1, answer: "no difference" });
    const grown = contest({ medianMs: -3 }, { medianMs: 30 }, { blocks: 20 });
    expect(figure(grown, "overhead p50").answer).toBe("worse");
    expect(Number.isFinite(figure(grown, "overhead p50").ratio)).toBe(true);
  });
});

describe("nothing is concluded", () => {
  test("where voids are more often on one side", () => {
    const comparison = contest({}, { factor: 2, voids: [1, 2, 3] }, { blocks: 20 });
    expect(only(comparison)).toMatchObject({ pairs: 17, trialsB: { trials: 20, valid: 17, void: 3 } });
    expect(new Set(answers(comparison))).toEqual(new Set(["inconclusive"]));
    expect(figure(comparison, "overhead p50").reason).toContain("more than 10 points apart");
  });

  test("of faults that met clearly more pending turns on one side, while calm is still compared", () => {
    const comparison = contest({}, { factor: 2, pendingAtFault: 300 }, { blocks: 20 });
    expect(figure(comparison, "overhead p50", "fault").answer).toBe("inconclusive");
    expect(figure(comparison, "recovery median", null).answer).toBe("inconclusive");
    expect(figure(comparison, "overhead p50").answer).toBe("worse");
    expect(only(comparison).inconclusive).toEqual([
      "The faults met 200 pending turns of a and 300 of b on average: the sides were not hit alike.",
    ]);
  });

  test("of times where one side was saturated, while its cost still counts", () => {
    const comparison = contest({}, { factor: 2, saturated: true }, { blocks: 20 });
    expect(figure(comparison, "overhead p50").answer).toBe("inconclusive");
    expect(figure(comparison, "CPU per turn").answer).toBe("worse");
  });
});

describe("two campaigns", () => {
  const stored = (does: Contestant, changes: Partial<Shape> = {}): Summary =>
    syntheticSummary({ one: does }, { blocks: 20, ...changes });

  test("pair each runner with itself, block by block, and say that they were not interleaved", () => {
    const comparison = compareCampaigns(stored({}), stored({ factor: 1.3 }));
    expect(figure(comparison, "overhead p50")).toMatchObject({ pairs: 20, answer: "worse" });
    expect(comparison.notes[0]).toMatch(/recorded one after the other/);
  });

  test("of different seeds are not paired: facts and the reason are shown, and no ratio", () => {
    const comparison = compareCampaigns(stored({ forgotten: 3 }), stored({}, { seed: "8" }));
    expect(only(comparison)).toMatchObject({ pairs: 0, shifts: [] });
    expect(only(comparison).notComparable).toMatch(/^Not paired: the seeds differ \(7 and 8\)/);
    expect(figure(comparison, "overhead p50")).toMatchObject({ ratio: null, answer: "not comparable" });
    expect(figure(comparison, "overhead p50").a).toBeGreaterThan(0);
    expect(only(comparison).counts[0]).toEqual({ count: "conversations forgotten", a: 60, b: 0 });
    expect(comparison.family).toBe(0);
  });

  test("of different machines give no relative answer and name what differs", () => {
    const a = stored({});
    const b = { ...stored({ factor: 2 }), environment: { ...a.environment, cores: 8, node: "26.0.0" } };
    const comparison = compareCampaigns(a, b);
    expect(new Set(answers(comparison))).toEqual(new Set(["not comparable"]));
    expect(only(comparison).notComparable).toBe("Different machines: not comparable (cores).");
    expect(comparison.differences).toEqual([
      { what: "cores", a: "2", b: "8", kind: "machine" },
      { what: "Node", a: "24.0.0", b: "26.0.0", kind: "software" },
    ]);
  });

  test("with another number of sessions are not the same work", () => {
    const a = stored({});
    const b = structuredClone(stored({}));
    for (const trial of b.scenarios[0]?.results[0]?.trials ?? []) Object.assign(trial.load, { liveSessions: 4 });
    expect(only(compareCampaigns(a, b)).notComparable).toMatch(/^The load is not the same: 2 live sessions/);
  });

  test("without a common runner are refused with what each holds", () => {
    const other = syntheticSummary({ other: {} }, { blocks: 2 });
    expect(() => compareCampaigns(stored({}), other)).toThrow(/a holds kill \(one\); b holds kill \(other\)/);
  });
});

test("an unknown contestant is refused with the names that exist", () => {
  const summary = syntheticSummary({ one: {}, two: {} }, { blocks: 2 });
  expect(() => compareContestants(summary, "one", "tow")).toThrow(UsageError);
  expect(() => compareContestants(summary, "one", "tow")).toThrow('Did you mean "two"? Known: one, two.');
});

test("without a block that is valid on both sides there are facts, a reason, and no answer", () => {
  const comparison = contest({ voids: [1] }, { voids: [2] }, { blocks: 2 });
  expect(only(comparison)).toMatchObject({
    pairs: 0,
    notComparable: "Not paired: in no block are the trials of both sides valid.",
  });
  expect(new Set(answers(comparison))).toEqual(new Set(["not comparable"]));
  expect(figure(comparison, "overhead p50").a).toBeGreaterThan(0);
  const nothing = contest({ voids: [1] }, { voids: [1] }, { blocks: 1 });
  expect(only(nothing).counts.every(({ a, b }) => a === null && b === null)).toBe(true);
});

test("one pair gives its ratio without an interval", () => {
  const comparison = contest({}, { factor: 2 }, { blocks: 1 });
  expect(figure(comparison, "overhead p50")).toMatchObject({
    pairs: 1,
    answer: "not enough",
    low: null,
    detectable: null,
  });
});

test("the shift shows where the distribution moved, with an interval from five pairs on", () => {
  const shiftOf = (blocks: number) =>
    only(contest({}, { tail: { from: 0.95, factor: 1.5 } }, { blocks })).shifts.find(
      ({ phase, measure }) => phase === "calm" && measure === "overhead",
    );
  expect(shiftOf(4)?.band).toBe("range");
  const shift = shiftOf(20);
  expect(shift).toMatchObject({ band: "interval", pairs: 20 });
  for (const { q, ratio, low, high } of shift?.points ?? []) {
    expect(low).toBeLessThanOrEqual(ratio);
    expect(high).toBeGreaterThanOrEqual(ratio);
    expect(Math.abs(ratio - (q >= 0.95 ? 1.5 : 1))).toBeLessThan(0.06);
  }
});

const contestants = fc.record({
  factor: fc.double({ min: 0.2, max: 5, noNaN: true }),
  medianMs: fc.double({ min: -5, max: 50, noNaN: true }),
  voids: fc.subarray([1, 2, 3]),
  forgotten: fc.nat(5),
  pendingAtFault: fc.integer({ min: 150, max: 300 }),
});
const shapes = fc.record({ blocks: fc.integer({ min: 1, max: 16 }), noise: fc.constantFrom(0, 0.01, 0.2) });

test("a campaign compared with itself is never better or worse", () => {
  fc.assert(
    fc.property(contestants, shapes, (does, shape) => {
      const summary = syntheticSummary({ one: does }, shape);
      const found = new Set(answers(compareCampaigns(summary, summary)));
      expect(found.has("better") || found.has("worse")).toBe(false);
    }),
    { numRuns: 25 },
  );
});

const SWAPPED: Readonly<Partial<Record<Answer, Answer>>> = { better: "worse", worse: "better" };

test("swapped sides swap the answers, turn the ratios over, and leave what is worth knowing as it was", () => {
  fc.assert(
    fc.property(contestants, contestants, shapes, (one, two, shape) => {
      const summary = syntheticSummary({ one, two }, shape);
      const there = only(compareContestants(summary, "one", "two"));
      const back = only(compareContestants(summary, "two", "one"));
      there.figures.forEach((figure, index) => {
        const mirrored = back.figures[index];
        expect(mirrored?.answer).toBe(SWAPPED[figure.answer] ?? figure.answer);
        expect(mirrored).toMatchObject({ a: figure.b, b: figure.a, pairs: figure.pairs, level: figure.level });
        if (figure.ratio !== null) expect((mirrored?.ratio ?? 0) * figure.ratio).toBeCloseTo(1, 2);
      });
      expect(back.counts.map(({ a, b }) => [b, a])).toEqual(there.counts.map(({ a, b }) => [a, b]));
    }),
    { numRuns: 25 },
  );
});
