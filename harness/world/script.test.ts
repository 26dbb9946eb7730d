import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { constant, exponential, lognormal, uniform } from "../random.ts";
import type { SessionScript, TurnScript } from "../scenario.ts";
import { firstTokenDelayMs, floorMs, remoteToolsOf, resolveTurn, type TurnInput, toolDelayMs } from "./script.ts";
import { cohort } from "./testing/test-world.ts";

const chat: TurnScript = [
  { say: { firstTokenMs: lognormal(600, 0.35), tokens: uniform(5, 15) }, call: "save_note" },
  { tool: "save_note", takesMs: lognormal(80, 0.5), effect: "plain" },
  { say: { firstTokenMs: lognormal(600, 0.35), tokens: uniform(40, 120), tokensPerSecond: 100 } },
];

const turnOf = (script: SessionScript, more: Partial<TurnInput> = {}): TurnInput => ({
  seed: 1,
  cohort: cohort(script),
  memoryMb: 512,
  session: "s1",
  turn: 2,
  kind: "ordinary",
  ...more,
});

describe("resolveTurn", () => {
  it("gives the same turn for the same seed, session and turn, and another for another", () => {
    expect(resolveTurn(turnOf(chat))).toEqual(resolveTurn(turnOf(chat)));
    for (const other of [{ seed: 2 }, { session: "s2" }, { turn: 3 }])
      expect(resolveTurn(turnOf(chat, other))).not.toEqual(resolveTurn(turnOf(chat)));
  });

  it("draws every step by its own key: a step put in front changes nothing that is drawn behind it but by its number", () => {
    const [first, tool, last] = chat;
    const without = resolveTurn(turnOf([first, tool, last] as TurnScript));
    const longer = resolveTurn(turnOf([first, tool, last, last] as TurnScript));
    expect(longer.steps.slice(0, 2)).toEqual(without.steps);
  });

  it("makes tokens integers from 1 and speeds gaps", () => {
    fc.assert(
      fc.property(fc.integer(), fc.double({ min: 0, max: 5, noNaN: true }), (seed, mean) => {
        const script: TurnScript = [
          { say: { firstTokenMs: constant(1), tokens: exponential(mean), tokensPerSecond: 40 } },
        ];
        const [step] = resolveTurn(turnOf(script, { seed })).steps;
        expect(Number.isInteger(step?.tokens)).toBe(true);
        expect(step?.tokens).toBeGreaterThanOrEqual(1);
        expect(step?.gapMs).toBe(25);
      }),
    );
  });

  it("streams 50 tokens per second where the script says nothing", () => {
    expect(resolveTurn(turnOf(chat)).steps[0]?.gapMs).toBe(20);
  });

  it("resolves arguments: fixed, drawn and rounded, from a pool, and as a share of the memory", () => {
    const hold = { seed: { pool: 8 }, bytes: { memoryShare: 0.25 }, note: "x", rounds: uniform(1, 9), fixed: 3 };
    const script: TurnScript = [
      { say: { firstTokenMs: constant(1), tokens: constant(1) }, call: { hold_memory: hold } },
    ];
    const call = resolveTurn(turnOf(script)).steps[0]?.calls[0];
    expect(call).toMatchObject({ tool: "hold_memory", local: true, effect: null, takesMs: 0 });
    expect(call?.arguments).toMatchObject({ bytes: 128 * 2 ** 20, note: "x", fixed: 3 });
    expect(call?.arguments.seed).toBeOneOf([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(call?.arguments.rounds).toBeOneOf([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it("takes another number of the pool in another turn", () => {
    const call = { burn_cpu: { seed: { pool: 1000 } } };
    const script: TurnScript = [{ say: { firstTokenMs: constant(1), tokens: constant(1) }, call }];
    const seeds = [1, 2, 3, 4].map((turn) => resolveTurn(turnOf(script, { turn })).steps[0]?.calls[0]?.arguments.seed);
    expect(new Set(seeds).size).toBe(4);
  });

  it("lets a remote tool without a behaviour take 20 ms and be keyed", () => {
    const script: TurnScript = [{ say: { firstTokenMs: constant(1), tokens: constant(1) }, call: "look_up" }];
    const call = resolveTurn(turnOf(script)).steps[0]?.calls[0];
    expect(call).toEqual({ tool: "look_up", local: false, arguments: {}, takesMs: 20, effect: "keyed" });
  });

  it("plays the script of a single turn where there is one", () => {
    const one = (tokens: number): TurnScript => [{ say: { firstTokenMs: constant(1), tokens: constant(tokens) } }];
    const script = { default: one(1), turn2: one(2) };
    expect([1, 2, 3].map((turn) => resolveTurn(turnOf(script, { turn })).steps[0]?.tokens)).toEqual([1, 2, 1]);
  });

  it("answers a proof turn from the built-in script, in 50 ms", () => {
    const turn = resolveTurn(turnOf(chat, { kind: "proof" }));
    expect(turn.steps).toHaveLength(1);
    expect(turn.steps[0]).toMatchObject({ tokens: 3, calls: [] });
    expect(floorMs(turn)).toBeCloseTo(50);
  });
});

describe("delays of attempts", () => {
  it("are the resolved ones for the first attempt and others for later ones", () => {
    const input = turnOf(chat);
    const [step] = resolveTurn(input).steps;
    expect(firstTokenDelayMs(input, 1, 1)).toBe(step?.firstTokenMs);
    expect(toolDelayMs(input, 1, 0, "save_note", 1)).toBe(step?.calls[0]?.takesMs);
    expect(firstTokenDelayMs(input, 1, 2)).not.toBe(step?.firstTokenMs);
    expect(toolDelayMs(input, 1, 0, "save_note", 2)).not.toBe(step?.calls[0]?.takesMs);
    expect(firstTokenDelayMs(input, 1, 2)).toBe(firstTokenDelayMs(input, 1, 2));
  });
});

describe("floorMs", () => {
  const say = { firstTokenMs: constant(100), tokens: constant(11), tokensPerSecond: 100 };

  it("adds first tokens, gaps, and of parallel calls the longest", () => {
    const script: TurnScript = [
      { say, call: ["slow", "quick", { burn_cpu: { rounds: 1e9 } }, { sleep: { ms: 40 } }] },
      { tool: "slow", takesMs: constant(70), effect: "keyed" },
      { tool: "quick", takesMs: constant(10), effect: "keyed" },
      { say },
    ];
    expect(floorMs(resolveTurn(turnOf(script)))).toBeCloseTo(200 + 70 + 200);
  });

  it("counts sleep with its time and other local tools with nothing", () => {
    const sleeping: TurnScript = [{ say, call: { sleep: { ms: constant(500) } } }, { say }];
    const burning: TurnScript = [{ say, call: { burn_cpu: { seed: 1, rounds: 5 } } }, { say }];
    expect(floorMs(resolveTurn(turnOf(sleeping)))).toBeCloseTo(900);
    expect(floorMs(resolveTurn(turnOf(burning)))).toBeCloseTo(400);
  });
});

it("knows the remote tools of all scripts of a cohort", () => {
  const other: TurnScript = [
    { say: { firstTokenMs: constant(1), tokens: constant(1) }, call: ["other", { sleep: { ms: 1 } }] },
  ];
  expect([...remoteToolsOf(cohort({ default: chat, turn2: other }))].sort()).toEqual(["other", "save_note"]);
});
