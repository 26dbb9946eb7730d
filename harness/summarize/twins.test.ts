import { expect, test } from "vitest";
import { cleanKill } from "../checkers/history-builder.ts";
import { buildIndex } from "../checkers/history-index.ts";
import { keyOf, randomOf } from "../random.ts";
import { turnFigures } from "./turn-figures.ts";
import { type ComparableTurn, comparableTurns, neighboursUnharmed, type TwinPair } from "./twins.ts";

/** Turns over 20 seconds, of which `slow` (by index) says by how much longer they took than 1,000 ms. */
function turnsOf(number: number, slow: (index: number) => number): Map<string, ComparableTurn> {
  return new Map(
    Array.from({ length: number }, (_, index) => {
      const turn = { session: `s${index}`, turn: 1, at: index, enabledMs: (index * 20_000) / number };
      return [`s${index} 1`, { ...turn, tookMs: 1_000 + slow(index), answered: true }];
    }),
  );
}
const pairsOf = (pairs: number, turns: number, slow: (index: number) => number): TwinPair[] =>
  Array.from({ length: pairs }, (_, index) => ({
    trial: `${index + 1}-crash-some`,
    struck: turnsOf(turns, slow),
    calm: turnsOf(turns, () => 0),
  }));

test("turns that take as long as in the calm twin are unharmed", () => {
  const verdict = neighboursUnharmed(pairsOf(3, 200, () => 0));
  expect(verdict).toMatchObject({ checker: "C11", result: true, exposures: 600, violations: 0 });
});

test("slow is by more than 50 ms and more than half: neither alone is", () => {
  expect(neighboursUnharmed(pairsOf(3, 200, () => 500))).toMatchObject({ result: true, violations: 0 });
  const quick = pairsOf(3, 200, () => 49).map((pair) => {
    const quicker = [...pair.calm].map(([key, turn]) => [key, { ...turn, tookMs: 10 }] as const);
    const struck = [...pair.struck].map(([key, turn]) => [key, { ...turn, tookMs: 59 }] as const);
    return { ...pair, calm: new Map(quicker), struck: new Map(struck) };
  });
  expect(neighboursUnharmed(quick)).toMatchObject({ result: true, violations: 0 });
  expect(neighboursUnharmed(pairsOf(3, 200, () => 501))).toMatchObject({ result: false, violations: 600 });
});

test("every tenth turn twice as long in every second is harm, with the turns as evidence", () => {
  const verdict = neighboursUnharmed(pairsOf(3, 1_000, (index) => (index % 10 === 0 ? 1_000 : 0)));
  expect(verdict).toMatchObject({ result: false, exposures: 3_000, violations: 300 });
  expect(verdict.evidence).toHaveLength(20);
  expect(verdict.evidence[0]?.says).toBe("In 1-crash-some turn 1 of s0 took 2000 ms, in its calm twin 1000 ms.");
});

test("as many slow turns in a single second may be chance: what comes together counts as one", () => {
  const pairs = pairsOf(3, 1_000, (index) => (index < 100 ? 1_000 : 0)).map((pair, place) =>
    place === 0 ? pair : { ...pair, struck: turnsOf(1_000, () => 0) },
  );
  expect(neighboursUnharmed(pairs)).toMatchObject({ result: true, violations: 100 });
});

test("few pairs or few turns decide nothing, however slow they were", () => {
  expect(neighboursUnharmed(pairsOf(2, 1_000, () => 5_000)).result).toBe("unknown");
  expect(neighboursUnharmed(pairsOf(3, 99, () => 5_000)).result).toBe("unknown");
  expect(neighboursUnharmed([]).reason).toContain("300 turns in 3 pairs are needed");
});

test("a turn that only one of the trials had is not compared; one that was never answered is slow", () => {
  const [pair] = pairsOf(1, 400, () => 0);
  if (pair === undefined) throw new Error("there is a pair");
  const struck = new Map([...pair.struck].map(([key, turn]) => [key, { ...turn, answered: turn.session !== "s1" }]));
  struck.set("x 1", { session: "x", turn: 1, at: 0, enabledMs: 0, tookMs: 9_999, answered: true });
  const verdict = neighboursUnharmed([{ ...pair, struck }, pair, pair]);
  expect(verdict).toMatchObject({ exposures: 1_200, violations: 1 });
});

test("at the limit of 1 % slow turns, at most 1 % of campaigns are called harmed", () => {
  let alarms = 0;
  for (let campaign = 0; campaign < 400; campaign++) {
    const random = randomOf(keyOf(7, campaign));
    const verdict = neighboursUnharmed(
      pairsOf(3, 600, () => 0).map((pair) => ({ ...pair, struck: turnsOf(600, () => (random() < 0.01 ? 1_000 : 0)) })),
    );
    if (verdict.result === false) alarms += 1;
  }
  expect(alarms).toBeLessThanOrEqual(4);
});

test("compared are turns of bystanders in the fault phase that no fault touched", () => {
  const plan = { ...cleanKill().plan };
  const observe = { ...plan.definition.observe, bystanders: ["chat"] };
  const builder = cleanKill({ definition: { ...plan.definition, observe } });
  const index = buildIndex(builder.history());
  const turns = comparableTurns(builder.plan, index, turnFigures(builder.plan, index));
  // Turn 2 of a was killed; turns 1 began in calm, turns 3 are proofs.
  expect([...turns.keys()]).toEqual(["b 2"]);
  expect(turns.get("b 2")).toMatchObject({ enabledMs: 6_000, tookMs: 680, answered: true });
});
