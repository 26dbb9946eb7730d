/** Clean trials for tests, built by hand like `cleanKill`: a session that changes hands, a redeploy, and sessions that sleep. */

import type { WorldEvent } from "../history.ts";
import { constant } from "../random.ts";
import type { Cohort } from "../scenario.ts";
import type { PlannedFault, TrialPlan } from "../trial.ts";
import { answerOf, cleanKill, HistoryBuilder, planFor } from "./history-builder.ts";

const fault = (kind: string, settings: PlannedFault["with"] = {}): PlannedFault => ({
  id: "f1",
  kind,
  role: "app",
  afterAcknowledged: 2,
  restartAfterMs: 0,
  with: settings,
});

/** The server as number `i`; it lives to the end where `exitMs` is left out. */
export function startServer(builder: HistoryBuilder, i: number, replica: number, t: number, exitMs?: number): void {
  const process = { process: "server", replica, i };
  builder.trial.push({ e: "start", t, ...process, pid: 100 + i }, { e: "ready", t: t + 10, ...process });
  if (exitMs !== undefined)
    builder.trial.push({ e: "exit", t: exitMs, ...process, code: null, signal: "SIGKILL", expected: true });
}

/** When the zombie of `cleanTakeover` wakes, and when it is ended. */
export const WAKES_MS = 8_000;
export const ENDED_MS = 11_000;

/**
 * A clean takeover: start 1 is frozen at 5,000 ms, start 2 is ready 30 ms later and clients are led to it at 5,040. Session `a`
 * was waiting for the second answer of its turn 2 and is taken over at 5,300, unasked; start 1 wakes at 8,000, finds out, and answers
 * 500; the client asks start 2 at 8,300. Requests of start 1 to tools carry fence 1, those of start 2 fence 2. `b` is untouched.
 */
export function cleanTakeover(): HistoryBuilder {
  const builder = new HistoryBuilder(planFor({ a: "chat", b: "chat" }, { faults: [fault("takeover")] }));
  builder.phases({ warmup: 0, calm: 500, fault: 4_400, heal: 11_100, quiet: 11_500, proof: 12_000, end: 18_000 });
  startServer(builder, 1, 0, -100, ENDED_MS);
  startServer(builder, 2, 1, 5_020);
  builder.trial.push(
    { e: "fault", t: 5_000, id: "f1", kind: "takeover" },
    { e: "landed", t: 5_040, id: "f1", proof: "every thread stands still" },
    { e: "cured", t: ENDED_MS + 5, id: "f1" },
  );
  builder.turn("a", 1, 1_000, []).turn("b", 1, 2_000, []);
  builder
    .enable("a", 2, 4_500)
    .invoke("a", 2, 4_500)
    .sell("a", 2, { step: 1, at: 4_510, links: [1] })
    .callTools("a", 2, 4_815)
    .sell("a", 2, { step: 2, at: 4_870 })
    .sell("a", 2, { step: 2, p: 2, i: 2, at: 5_300 });
  builder.editWorld((event) => (event.e === "ask" && event.k === 2 && event.p === 2 ? { ...event, of: 1 } : event));
  builder.driver.push({ e: "info", t: WAKES_MS + 20, s: "a", n: 2, a: 1, why: "status 500" });
  builder.invoke("a", 2, 8_300, 2).ok("a", 2, 8_310, answerOf("a", 2, 2), 2);
  builder.turn("b", 2, 6_500, [1], 2);
  builder.proof("a", 3, 12_100, [1, 2]).proof("b", 3, 12_200, [1, 2]);
  builder.read("a", 12_600, { 1: answerOf("a", 1), 2: answerOf("a", 2, 2), 3: answerOf("a", 3) });
  builder.read("b", 12_700, { 1: answerOf("b", 1), 2: answerOf("b", 2), 3: answerOf("b", 3) });
  builder.editWorld((event) =>
    event.e === "tool" || event.e === "effect" ? { ...event, fence: fenceAt(event.t) } : event,
  );
  return builder;
}

const fenceAt = (t: number): number => (t < 5_000 ? 1 : 2);

/** A clean redeploy, stopped and started: what `cleanKill` kills is replaced instead. */
export function cleanRedeploy(): HistoryBuilder {
  const builder = cleanKill({ faults: [fault("redeploy")] });
  builder.trial = builder.trial.map((event) => (event.e === "landed" ? { ...event, t: 5_205 } : event));
  return builder;
}

const sleeping = (ms: number): Cohort => ({
  sessions: 1,
  turns: 2,
  thinkMs: constant(1_000),
  script: [
    { say: { firstTokenMs: constant(100), tokens: constant(11) }, call: { sleep: { ms } } },
    { say: { firstTokenMs: constant(100), tokens: constant(11) } },
  ],
  client: { timeoutMs: 15_000, deadlineMs: 60_000, retry: "eager" },
});

/** One turn that sleeps between its two answers: the timer starts at t + 310 and fires 5 ms late. */
function sleep(builder: HistoryBuilder, n: number, t: number, links: readonly number[], ms: number): void {
  const s = "a";
  builder
    .enable(s, n, t)
    .invoke(s, n, t)
    .sell(s, n, { step: 1, at: t + 10, links })
    .sell(s, n, { step: 2, at: t + 315 + ms })
    .ok(s, n, t + 620 + ms, answerOf(s, n));
}

/** A calm trial of one session that sleeps in each of its two turns, begun at 1,000 and 3,000 ms. */
export function cleanSleep(changes: Partial<TrialPlan> = {}, ms = 400): HistoryBuilder {
  const { definition } = planFor({});
  const plan = planFor(
    { a: "sleeping" },
    { faults: [], definition: { ...definition, cohorts: { sleeping: sleeping(ms) } }, ...changes },
  );
  const builder = new HistoryBuilder(plan);
  builder.phases({ warmup: 0, calm: 500, fault: 5_500, heal: 7_500, quiet: 8_000, proof: 8_900, end: 15_000 });
  sleep(builder, 1, 1_000, [], ms);
  sleep(builder, 2, 3_000, [1], ms);
  builder.proof("a", 3, 9_000, [1, 2], 1);
  builder.read("a", 9_500, { 1: answerOf("a", 1), 2: answerOf("a", 2), 3: answerOf("a", 3) });
  return builder;
}

/** Reads both sessions in the midst of the load as well. */
export function readDuringLoad(builder: HistoryBuilder): HistoryBuilder {
  builder.read("a", 1_800, { 1: answerOf("a", 1) }).read("b", 2_800, { 1: answerOf("b", 1) });
  return builder.read("b", 7_000, { 1: answerOf("b", 1), 2: answerOf("b", 2) });
}
export const readKill = (): HistoryBuilder => readDuringLoad(cleanKill());

/** A trial of a server with a second copy beside it from 4,000 to 8,000 ms. */
export function cleanReplicas(): HistoryBuilder {
  const builder = cleanKill({ faults: [] });
  builder.trial = builder.trial.filter(({ e }) => e === "phase");
  startServer(builder, 1, 0, -100);
  startServer(builder, 2, 1, 4_000, 8_000);
  return builder;
}

export const LEFT_NOTHING = {
  e: "clean",
  t: 15_100,
  processes: 0,
  ports: 0,
  mounts: 0,
  directories: 0,
  left: [],
} as const;
export function cleanMachine(): HistoryBuilder {
  const builder = cleanKill();
  builder.trial.push(LEFT_NOTHING);
  return builder;
}

/** An instant right after the zombie of `cleanTakeover` has woken. */
export const WOKEN_MS = WAKES_MS + 50;

/** One request to the model for turn 2 of `a`, step 2, whose answer is sold. */
export const buyAgain = (builder: HistoryBuilder, at: number, p: number, i: number): void => {
  builder.sell("a", 2, { step: 2, p, i, at });
  builder.editWorld((event) =>
    event.e === "ask" && event.p === p && event.n === 2 && event.k === 2 ? { ...event, of: 1 } : event,
  );
};

/** A request of start `i` to the keyed tool of turn 2 of `a`, with its effect. */
export const callLate = (builder: HistoryBuilder, t: number, i: number, fence?: number): void => {
  const of = { s: "a", n: 2, k: 1, c: 1, p: 1, ...(fence !== undefined && { fence }) };
  builder.world.push(
    { e: "tool", t, ...of, name: "send_mail", i },
    { e: "effect", t: t + 1, ...of, kind: "plain", result: "applied" },
    { e: "told", t: t + 30, s: "a", n: 2, k: 1, c: 1, p: 1, status: 200 },
  );
};

export const change =
  (matches: (event: WorldEvent) => boolean, changes: object) =>
  (event: WorldEvent): WorldEvent =>
    matches(event) ? ({ ...event, ...changes } as WorldEvent) : event;
export const isOf =
  (e: WorldEvent["e"], s: string, n: number, k: number) =>
  (event: WorldEvent): boolean =>
    event.e === e && "k" in event && event.s === s && event.n === n && event.k === k;

/** Both copies of `cleanReplicas` work on turn 2 of `b`: start 2 on the first step, start 1 on the tools, start 2 on the second step. */
export function writeTogether(b: HistoryBuilder): void {
  b.editWorld(change(isOf("ask", "b", 2, 1), { i: 2, t: 5_800 }));
  b.editWorld(change(isOf("tool", "b", 2, 1), { i: 1 }));
  b.editWorld(change(isOf("ask", "b", 2, 2), { i: 2, t: 6_480 }));
  b.editWorld(change(isOf("first", "b", 2, 2), { t: 6_500 }));
  b.editDriver((e) => ("n" in e && e.s === "b" && e.n === 2 && e.t === 6_000 ? { ...e, t: 5_750 } : e));
}
