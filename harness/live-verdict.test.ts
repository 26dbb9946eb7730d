import { expect, it } from "vitest";
import { liveVerdicts } from "./live-verdict.ts";
import type { Campaign } from "./recordings.ts";
import type { TrialSummary } from "./summary.ts";
import type { TrialPlan } from "./trial.ts";

const plan = { id: "1-storm-a" } as TrialPlan;
const campaign = (status: string): Campaign => ({ outcome: () => ({ status }) }) as unknown as Campaign;
const judgedVoid = { validity: { verdict: "void", reasons: ["late"] } } as unknown as TrialSummary;

/** What a watcher hears of one trial. */
function heard(status: string, summarized: () => TrialSummary | null): string[] {
  const told: string[] = [];
  const watch = {
    note: (sentence: string) => told.push(sentence),
    judged: ({ id }: TrialPlan, { verdict, reasons }: { verdict: string; reasons: readonly string[] }) =>
      told.push(`${id} ${verdict}: ${reasons.join()}`),
  };
  liveVerdicts(watch, summarized)(campaign(status), plan);
  return told;
}

it("a watcher is told how a recorded trial is judged", () => {
  expect(heard("recorded", () => judgedVoid)).toEqual(["1-storm-a void: late"]);
});

it("a trial that was not recorded is not judged", () => {
  expect(heard("void", () => judgedVoid)).toEqual([]);
});

it("no history is read for a watcher who does not want to know", () => {
  const read = () => {
    throw new Error("read");
  };
  expect(() => liveVerdicts({ note: read }, read)(campaign("recorded"), plan)).not.toThrow();
});

it("a trial that cannot be judged does not end the campaign", () => {
  const fails = () => {
    throw new Error("The history is torn.");
  };
  expect(heard("recorded", fails)).toEqual(["1-storm-a could not be judged yet: The history is torn."]);
});
