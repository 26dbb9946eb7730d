import { describe, expect, it } from "vitest";
import { constant } from "../random.ts";
import type { Cohort, Scenario, ScenarioFault } from "../scenario.ts";
import { planFaults, scaleFault, stepFaultsMs } from "./faults.ts";
import { loadOf } from "./load.ts";
import { planSessions } from "./sessions.ts";

const all: Cohort = {
  sessions: 50,
  turns: 4,
  thinkMs: constant(1_000),
  script: [{ say: { firstTokenMs: constant(100), tokens: constant(11) } }],
  client: { timeoutMs: 1_000, deadlineMs: 1_000, retry: "eager" },
};
const victims: Cohort = { ...all, sessions: 20, startsIn: "step" };

const scenario = (faults: readonly ScenarioFault[], cohorts: Scenario["cohorts"] = { all, victims }): Scenario => ({
  asks: "Does it?",
  cohorts,
  phases: { warmupMs: 2_000, calmMs: 2_000, faultMs: 5_000, quietMs: 0 },
  faults,
  observe: { overhead: ["all"] },
});

function planned(faults: readonly ScenarioFault[], seed = 1) {
  const one = scenario(faults);
  const sessions = planSessions(seed, one, 512, 9_000);
  return { sessions, faults: planFaults(one, sessions, seed) };
}

describe("planned faults", () => {
  it("fire by instants and by counts at the same point, where both name it", () => {
    const { faults } = planned([{ kind: "kill", atMs: [0, 1_000] }]);
    const [first, second] = faults.map(({ afterAcknowledged = 0 }) => afterAcknowledged);
    const turns = (second ?? 0) - (first ?? 0);
    expect(turns).toBeGreaterThan(10);
    expect(planned([{ kind: "kill", afterTurns: [turns] }]).faults[0]?.afterAcknowledged).toBe(second);
  });

  it("keep their order on the ideal schedule whatever decides when they fire, and step faults come last as written", () => {
    const { faults } = planned([
      { kind: "b", atStep: { cohort: "victims", turn: 2, at: "asked" } },
      { kind: "late", clockMs: [4_000] },
      { kind: "early", atMs: [500] },
    ]);
    expect(faults.map(({ id, kind }) => `${id} ${kind}`)).toEqual(["f1 early", "f2 late", "f3 b"]);
    expect(faults.map((fault) => [fault.afterAcknowledged, fault.clockMs, fault.atStep?.at])).toEqual([
      [expect.any(Number), undefined, undefined],
      [undefined, 4_000, undefined],
      [undefined, undefined, "asked"],
    ]);
  });

  it("hold members that the seed draws, in the order of their arrival", () => {
    const of = (seed: number) =>
      planned([{ kind: "kill", atStep: { cohort: "victims", turn: 2, at: "asked", members: 5 } }], seed).faults[0]
        ?.atStep;
    const step = of(1);
    expect(step?.members).toHaveLength(5);
    expect(step).toEqual(of(1));
    expect(of(2)?.members).not.toEqual(step?.members);
    expect(step).toMatchObject({ turn: 2, step: 1, call: 0 });
  });

  it("hold the whole cohort where nobody says how many, and no more than there are", () => {
    const members = (wanted: object) =>
      planned([{ kind: "kill", atStep: { cohort: "victims", turn: 2, at: "asked", ...wanted } }]).faults[0]?.atStep
        ?.members;
    expect(members({})).toHaveLength(20);
    expect(members({ members: 500 })).toHaveLength(20);
  });

  it("know when the last member has reached the step: arrivals within half a second, then its turns and thinking", () => {
    const { faults } = planned([{ kind: "kill", atStep: { cohort: "victims", turn: 2, at: "asked" } }]);
    // Two turns of 300 ms around 1 s of thinking, after an arrival within 500 ms.
    expect(faults[0]?.atStep?.reachedMs).toBeGreaterThan(1_600);
    expect(faults[0]?.atStep?.reachedMs).toBeLessThanOrEqual(2_100);
  });
});

describe("sessions of a step fault", () => {
  it("come once each, however long the trial is, and count in no other fault's turns", () => {
    const { sessions } = planned([]);
    expect(sessions.filter(({ session }) => session.cohort === "victims")).toHaveLength(20);
    const count = (cohorts: Scenario["cohorts"]) => {
      const one = scenario([{ kind: "kill", atMs: [4_000] }], cohorts);
      return planFaults(one, planSessions(1, one, 512, 9_000), 1)[0]?.afterAcknowledged;
    };
    expect(count({ all, victims })).toBe(count({ all }));
  });

  it("are a load one cohort after the other", () => {
    const one = loadOf(scenario([], { all, victims }), 512, 100);
    const three = loadOf(scenario([], { all, victims, more: victims, most: victims }), 512, 100);
    expect(three.turnsPerSecond).toBe(one.turnsPerSecond);
    expect(three.liveSessions).toBe(one.liveSessions + 40);
  });
});

describe("faults at the size of a profile", () => {
  const tenth = (ms: number): number => ms / 10;

  it("scale instants with the phases and counts with the sessions", () => {
    const fault: ScenarioFault = { kind: "kill", atMs: [100], restartAfterMs: 2_000 };
    expect(scaleFault(fault, tenth, 0.5)).toEqual({ ...fault, atMs: [10] });
    expect(scaleFault({ kind: "kill", clockMs: [100] }, tenth, 0.5)).toEqual({ kind: "kill", clockMs: [10] });
    expect(scaleFault({ kind: "kill", afterTurns: [100] }, tenth, 0.5)).toEqual({ kind: "kill", afterTurns: [50] });
  });

  it("leave step faults the time that they take, whatever the profile", () => {
    const step = { kind: "kill", atStep: { cohort: "victims", turn: 2, at: "asked" } } as const;
    expect(stepFaultsMs(scenario([step, step, { kind: "kill", atMs: [1] }]))).toBe(8_000);
    expect(
      stepFaultsMs(
        scenario([
          { ...step, with: { forMs: 3_000 } },
          { ...step, restartAfterMs: 500 },
        ]),
      ),
    ).toBe(11_500);
  });
});
