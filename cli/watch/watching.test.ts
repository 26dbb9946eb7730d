import { expect, it } from "vitest";
import type { BenchWatcher } from "../../harness/bench.ts";
import type { LiveEvent } from "../../harness/live.ts";
import type { CampaignPlan, TrialPlan } from "../../harness/trial.ts";
import { both, PageWatcher } from "./watching.ts";

const load = { durationMs: 9 };
const faults = [{ id: "f1", kind: "kill", role: "app", restartAfterMs: 0, with: {} }];
const trial = { id: "1-storm-a", scenario: "storm", runner: "a", block: 1, load, faults, definition: { asks: "?" } };
const plan = { id: "smoke-1", profile: "smoke", seed: "1", trials: [trial] } as unknown as CampaignPlan;
const phase = { e: "phase", atS: 0, phase: "calm" } as const;
const progress = { phase: "calm", live: 1, pending: 0, acknowledged: 0, turnsPerSecond: 0, elapsedMs: 0 };

/** Goes through a campaign as `record` does. */
function tell(watch: BenchWatcher): void {
  const started = trial as unknown as TrialPlan;
  watch.planned(plan);
  watch.note("Calibrating.");
  watch.trialStarted(started, 0);
  watch.progress(progress);
  watch.live?.(phase);
  watch.trialEnded(started, "recorded");
  watch.judged?.(started, { verdict: "void", reasons: ["late"] });
}

it("a campaign becomes a stream of events, and the terminal hears of it all the same", () => {
  const published: LiveEvent[] = [];
  const heard: string[] = [];
  const terminal: BenchWatcher = {
    planned: () => heard.push("planned"),
    trialStarted: (_, index) => heard.push(`started ${index}`),
    progress: () => heard.push("progress"),
    trialEnded: (_, status) => heard.push(status),
    note: (sentence) => heard.push(sentence),
  };
  const page = new PageWatcher({ publish: (event) => published.push(event), takeMostOpen: () => 3 });
  const watch = both(terminal, page);
  tell(watch);
  expect(watch.pagesOpened?.()).toBe(3);
  expect(heard).toEqual(["planned", "Calibrating.", "started 0", "progress", "recorded"]);
  const planned = { id: "1-storm-a", scenario: "storm", runner: "a", block: 1, durationMs: 9 };
  expect(published).toEqual([
    { e: "campaign", id: "smoke-1", profile: "smoke", seed: "1", trials: [planned], bucketsPerOctave: 4 },
    { e: "note", says: "Calibrating." },
    { e: "begin", trial: "1-storm-a", asks: "?", faults: [{ id: "f1", kind: "kill", role: "app" }] },
    phase,
    { e: "end", trial: "1-storm-a", status: "recorded", reason: null },
    { e: "verdict", trial: "1-storm-a", verdict: "void", reasons: ["late"] },
  ]);
});
