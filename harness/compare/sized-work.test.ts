import { expect, test } from "vitest";
import { compareCampaigns, compareContestants } from "../compare.ts";
import type { Summary } from "../summary.ts";
import { syntheticSummary } from "./testing/synthetic.ts";

/** A campaign in which each runner burns so many rounds, for a time that is the same for all. */
function sized(rounds: Readonly<Record<string, number>>, wantedMs = 200): Summary {
  const summary = syntheticSummary(Object.fromEntries(Object.keys(rounds).map((name) => [name, {}])), { blocks: 6 });
  const localWork = Object.entries(rounds).map(([runner, size]) => ({
    runner,
    calls: [{ tool: "burn_cpu" as const, argument: "rounds", size, wantedMs, expectedMs: wantedMs }],
  }));
  return { ...summary, scenarios: summary.scenarios.map((scenario) => ({ ...scenario, localWork })) };
}

test("contestants of equal time are compared, and a note says that their work is not the same", () => {
  const { notes, scenarios } = compareContestants(sized({ one: 1_000, two: 350 }), "one", "two");
  expect(scenarios[0]?.notComparable).toBeNull();
  expect(notes).toContain(
    `${scenarios[0]?.scenario}: calls take equal time on both sides, and so are not the same work: burn_cpu rounds 1000 against 350.`,
  );
});

test("campaigns that were timed anew are compared with the same note", () => {
  const { notes, scenarios } = compareCampaigns(sized({ one: 1_000 }), sized({ one: 990 }));
  expect(scenarios[0]?.notComparable).toBeNull();
  expect(notes.filter((note) => note.endsWith("burn_cpu rounds 1000 against 990."))).toHaveLength(1);
});

test("calls that were to take another time, or were equal work, are not compared", () => {
  const [a, longer] = [sized({ one: 1_000 }), sized({ one: 2_000 }, 400)];
  const { localWork: _, ...equalWork } = a.scenarios[0] ?? longer.scenarios[0] ?? {};
  expect(compareCampaigns(a, longer).scenarios[0]?.notComparable).toMatch(/burn_cpu 200 ms against burn_cpu 400 ms/);
  const plain = { ...a, scenarios: [equalWork as Summary["scenarios"][number]] };
  expect(compareCampaigns(a, plain).scenarios[0]?.notComparable).toMatch(/200 ms against of a size of their own/);
});
