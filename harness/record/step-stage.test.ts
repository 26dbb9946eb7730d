import { describe, expect, it } from "vitest";
import type { StepPoint } from "../scenario.ts";
import { type Holder, type HoldingProxy, type SteppedFault, StepStage } from "./step-stage.ts";

interface AnyOrder {
  readonly id: string;
  readonly at?: string;
  readonly step?: number;
  readonly what?: string;
}

/** A stage whose holders write down what they are told, in one list. */
function stage() {
  const told: string[] = [];
  const holder = <Order extends AnyOrder>(name: string): Holder<Order> => ({
    hold: async ({ id, at, step, what }) => void told.push(`${name} holds ${id} ${what ?? `at ${at} of step ${step}`}`),
    standing: () => 0,
    release: async (id) => void told.push(`${name} releases ${id}`),
  });
  const proxy: HoldingProxy = { ...holder("proxy"), held: () => [["s1", 5]] };
  const parts = { world: holder("world"), proxy, summon: (cohort: string) => void told.push(`calls ${cohort}`) };
  return { told, stage: new StepStage(parts) };
}

const faultAt = (at: StepPoint): SteppedFault => ({
  id: "f1",
  kind: "kill",
  role: "app",
  atStep: { cohort: "victims", turn: 3, step: 2, at, call: 0, members: ["s1"], reachedMs: 1 },
  restartAfterMs: 0,
  with: {},
});

describe("the stage of step faults", () => {
  it.each<[StepPoint, string[]]>([
    ["asked", ["world holds f1 at asked of step 2", "calls victims", "| world releases f1"]],
    ["next", ["world holds f1 at next of step 2", "calls victims", "| world releases f1"]],
    ["answered", ["proxy holds f1 answer", "calls victims", "| proxy releases f1"]],
    [
      "told",
      [
        "world holds f1 at applied of step 2",
        "world holds f1+ at next of step 2",
        "calls victims",
        "world releases f1",
        "| world releases f1",
        "world releases f1+",
      ],
    ],
    [
      "delivered",
      [
        "proxy holds f1 request",
        "world holds f1+ at asked of step 1",
        "calls victims",
        "proxy releases f1",
        "| proxy releases f1",
        "world releases f1+",
      ],
    ],
  ])(
    "holds the members at %s before their cohort is called, and over the brink only where there is one",
    async (at, order) => {
      const { told, stage: steps } = stage();
      await steps.call(faultAt(at));
      await steps.brink(faultAt(at));
      const struckAt = told.length;
      await steps.release(faultAt(at));
      const marked = told.map((line, index) => (index === struckAt ? `| ${line}` : line));
      expect(marked).toEqual(order);
    },
  );

  it("names whom the proxy holds, and leaves those whom the World holds to the World's history", () => {
    const { stage: steps } = stage();
    expect(steps.held(faultAt("answered"))).toEqual([["s1", 5]]);
    expect(steps.held(faultAt("tool"))).toBeUndefined();
  });
});
