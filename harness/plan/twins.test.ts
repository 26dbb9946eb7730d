import { expect, test } from "vitest";
import { planFor } from "../checkers/history-builder.ts";
import { constant } from "../random.ts";
import type { Cohort, Scenario, TurnScript } from "../scenario.ts";
import type { TrialPlan } from "../trial.ts";
import { floorMs, resolveTurn } from "../world/script.ts";
import { calmTwin, hasTwin, withTwins } from "./twins.ts";

const kill = planFor({ a: "chat", b: "silent" });
const say = { firstTokenMs: constant(100), tokens: constant(5) };
const chat = kill.definition.cohorts.chat as Cohort;

/** A trial without planned faults, with these cohorts. */
function trialOf(cohorts: Readonly<Record<string, Cohort>>): TrialPlan {
  const { faults: _, ...definition }: Scenario = { ...kill.definition, cohorts };
  const sessions = Object.keys(cohorts).map((cohort, i) => ({
    ...(kill.sessions[0] as (typeof kill.sessions)[0]),
    id: `s${i}`,
    cohort,
  }));
  return { ...kill, definition, faults: [], sessions };
}

const cohortOf = (script: TurnScript, changes: Partial<Cohort> = {}): Cohort => ({ ...chat, script, ...changes });

test("a trial with planned faults has a twin with the same seed and sessions and no fault", () => {
  const twin = calmTwin(kill);
  expect(twin).toMatchObject({ id: "1-kill-some-calm-twin", twinOf: "1-kill-some", faults: [], seed: kill.seed });
  expect(twin.sessions).toEqual(kill.sessions);
  expect(twin.definition).not.toHaveProperty("faults");
});

test("faults of model, tools and clients are left out, a crash is never granted, and the script stays as long as it was", () => {
  const cohorts = {
    model: cohortOf([{ say, fault: { kind: "status", with: { status: 500 } } }]),
    tools: cohortOf([
      { say, call: "save" },
      { tool: "save", takesMs: constant(9), effect: "keyed", fault: { kind: "hang" } },
      { say },
    ]),
    crashing: cohortOf([{ say, call: { crash: { how: "throw" } }, attempts: 1 }, { say }]),
    twice: cohortOf([{ say }], { duplicates: { share: 1, after: "sent" }, twoClients: { share: 1 } }),
  };
  const trial = trialOf(cohorts);
  const twin = calmTwin(trial);
  expect(twin.sessions).toEqual(trial.sessions);
  const text = JSON.stringify(twin.definition.cohorts);
  for (const word of ["fault", "duplicates", "twoClients"]) expect(text).not.toContain(`"${word}"`);
  for (const [name, cohort] of Object.entries(cohorts)) {
    const turn = (one: Cohort | undefined) =>
      resolveTurn({ seed: 1, cohort: one as Cohort, memoryMb: 512, session: "s", turn: 2, kind: "ordinary" });
    const [with_, without] = [turn(cohort), turn(twin.definition.cohorts[name])];
    expect(floorMs(without)).toBe(floorMs(with_));
    expect(without.steps.map(({ calls }) => calls.length)).toEqual(with_.steps.map(({ calls }) => calls.length));
  }
  const crashing = twin.definition.cohorts.crashing as Cohort;
  expect(
    resolveTurn({ seed: 1, cohort: crashing, memoryMb: 512, session: "s", turn: 1, kind: "ordinary" }).steps[0]
      ?.attempts,
  ).toBe(0);
});

test("where only a load goes wrong the twin is without its sessions, and a calm trial has none", () => {
  const hogs = trialOf({ bystanders: chat, hogs: { ...chat, startsIn: "fault" } });
  expect(calmTwin(hogs).sessions.map(({ cohort }) => cohort)).toEqual(["bystanders"]);
  expect(hasTwin(trialOf({ bystanders: chat }).definition)).toBe(false);
  // Victims of planned faults may begin with the fault phase too; they stay.
  const victims = {
    ...kill.definition,
    cohorts: { chat, silent: { ...chat, startsIn: "fault" as const } },
    faults: [{ kind: "kill", atMs: [1] }],
  };
  expect(calmTwin({ ...kill, definition: victims }).sessions).toEqual(kill.sessions);
});

test("twins stand beside their trials, not always behind them", () => {
  const trials = Array.from({ length: 40 }, (_, i) => ({
    ...kill,
    definition: { ...kill.definition, faults: [{ kind: "kill", atMs: [1] }] },
    id: `1-kill-r${i}`,
    seed: i,
  }));
  const planned = withTwins(trials);
  expect(planned).toHaveLength(80);
  const first = Array.from({ length: 40 }, (_, i) => planned[2 * i]?.twinOf !== undefined).filter(Boolean).length;
  // Forty coins: outside of these bounds once in 100,000 seeds.
  expect(first).toBeGreaterThan(6);
  expect(first).toBeLessThan(34);
  expect(withTwins(trials)).toEqual(planned);
  expect(new Set(planned.map(({ id }) => id)).size).toBe(80);
});
