/** The simulator as a witness: what it writes is a history, the same each time, and what strikes in it shows. */
import { describe, expect, test } from "vitest";
import { buildIndex } from "../checkers/history-index.ts";
import { scriptOf } from "../checkers/logical-calls.ts";
import { turnsTouchedBy } from "../checkers/touched.ts";
import type { History } from "../history.ts";
import type { TrialPlan } from "../trial.ts";
import { floorMs } from "../world/script.ts";
import { SIMULATED_FAULTS } from "./faults.ts";
import { DURABLE, PLAIN } from "./nature.ts";
import { simulatedPlan } from "./plan.ts";
import { simulateTrial } from "./trial.ts";

const play = (seed: number, ...faults: readonly string[]): History<TrialPlan> =>
  simulateTrial(simulatedPlan(seed, [], { faults }), DURABLE);

test("the same seed gives the same history, byte for byte, and another seed another one", () => {
  const kinds = Object.keys(SIMULATED_FAULTS);
  const text = (seed: number): string => JSON.stringify(simulateTrial(simulatedPlan(seed, kinds), DURABLE));
  expect(text(5)).toBe(text(5));
  expect(text(6)).not.toBe(text(5));
});

test("histories are plain JSON with stamps in whole microseconds, World and trial in the order of their stamps", () => {
  const history = play(3, "kill");
  expect(JSON.parse(JSON.stringify(history))).toEqual(history);
  for (const events of [history.world, history.trial]) {
    const stamps = events.map(({ t }) => t);
    expect(stamps).toEqual(stamps.toSorted((a, b) => a - b));
    expect(stamps.every((t) => Math.round(t * 1000) / 1000 === t)).toBe(true);
  }
});

test("every offered turn of a healthy trial without faults is answered, at its floor or a little later", () => {
  const history = simulateTrial(simulatedPlan(4, [], { faults: [], scriptFaults: false }), PLAIN);
  const turns = buildIndex(history).sessions.flatMap((session) => session.turns);
  const overheadsMs = turns.map((turn) => {
    const script = scriptOf(history.plan, turn);
    const answered = turn.acknowledged?.event.t ?? Number.NaN;
    return answered - (turn.enabled?.event.t ?? Number.NaN) - (script === null ? Number.NaN : floorMs(script));
  });
  expect(turns.length).toBeGreaterThan(30);
  expect(Math.min(...overheadsMs)).toBeGreaterThan(0);
  expect(Math.max(...overheadsMs)).toBeLessThan(30);
});

describe("every fault lands, touches turns in some trial, and is over in the end", () => {
  test.each(Object.keys(SIMULATED_FAULTS))("%s", (kind) => {
    const faults = [1, 2, 3, 4].flatMap((seed) => {
      const index = buildIndex(play(seed, kind));
      return index.faults.map((fault) => ({ fault, touched: turnsTouchedBy(index, fault).length }));
    });
    expect(faults.every(({ fault }) => fault.landed !== null && fault.curedMs !== null)).toBe(true);
    expect(faults.some(({ touched }) => touched > 0)).toBe(true);
  });
});

test("kill -9 breaks what runs, and the runtime goes on with it unasked", () => {
  const history = simulateTrial(simulatedPlan(2, [], { faults: ["kill"], scriptFaults: false }), DURABLE);
  const exit = history.trial.find(({ e }) => e === "exit");
  const broken = history.driver.filter((event) => event.e === "info" && event.why === "ECONNRESET");
  const aborted = history.world.filter((event) => event.e === "said" && event.end === "aborted");
  expect(exit).toMatchObject({ signal: "SIGKILL", expected: true });
  expect(broken.length).toBeGreaterThan(0);
  expect([...broken, ...aborted].every(({ t }) => t >= (exit?.t ?? Number.POSITIVE_INFINITY))).toBe(true);
  expect(history.world.some((event) => event.e === "ask" && event.i === 2)).toBe(true);
});

test("a frozen process acts for nobody until it is thawed", () => {
  const plan = simulatedPlan(9, [], { faults: ["freeze"], with: { forMs: 3_000 }, scriptFaults: false });
  const { world, trial } = simulateTrial(plan, DURABLE);
  const stampOf = (kind: "landed" | "cured"): number => trial.find(({ e }) => e === kind)?.t ?? Number.NaN;
  const meanwhile = world.filter(
    ({ e, t }) => (e === "ask" || e === "tool") && t > stampOf("landed") + 5 && t < stampOf("cured"),
  );
  expect(stampOf("cured") - stampOf("landed")).toBeCloseTo(3_000, 0);
  expect(meanwhile).toEqual([]);
});
