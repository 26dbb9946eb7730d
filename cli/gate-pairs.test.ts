import { describe, expect, it } from "vitest";
import { UsageError } from "../harness/errors.ts";
import { checkPolicy, type GatePolicy } from "../harness/gate/policy.ts";
import { limitsOf, paired } from "./gate-pairs.ts";

const POLICY: GatePolicy = {
  format: "agent-derby-gate/1",
  relative: [{ figure: "recovery median", worseBy: 0.2 }],
};

describe("the limits of pairs", () => {
  it("are those of the command line before those of a policy, and both before the default", () => {
    const asked = [{ figure: "CPU per turn", phase: "calm", worseBy: 0.1 }];
    expect(limitsOf({ figure: ["CPU-per-turn"], worseBy: "10" }, POLICY)).toEqual(asked);
    expect(limitsOf({}, POLICY)).toEqual(POLICY.relative);
    expect(limitsOf({}, null).map(({ figure, worseBy }) => [figure, worseBy])).toEqual([
      ["overhead p50", 0.05],
      ["overhead p90", 0.05],
    ]);
  });

  it("are such as a policy file may hold", () => {
    const relative = limitsOf({ figure: ["recovery-median", "holding-time-p90"] }, null);
    expect(checkPolicy({ format: "agent-derby-gate/1", relative }, "flags")).toMatchObject({ relative });
  });

  it("refuse a figure that there is none of, with the nearest name", () => {
    expect(() => limitsOf({ figure: ["overhead-p95"] }, null)).toThrow(/overhead-p9/);
    expect(() => limitsOf({ worseBy: "0" }, null)).toThrow(UsageError);
  });
});

describe("the two sides of pairs", () => {
  it("are two runners, or one and a revision", async () => {
    await expect(paired({ paired: ["some"] }, null)).rejects.toThrow("takes a baseline and a candidate, not 1");
    await expect(paired({ paired: ["a", "b", "c"] }, null)).rejects.toThrow("not 3 runners");
    await expect(paired({ paired: ["a", "b"], baselineRevision: "main" }, null)).rejects.toThrow("takes one runner");
  });
});
