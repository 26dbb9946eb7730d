import { expect, test } from "vitest";
import { answerOf, cleanKill, HistoryBuilder, planFor } from "../checkers/history-builder.ts";
import { buildIndex } from "../checkers/history-index.ts";
import { cleanSleep, cleanTakeover } from "../checkers/history-scenes.ts";
import { judgeTrial } from "../judge.ts";
import { constant } from "../random.ts";
import type { Cohort, Scenario } from "../scenario.ts";
import type { PlannedFault } from "../trial.ts";
import { exposureOf } from "./exposure.ts";
import { trialOf } from "./recording-builder.ts";

const calm = planFor({}).definition;
const chat = calm.cohorts.chat as Cohort;
const throwing: Cohort = {
  ...chat,
  startsIn: "fault",
  script: [
    { say: { firstTokenMs: constant(100), tokens: constant(11) }, call: { crash: { how: "throw" } }, attempts: 1 },
    { say: { firstTokenMs: constant(100), tokens: constant(11) } },
  ],
};
const crashing: Scenario = {
  ...calm,
  cohorts: { chat, throwing },
  observe: { overhead: ["chat"], bystanders: ["chat"], recovery: ["throwing"] },
};

/** Session c crashes at 5,320 ms and does its turn again; b stands by and loses an attempt if `hurt`. */
function crash(hurt: boolean, given = true): HistoryBuilder {
  const builder = new HistoryBuilder(planFor({ b: "chat", c: "throwing" }, { definition: crashing, faults: [] }));
  builder.phases({ warmup: 0, calm: 500, fault: 4_500, heal: 7_500, quiet: 8_000, proof: 8_900, end: 15_000 });
  builder.enable("c", 1, 5_000).invoke("c", 1, 5_000).sell("c", 1, { step: 1, at: 5_010, links: [] });
  if (given) builder.world.push({ e: "crash", t: 5_320, s: "c", n: 1, k: 1, c: 0, p: 1, die: "throw" });
  builder.driver.push({ e: "info", t: 5_330, s: "c", n: 1, a: 1, why: "500" });
  builder.invoke("c", 1, 5_530, 2).sell("c", 1, { step: 1, p: 2, at: 5_540, links: [] });
  builder.sell("c", 1, { step: 2, p: 2, at: 5_850 }).ok("c", 1, 6_160, answerOf("c", 1, 2), 2);
  builder.turn("b", 1, 5_000, []);
  if (hurt) {
    builder.enable("b", 2, 5_900).invoke("b", 2, 5_900);
    builder.driver.push({ e: "info", t: 5_950, s: "b", n: 2, a: 1, why: "ECONNRESET" });
  }
  return builder;
}
const exposed = (builder: HistoryBuilder) => exposureOf(builder.plan, buildIndex(builder.history()));

test("a crash that hurts nobody else counts as one crash", () => {
  expect(exposed(crash(false))).toMatchObject({
    crashes: 1,
    bystandersInterrupted: 0,
    interruptedTurns: 1,
    appKills: 0,
  });
});

test("a bystander that loses an attempt to it is interrupted", () => {
  expect(exposed(crash(true))).toMatchObject({ crashes: 1, bystandersInterrupted: 1 });
});

test("a bystander that a kill hit as well was not interrupted by the crash", () => {
  const builder = crash(true);
  builder.kill(5_940, 6_100);
  const faults = cleanKill().plan.faults;
  const plan = { ...builder.plan, faults };
  expect(exposureOf(plan, buildIndex({ ...builder.history(), plan }))).toMatchObject({
    crashes: 1,
    appKills: 1,
    bystandersInterrupted: 0,
  });
});

test("a session that crashed itself recovers like one that was touched by a fault", () => {
  // 1,160 ms from enabled to answer, 600 of them scripted; the cohort had no calm.
  expect(trialOf(crash(false)).recovery[0]).toMatchObject({ cohort: "throwing", faults: 1, touched: 1, medianMs: 560 });
});

test("a script that wants crashes and gets none proves nothing", () => {
  const builder = crash(false, false);
  builder.proof("b", 2, 9_000, [1], 1);
  const verdict = judgeTrial(builder.history(), {}).find(({ checker }) => checker === "C17");
  expect(verdict).toMatchObject({ result: "unknown", reason: expect.stringContaining("no session crashed") });
});

test("a kill of the harness's own database counts as one of a store", () => {
  const builder = cleanKill();
  const faults = builder.plan.faults.map((fault) => ({ ...fault, kind: "postgres-kill" }));
  const plan = { ...builder.plan, faults };
  expect(exposureOf(plan, buildIndex({ ...builder.history(), plan }))).toMatchObject({ appKills: 0, storeKills: 1 });
});

test("kills count by role, reads by how they were answered", () => {
  const builder = cleanKill();
  builder.editRead("a", (turns) => {
    turns[0] = ["1", "input", "another"];
  });
  builder.editDriver((event) =>
    event.e === "read" && event.s === "b" ? { e: "read", t: event.t, began: event.began, s: "b", status: 500 } : event,
  );
  expect(exposed(builder)).toMatchObject({
    appKills: 1,
    storeKills: 0,
    landedFaults: 1,
    interruptedTurns: 1,
    reads: { all: 2, refused: 1, disagreeing: 1 },
  });
});

test("a takeover is a time with two owners, and the session that changed hands in it was superseded", () => {
  expect(exposed(cleanTakeover())).toMatchObject({ secondOwners: 1, superseded: 1, appKills: 0 });
  expect(exposed(cleanKill())).toMatchObject({ secondOwners: 0, superseded: 0, appKills: 1 });
});

const timersMet = (killMs: number, firedMs: number | null, earlierMs: number | null = null): object => {
  const plan = (id: string): PlannedFault => ({ id, kind: "kill", role: "app", restartAfterMs: 0, with: {} });
  const builder = cleanSleep({ faults: [plan("f1"), plan("f2")] }, 5_000);
  if (earlierMs !== null) builder.kill(earlierMs, earlierMs + 200, "f2");
  builder.kill(killMs, killMs + 200);
  builder.editWorld((event) => {
    if (!("k" in event)) return event;
    // The timer of turn 2 alone, which runs from 3,310 to 8,310 ms.
    if (event.n === 1) return undefined;
    if (event.n !== 2 || event.k !== 2) return event;
    return firedMs === null ? undefined : { ...event, t: event.t - 8_315 + firedMs };
  });
  return exposed(builder).timers;
};

test("a timer that a kill met is kept if it fires once it is due and the runtime is back", () => {
  expect(timersMet(5_000, 8_315)).toEqual({ met: 1, lost: 0 });
  expect(timersMet(8_200, 8_450)).toEqual({ met: 1, lost: 0 });
});

test("a timer that never fires, or starts anew, is lost", () => {
  expect(timersMet(5_000, null)).toEqual({ met: 1, lost: 1 });
  expect(timersMet(8_200, 13_500)).toEqual({ met: 1, lost: 1 });
});

test("a timer that a kill met before it had to be kept is not asked for at later kills", () => {
  expect(timersMet(5_000, null, 3_316)).toEqual({ met: 0, lost: 0 });
  expect(timersMet(5_000, null, 3_000)).toEqual({ met: 1, lost: 1 });
});

test("a timer that had just begun, or was over, was not met", () => {
  expect(timersMet(4_000, 8_315)).toEqual({ met: 0, lost: 0 });
  expect(timersMet(9_500, 8_315)).toEqual({ met: 0, lost: 0 });
});
