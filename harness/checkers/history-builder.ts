/** Builds small histories by hand for tests: a clean kill trial, and single events to make others of it. */
import type { DriverEvent, History, Phase, TrialEvent, WorldEvent } from "../history.ts";
import { constant } from "../random.ts";
import type { Cohort, Scenario } from "../scenario.ts";
import type { PlannedFault, TrialPlan } from "../trial.ts";

/** Floor 650 ms: 300 for each model step, 50 for the slower of two tools. */
const chat: Cohort = {
  sessions: 2,
  turns: 3,
  thinkMs: constant(1_000),
  script: [
    { say: { firstTokenMs: constant(100), tokens: constant(11) }, call: ["save_note", "send_mail"] },
    { tool: "save_note", takesMs: constant(50), effect: "keyed" },
    { tool: "send_mail", takesMs: constant(30), effect: "plain" },
    { say: { firstTokenMs: constant(100), tokens: constant(11) } },
  ],
  client: { timeoutMs: 15_000, deadlineMs: 60_000, retry: "eager" },
};

export const CHAT_FLOOR_MS = 650;
/** Floor of proof and opening turns. */
export const PROOF_FLOOR_MS = 50;

const definition: Scenario = {
  asks: "What is left?",
  cohorts: { chat, silent: { ...chat, client: { ...chat.client, retry: "never" } } },
  phases: { warmupMs: 500, calmMs: 4_000, faultMs: 3_000, quietMs: 500 },
  observe: { overhead: ["chat"], recovery: ["chat"], bystanders: [] },
};

const killing: PlannedFault = {
  id: "f1",
  kind: "kill",
  role: "app",
  afterAcknowledged: 2,
  restartAfterMs: 0,
  with: {},
};

/** A plan whose sessions are named by cohort: `{ a: "chat" }`. */
export function planFor(sessions: Readonly<Record<string, string>>, changes: Partial<TrialPlan> = {}): TrialPlan {
  return {
    format: "agent-derby-trial/1",
    id: "1-kill-some",
    scenario: "kill",
    definition,
    runner: "some",
    block: 1,
    seed: 7,
    memoryMb: 512,
    phases: definition.phases,
    // So much thinking that by the plan nothing falls due beyond what a history says was offered.
    sessions: Object.entries(sessions).map(([id, cohort]) => ({
      id,
      cohort,
      arriveMs: 0,
      turns: 3,
      thinkMs: [60_000, 60_000],
    })),
    faults: [killing],
    load: {
      liveSessions: 2,
      inFlight: 1,
      streaming: 1,
      turnsPerSecond: 1,
      framesPerSecond: 50,
      sockets: 4,
      memoryMb: 512,
      durationMs: 10_000,
    },
    proofsPerSecond: 10,
    ...changes,
  };
}

/** Where a completion stands. */
export interface Sale {
  readonly step: number;
  readonly p?: number;
  readonly i?: number;
  readonly at: number;
  readonly links?: readonly number[];
  /** Instant at which the stream broke; without it the completion is written to its end, 300 ms after the request. */
  readonly abortedAt?: number;
}

/** The answer that the World gives at the end of a turn. */
export const answerOf = (s: string, n: number, p = 1): string => `h.${s}.${n}.${p}`;

/** Appends events; `history()` sorts each witness by time, as the witnesses themselves would have written them. */
export class HistoryBuilder {
  readonly plan: TrialPlan;
  driver: DriverEvent[] = [];
  world: WorldEvent[] = [];
  trial: TrialEvent[] = [];
  /** Proof and opening turns, as "session.turn". */
  readonly #short = new Set<string>();

  constructor(plan: TrialPlan) {
    this.plan = plan;
  }

  history(): History<TrialPlan> {
    const sorted = <Event extends { readonly t: number }>(events: Event[]): Event[] =>
      events.sort((one, other) => one.t - other.t);
    return { plan: this.plan, driver: sorted(this.driver), world: sorted(this.world), trial: sorted(this.trial) };
  }

  phases(starts: Readonly<Partial<Record<Phase, number>>>): this {
    for (const [phase, t] of Object.entries(starts)) this.trial.push({ e: "phase", t, phase: phase as Phase });
    return this;
  }

  /** kill -9 of the server at `t`: gone after 3 ms, proved after 5, ready again at `readyMs`. */
  kill(t: number, readyMs: number, id = "f1", i = 2): this {
    const process = { process: "server", replica: 0 };
    this.trial.push(
      { e: "fault", t, id, kind: "kill" },
      { e: "exit", t: t + 3, ...process, i: i - 1, code: null, signal: "SIGKILL", expected: true },
      { e: "landed", t: t + 5, id, proof: "gone from the process table" },
      { e: "start", t: t + 10, ...process, i, pid: 1 },
      { e: "ready", t: readyMs, ...process, i },
      { e: "cured", t: readyMs, id },
    );
    return this;
  }

  enable(s: string, n: number, t: number, kind?: "proof" | "opening"): this {
    this.driver.push({ e: "enabled", t, s, n, ...(kind && { kind }) });
    if (kind !== undefined) this.#short.add(`${s}.${n}`);
    return this;
  }

  invoke(s: string, n: number, t: number, a = 1): this {
    this.driver.push({ e: "invoke", t, s, n, a });
    return this;
  }

  ok(s: string, n: number, t: number, h: string, a = 1): this {
    this.driver.push({ e: "ok", t, s, n, a, h });
    return this;
  }

  /** One request to the model and its completion; the first token comes after 100 ms. */
  sell(s: string, n: number, sale: Sale): this {
    const { step: k, p = 1, i = 1, at, links, abortedAt } = sale;
    const final = k === 2 || this.#short.has(`${s}.${n}`);
    const of = { s, n, k };
    // Additional field of the World's log: the purchase of the step before on which this request stands.
    const standsOn = k > 1 ? { of: p } : {};
    this.world.push({ e: "ask", t: at, ...of, r: p, p, i, bytes: 400, ...(links && { links }), ...standsOn });
    if (abortedAt === undefined || abortedAt > at + 100) this.world.push({ e: "first", t: at + 100, ...of, p });
    this.world.push(
      abortedAt === undefined
        ? { e: "said", t: at + 300, ...of, p, tokens: 11, end: "done", ...(final && { h: answerOf(s, n, p) }) }
        : { e: "said", t: abortedAt, ...of, p, tokens: 5, end: "aborted" },
    );
    return this;
  }

  /** Both tools of step 1, in parallel: 50 and 30 ms. */
  callTools(s: string, n: number, t: number, p = 1, i = 1): this {
    for (const [c, name, kind, takes] of [
      [0, "save_note", "keyed", 50],
      [1, "send_mail", "plain", 30],
    ] as const) {
      const of = { s, n, k: 1, c, p };
      this.world.push({ e: "tool", t, ...of, name, i, ...(kind === "keyed" && { key: `${s}.${n}` }) });
      this.world.push({ e: "effect", t, ...of, kind, result: "applied" });
      this.world.push({ e: "told", t: t + takes, ...of, status: 200 });
    }
    return this;
  }

  /** A turn without any trouble: 680 ms from enabled to answer, 30 ms beyond the floor. */
  turn(s: string, n: number, t: number, links: readonly number[], i = 1): this {
    return this.enable(s, n, t)
      .invoke(s, n, t)
      .sell(s, n, { step: 1, at: t + 10, links, i })
      .callTools(s, n, t + 315, 1, i)
      .sell(s, n, { step: 2, at: t + 370, i })
      .ok(s, n, t + 680, answerOf(s, n));
  }

  /** A proof turn: one completion. 320 ms from enabled to answer. */
  proof(s: string, n: number, t: number, links: readonly number[], i = 2): this {
    return this.enable(s, n, t, "proof")
      .invoke(s, n, t)
      .sell(s, n, { step: 1, at: t + 10, links, i })
      .ok(s, n, t + 320, answerOf(s, n));
  }

  /** A final read that shows these answers, by turn number. */
  read(s: string, t: number, answers: Readonly<Record<string, string>>): this {
    const turns = Object.entries(answers).map(([turn, output]) => [turn, "input", output] as const);
    this.driver.push({ e: "read", t: t + 5, began: t, s, status: 200, turns });
    return this;
  }

  /** Changes events of the driver; what becomes undefined is dropped. */
  editDriver(change: (event: DriverEvent) => DriverEvent | undefined): void {
    this.driver = this.driver.flatMap((event) => change(event) ?? []);
  }

  editWorld(change: (event: WorldEvent) => WorldEvent | undefined): void {
    this.world = this.world.flatMap((event) => change(event) ?? []);
  }

  /** Changes what the final read of a session shows. */
  editRead(s: string, change: (turns: [string, string, string][]) => void): void {
    this.editDriver((event) => {
      if (event.e !== "read" || event.s !== s) return event;
      const turns = (event.turns ?? []).map(([turn, input, output]): [string, string, string] => [turn, input, output]);
      change(turns);
      return { ...event, turns };
    });
  }

  /** Sets the links that the first requests of a turn carry. */
  showLinks(s: string, n: number, links: readonly number[]): void {
    this.editWorld((event) =>
      event.e === "ask" && event.s === s && event.n === n && event.k === 1 ? { ...event, links } : event,
    );
  }
}

/**
 * A clean trial of a durable runtime with two sessions. Session `a` has its second turn cut by the kill at 5,000 ms in the midst
 * of the first completion, which is bought again; `b` is not touched. Ready again at 5,200 ms; proofs at 9,000.
 */
export function cleanKill(changes: Partial<TrialPlan> = {}): HistoryBuilder {
  const builder = new HistoryBuilder(planFor({ a: "chat", b: "chat" }, changes));
  builder.phases({ warmup: 0, calm: 500, fault: 4_500, heal: 7_500, quiet: 8_000, proof: 8_900, end: 15_000 });
  builder.kill(5_000, 5_200);
  builder.turn("a", 1, 1_000, []).turn("b", 1, 2_000, []);
  builder
    .enable("a", 2, 4_800)
    .invoke("a", 2, 4_800)
    .sell("a", 2, { step: 1, at: 4_810, links: [1], abortedAt: 5_003 });
  builder.driver.push({ e: "info", t: 5_003, s: "a", n: 2, a: 1, why: "ECONNRESET" });
  builder.invoke("a", 2, 5_150, 2);
  builder.driver.push({ e: "fail", t: 5_151, s: "a", n: 2, a: 2, why: "ECONNREFUSED" });
  builder
    .invoke("a", 2, 5_300, 3)
    .sell("a", 2, { step: 1, p: 2, i: 2, at: 5_310, links: [1] })
    .callTools("a", 2, 5_615, 2, 2)
    .sell("a", 2, { step: 2, p: 2, i: 2, at: 5_670 })
    .ok("a", 2, 5_980, answerOf("a", 2, 2), 3);
  builder.turn("b", 2, 6_000, [1], 2);
  builder.proof("a", 3, 9_000, [1, 2]).proof("b", 3, 9_100, [1, 2]);
  builder.read("a", 9_500, { 1: answerOf("a", 1), 2: answerOf("a", 2, 2), 3: answerOf("a", 3) });
  builder.read("b", 9_600, { 1: answerOf("b", 1), 2: answerOf("b", 2), 3: answerOf("b", 3) });
  return builder;
}
