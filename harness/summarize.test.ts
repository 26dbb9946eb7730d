import { expect, test } from "vitest";
import { cleanKill, HistoryBuilder, planFor } from "./checkers/history-builder.ts";
import { inputsOf, quiet, recorded, recordingOf, VOWED } from "./summarize/recording-builder.ts";
import { summarize } from "./summarize.ts";
import type { PlannedFault, TrialOutcome } from "./trial.ts";

test("vows are weighed by what could break them", () => {
  const promises = summarize(inputsOf([recordingOf(cleanKill())])).promises;
  const stateOf = (name: string) => promises.find(({ promise }) => promise === name);
  expect(stateOf("durable-turns")).toMatchObject({ state: "kept", exposures: 1, says: "Kept in 1 kill." });
  expect(stateOf("readable")).toMatchObject({ state: "kept", exposures: 2 });
  expect(stateOf("journaled-steps")).toMatchObject({ state: "untested", exposures: 1 });
  expect(stateOf("fenced-effects")).toMatchObject({ state: "not offered", vowed: null });
});

test("what is missing or void is listed, and void trials keep no promise", () => {
  const good = recordingOf(cleanKill());
  const lagging = recordingOf(cleanKill({ id: "1-kill-other", runner: "other" }), VOWED, {
    ...recorded,
    health: { ...recorded.health, frameLatenessMs: { ...quiet, p99: 12 } },
  });
  const missing = planFor({ a: "chat" }, { id: "2-kill-some", block: 2 });
  const summary = summarize(inputsOf([good, lagging], { trials: [good.plan, lagging.plan, missing] }));
  expect(summary.campaign.complete).toBe(false);
  expect(summary.void.map(({ trial }) => trial)).toEqual(["1-kill-other", "2-kill-some"]);
  expect(summary.void[0]?.reason).toMatch(/^void: The frame lateness/);
  const durable = summary.promises.find(({ runner, promise }) => runner === "other" && promise === "durable-turns");
  expect(durable?.state).toBe("untested");
});

test("a profiled trial is listed with its profiles and takes part in nothing: no promise, no figure over blocks", () => {
  const files = ["trials/1-kill-some/profile/server-1/flame.html"];
  const profiled = { by: "flame", starts: 1, left: 1, files };
  const summary = summarize(inputsOf([recordingOf(cleanKill(), VOWED, { ...recorded, profiled })]));
  expect(summary.scenarios[0]?.results[0]?.trials[0]?.profiled).toEqual(profiled);
  expect(summary.void[0]?.reason).toMatch(/^profiled: /);
  expect(summary.promises.every(({ state, exposures }) => state !== "kept" && exposures === 0)).toBe(true);
  expect(summary.scenarios[0]?.results[0]?.overBlocks).toMatchObject({ blocks: 0, voids: 1, figures: [] });
});

test("the same recordings give the same bytes, in whatever order they come", () => {
  const one = recordingOf(cleanKill());
  const two = recordingOf(cleanKill({ id: "1-kill-other", runner: "other" }));
  const trials = [one.plan, two.plan];
  const first = JSON.stringify(summarize(inputsOf([one, two], { trials })));
  expect(JSON.stringify(summarize(inputsOf([two, one], { trials })))).toBe(first);
  expect(first).not.toMatch(/null,null,NaN|Infinity/);
});

test("a fault that strikes by the clock is marked wherever its scenario is read", () => {
  const { afterAcknowledged: _, ...fault } = { ...cleanKill().plan.faults[0], id: "f1", kind: "kill" };
  const faults = [{ ...fault, clockMs: 500 } as PlannedFault];
  const summary = summarize(inputsOf([recordingOf(cleanKill({ faults }))]));
  expect(summary.scenarios[0]?.faults).toEqual(["kill of app, by the clock: for looking, not for comparing"]);
});

test("each trial has the command that repeats it alone", () => {
  const commandFrom = (command: string) =>
    summarize(inputsOf([recordingOf(cleanKill({ block: 2 }))], { command })).scenarios[0]?.results[0]?.trials[0]
      ?.command;
  expect(commandFrom("npm run bench -- some other --profile default --seed 7 --sessions 300")).toBe(
    "npm run bench -- kill some --profile default --seed 7 --sessions 300 --blocks 2",
  );
  expect(commandFrom("npx agent-derby run ./mine/kill.ts --profile default --seed 7")).toBe(
    "npx agent-derby run ./mine/kill.ts some --profile default --seed 7 --blocks 2",
  );
});

test("a refused trial with an empty recording is summarized without figures", () => {
  const builder = new HistoryBuilder(planFor({ a: "chat" }));
  const outcome: TrialOutcome = { ...recorded, status: "refused", reason: "It did not become healthy within 30 s." };
  const summary = summarize(inputsOf([recordingOf(builder, VOWED, outcome)]));
  const trial = summary.scenarios[0]?.results[0]?.trials[0];
  expect(trial).toMatchObject({ latency: [], goodput: { offered: 0 }, recovery: [], timeline: { seconds: 0 } });
  expect(summary.void[0]?.reason).toBe("refused: It did not become healthy within 30 s.");
});

test("a calm twin stands beside its trial and counts in no result", () => {
  const trial = recordingOf(cleanKill());
  const calm = new HistoryBuilder(
    planFor({ a: "chat", b: "chat" }, { id: "1-kill-some-calm-twin", twinOf: trial.plan.id, faults: [] }),
  );
  calm.phases({ warmup: 0, calm: 500, fault: 4_500, heal: 7_500, quiet: 8_000, proof: 8_900, end: 15_000 });
  calm.turn("a", 1, 1_000, []).proof("a", 2, 9_000, [1], 1);
  const twin = recordingOf(calm);
  const trials = [twin.plan, trial.plan];
  const alone = summarize(inputsOf([trial])).scenarios[0];
  const both = summarize(inputsOf([trial, twin], { trials })).scenarios[0];
  expect(both?.results.map(({ neighbours, ...result }) => result)).toEqual(alone?.results);
  expect(alone?.results[0]).not.toHaveProperty("neighbours");
  // One pair decides nothing about neighbours, and says so.
  expect(both?.results[0]?.neighbours).toMatchObject({ checker: "C11", result: "unknown", exposures: 0 });
  expect(both?.faults).toEqual(["kill of app"]);
  expect(alone).not.toHaveProperty("twins");
  expect(both?.twins).toMatchObject([
    { id: twin.plan.id, twinOf: trial.plan.id, runner: "some", goodput: { offered: 1 } },
  ]);
});

test("faults of the driver are named among those of a scenario", () => {
  const { definition } = planFor({});
  const chat = definition.cohorts.chat;
  if (chat === undefined) throw new Error("the clean trial has a cohort chat");
  const cohorts = { ...definition.cohorts, chat: { ...chat, duplicates: { share: 1, after: "sent" } as const } };
  const summary = summarize(inputsOf([recordingOf(cleanKill({ definition: { ...definition, cohorts } }))]));
  expect(summary.scenarios[0]?.faults).toEqual(["kill of app", "duplicate-delivery to chat"]);
});
