import { describe, expect, it } from "vitest";
import type { TrialWork } from "../summarize/work.ts";
import { overheadFloor } from "./floor.ts";
import { toolUnits } from "./parts.ts";
import { turnBudget } from "./turn-budget.ts";

const WORK: TrialWork = {
  seconds: 10,
  turns: 100,
  sessions: 20,
  modelCalls: 200,
  frames: 6000,
  tokensOut: 500,
  conversationKb: 400,
  toolCalls: 90,
  localCalls: 10,
  localUnits: { parse_document: 8000 },
  appCpuMs: 900,
  storeCpuMs: 120,
};
const PRIMITIVES = {
  partMs: {
    idle: 10,
    thread: 5,
    threadCall: 0.3,
    turn: 0.5,
    modelCall: 1,
    frame: 0.05,
    tokenOut: 0.02,
    conversationKb: 0.01,
    toolCall: 1,
    postMessage: 0.2,
    threadToken: 0.02,
    commit: 0.25,
  },
  toolMs: { parse_document: 0.03, search_memory: 1, burn_cpu: 1, hold_memory: 1, churn_memory: 1 },
};

describe("the budget of a turn", () => {
  it("is what the trial counted times what each costs, over the acknowledged turns", () => {
    const budget = turnBudget({ idle: { perSecond: 1 }, frame: { perFrame: 1 } }, WORK, PRIMITIVES);
    expect(budget?.lines).toEqual([
      { part: "idle", perTurn: 0.1, eachMs: 10, ms: 1 },
      { part: "frame", perTurn: 60, eachMs: 0.05, ms: 3 },
      { part: "parse_document", perTurn: 80, eachMs: 0.03, ms: 2.4 },
    ]);
    expect(budget?.predictedMs).toBeCloseTo(6.4, 9);
    expect(budget?.measuredMs).toBe(9);
  });

  it("adds up the terms of a part, whatever they are counted by", () => {
    const terms = { perTurn: 1, perModelCall: 1, perToolCall: 1, perSession: 2 };
    const [line] = turnBudget({ commit: terms }, { ...WORK, localUnits: {} }, PRIMITIVES)?.lines ?? [];
    expect(line?.perTurn).toBeCloseTo((100 + 200 + 90 + 40) / 100, 9);
    expect(line?.ms).toBeCloseTo(4.3 * 0.25, 9);
  });

  it("is none where no turn was acknowledged or no CPU time is known", () => {
    expect(turnBudget({}, { ...WORK, turns: 0 }, PRIMITIVES)).toBeNull();
    expect(turnBudget({}, { ...WORK, appCpuMs: null }, PRIMITIVES)).toBeNull();
  });
});

describe("the floor of overhead", () => {
  it("is the way of the requests that follow one another, and one commit where turns are kept", () => {
    const machine = { roundTripMs: 0.2, commitMs: 1.5 };
    expect(overheadFloor(WORK, true, machine)?.floorMs).toBeCloseTo(0.2 * (1 + 2.9) + 1.5, 9);
    expect(overheadFloor(WORK, false, machine)).toMatchObject({ commitMs: 0, roundTrips: 3.9 });
    expect(overheadFloor({ ...WORK, turns: 0 }, true, machine)).toBeNull();
  });
});

describe("units of local tools", () => {
  it("are what a call's time grows with", () => {
    expect(toolUnits("parse_document", { kilobytes: 800 })).toBe(800);
    expect(toolUnits("search_memory", { vectors: 20_000, dimensions: 256, top: 10 })).toBe(5.12);
    expect(toolUnits("burn_cpu", { rounds: 500_000 })).toBe(0.5);
    expect(toolUnits("hold_memory", { bytes: 3 * 2 ** 20 })).toBe(3);
    expect(toolUnits("churn_memory", {})).toBe(0);
  });
});
