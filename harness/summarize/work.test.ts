import { expect, test } from "vitest";
import { cleanKill, HistoryBuilder } from "../checkers/history-builder.ts";
import { constant } from "../random.ts";
import type { Cohort } from "../scenario.ts";
import { trialOf } from "./recording-builder.ts";

const MB = 1024 * 1024;

function sampled(builder: HistoryBuilder, stamps: Readonly<Record<number, number>>): HistoryBuilder {
  for (const [t, appCpuMs] of Object.entries(stamps))
    builder.trial.push({
      e: "sample",
      t: Number(t),
      appCpuMs,
      appRssBytes: MB,
      storeCpuMs: appCpuMs / 2,
      storeRssBytes: MB,
    });
  return builder;
}

/** The same load without the kill. */
function unharmed(): HistoryBuilder {
  const builder = cleanKill();
  builder.trial = builder.trial.filter(({ e }) => e === "phase");
  return builder;
}

test("work is counted between the first and the last sample of calm and fault", () => {
  const { work } = trialOf(sampled(unharmed(), { 500: 100, 3000: 400, 7000: 1_100, 8000: 5_000 }));
  // Turns 1 of both sessions in calm, and turns 2 of both in the fault phase; one of those was bought twice.
  expect(work).toEqual({
    seconds: 6.5,
    turns: 4,
    sessions: 2,
    modelCalls: 9,
    frames: 8 * 11 + 5,
    tokensOut: 0,
    conversationKb: 3.5,
    toolCalls: 8,
    localCalls: 0,
    localUnits: {},
    appCpuMs: 1_000,
    storeCpuMs: 500,
  });
});

test("what clients read along is counted where their turns were acknowledged", () => {
  const builder = unharmed();
  const stream = { tokens: 11, gapMs: 20, early: 0.9, text: "whole" } as const;
  builder.driver = builder.driver.map((event) => (event.e === "ok" ? { ...event, stream } : event));
  const { turns = 0, tokensOut } = trialOf(sampled(builder, { 500: 100, 7000: 1_100 })).work ?? {};
  expect([turns, tokensOut]).toEqual([4, 44]);
});

test("where a process ended in the fault phase, calm alone is counted", () => {
  const { work } = trialOf(sampled(cleanKill(), { 500: 100, 4400: 880, 7000: 1_100 }));
  expect(work).toMatchObject({ seconds: 3.9, turns: 2, modelCalls: 4, frames: 44, appCpuMs: 780 });
});

test("without samples nothing is said of CPU time", () => {
  expect(trialOf(unharmed()).work).toMatchObject({ turns: 4, appCpuMs: null, storeCpuMs: null });
});

test("a local call counts with its size, as the script resolved it", () => {
  const builder = unharmed();
  const { definition } = builder.plan;
  const { chat } = definition.cohorts;
  const script = [
    {
      say: { firstTokenMs: constant(100), tokens: constant(11) },
      call: { parse_document: { seed: 1, kilobytes: 80 } },
    },
    { say: { firstTokenMs: constant(100), tokens: constant(11) } },
  ];
  const cohorts = { ...definition.cohorts, chat: { ...chat, script } as Cohort };
  const local = new HistoryBuilder({ ...builder.plan, definition: { ...definition, cohorts } });
  Object.assign(local, { driver: builder.driver, world: builder.world, trial: builder.trial });
  for (const n of [1, 2])
    local.world.push({ e: "local", t: 1_400 + n, s: "a", n, k: 1, c: 0, p: 1, tool: "parse_document", ok: true });
  expect(trialOf(local).work).toMatchObject({ localCalls: 2, localUnits: { parse_document: 160 } });
});
