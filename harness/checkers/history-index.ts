/**
 * The history of a trial grouped by session and turn, built in one pass, so that every checker is a short loop.
 *
 * Promises: near-linear time; every event keeps its line number for evidence; nothing is judged here.
 * An order between two witnesses may only be concluded from a receipt (stamped after the read) that comes before a send
 * (stamped before the write); within one witness the line number is the order.
 */
import type { DriverEvent, History, WorldEvent } from "../history.ts";
import type { TrialPlan } from "../trial.ts";
import { linesBySession } from "./lines-by-session.ts";
import type { DriverSeen, SessionRecord, ToolRequest, TurnOutcome, TurnRecord, WorldSeen } from "./records.ts";
import { type PhaseSpan, readTrial, type TrialFacts } from "./trial-facts.ts";

export type * from "./records.ts";

/** The grouped history of one trial. */
export interface HistoryIndex extends TrialFacts {
  /** In order of their ids. */
  readonly sessions: readonly SessionRecord[];
  readonly session: ReadonlyMap<string, SessionRecord>;
  /** Model requests outside the script, and requests that name no session. */
  readonly offScriptCalls: number;
  readonly unattributedCalls: number;
  readonly scriptedCalls: number;
  /** Leaves to crash that were given, in order. */
  readonly crashes: readonly WorldSeen<"crash">[];
}
export type { PhaseSpan };

interface Draft {
  readonly cohorts: ReadonlyMap<string, string>;
  readonly session: Map<string, SessionRecord>;
  readonly crashes: WorldSeen<"crash">[];
  offScriptCalls: number;
  unattributedCalls: number;
  scriptedCalls: number;
}

function sessionOf(draft: Draft, id: string): SessionRecord {
  let session = draft.session.get(id);
  if (session === undefined) {
    const cohort = draft.cohorts.get(id) ?? "";
    session = { id, cohort, turns: [], turn: new Map(), reads: [], arrivedMs: null, leftMs: null };
    draft.session.set(id, session);
  }
  return session;
}

function turnOf(draft: Draft, id: string, number: number): TurnRecord {
  const session = sessionOf(draft, id);
  let turn = session.turn.get(number);
  if (turn === undefined) {
    turn = {
      session: id,
      number,
      cohort: session.cohort,
      enabled: null,
      attempts: [],
      others: [],
      told: null,
      outcome: "unasked",
      acknowledged: null,
      ended: null,
      late: false,
      censored: null,
      asks: [],
      denials: [],
      purchases: [],
      tools: [],
      effects: [],
      crashes: [],
      locals: [],
      holds: [],
    };
    session.turn.set(number, turn);
    session.turns.push(turn);
  }
  return turn;
}

function noteEnd(turn: TurnRecord, seen: DriverSeen<"ok" | "failed" | "fail" | "info">): void {
  const second = seen.event.c !== undefined;
  const attempts = second ? turn.others : turn.attempts;
  const attempt = attempts.findLast(({ invoked }) => invoked.event.a === seen.event.a);
  if (attempt !== undefined) attempt.ended ??= seen;
  if (seen.event.e === "ok" || seen.event.e === "failed") turn.told ??= seen as DriverSeen<"ok" | "failed">;
  if (second) return;
  if (seen.event.e === "ok") turn.acknowledged ??= seen as DriverSeen<"ok">;
  if (seen.event.e === "ok" || seen.event.e === "failed") turn.ended ??= seen as DriverSeen<"ok" | "failed">;
}

function noteDriver(draft: Draft, event: DriverEvent, at: number): void {
  switch (event.e) {
    case "arrive":
      sessionOf(draft, event.s).arrivedMs = event.t;
      return;
    case "leave":
      sessionOf(draft, event.s).leftMs = event.t;
      return;
    case "read":
      sessionOf(draft, event.s).reads.push({ at, event });
      return;
  }
  const turn = turnOf(draft, event.s, event.n);
  switch (event.e) {
    case "enabled":
      turn.enabled = { at, event };
      return;
    case "invoke":
      (event.c === undefined ? turn.attempts : turn.others).push({ invoked: { at, event }, first: null, ended: null });
      return;
    case "first": {
      const attempt = turn.attempts.findLast(({ invoked }) => invoked.event.a === event.a);
      if (attempt !== undefined) attempt.first ??= { at, event };
      return;
    }
    case "late":
      turn.late = true;
      return;
    case "censored":
      turn.censored = { at, event };
      return;
    default:
      noteEnd(turn, { at, event });
  }
}

/** The oldest open request that this can be the answer to: one that met a fault is told of it, and no other is. */
function toldBy(tools: readonly ToolRequest[], event: Extract<WorldEvent, { e: "told" }>): ToolRequest | undefined {
  return tools.find(
    ({ asked: { event: asked }, told }) =>
      told === null && asked.k === event.k && asked.c === event.c && asked.p === event.p && asked.fault === event.fault,
  );
}

function noteWorld(draft: Draft, event: WorldEvent, at: number): void {
  if (event.e === "offscript" || event.e === "unattributed") return;
  const turn = turnOf(draft, event.s, event.n);
  switch (event.e) {
    case "ask": {
      draft.scriptedCalls += 1;
      const ask = { at, event };
      turn.asks.push(ask);
      if (event.p !== undefined) turn.purchases.push({ step: event.k, number: event.p, ask, first: null, said: null });
      return;
    }
    case "denied":
      turn.denials.push({ at, event });
      return;
    case "first":
    case "said": {
      const purchase = turn.purchases.findLast(({ step, number }) => step === event.k && number === event.p);
      if (purchase !== undefined && event.e === "first") purchase.first ??= { at, event };
      if (purchase !== undefined && event.e === "said") purchase.said ??= { at, event };
      return;
    }
    case "tool":
      turn.tools.push({ asked: { at, event }, told: null });
      return;
    case "told": {
      const request = toldBy(turn.tools, event);
      if (request !== undefined) request.told = { at, event };
      return;
    }
    case "effect":
      turn.effects.push({ at, event });
      return;
    case "crash":
      turn.crashes.push({ at, event });
      if (event.die !== false) draft.crashes.push({ at, event });
      return;
    case "local":
      turn.locals.push({ at, event });
      return;
    case "held":
      turn.holds.push({ held: { at, event }, released: null });
      return;
    case "released": {
      const hold = turn.holds.findLast(({ held }) => held.event.id === event.id);
      if (hold !== undefined) hold.released ??= { at, event };
    }
  }
}

function outcomeOf(turn: TurnRecord): TurnOutcome {
  if (turn.acknowledged !== null) return "ok";
  if (turn.ended !== null) return "failed";
  if (turn.attempts.length === 0) return "unasked";
  // An attempt of which nothing was heard may have been accepted like one that ended in "info".
  return turn.attempts.every(({ ended }) => ended?.event.e === "fail") ? "fail" : "info";
}

/** Whether some client's attempt was accepted, or may have been. */
export function maybeAccepted({ outcome, others }: TurnRecord): boolean {
  return (outcome !== "fail" && outcome !== "unasked") || others.some(({ ended }) => ended?.event.e !== "fail");
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The session that an event is about; a request outside the script is about none, even where it names one. */
const sessionIn = (event: DriverEvent | WorldEvent): string | undefined =>
  event.e === "offscript" || event.e === "unattributed" ? undefined : event.s;

const built = new WeakMap<History<TrialPlan>, HistoryIndex>();

/** Groups a history, once: judging and summarizing look at the same index. Takes about half a second per million events. */
export function buildIndex(history: History<TrialPlan>): HistoryIndex {
  let index = built.get(history);
  if (index === undefined) {
    index = grouped(history);
    built.set(history, index);
  }
  return index;
}

function grouped(history: History<TrialPlan>): HistoryIndex {
  const draft: Draft = {
    cohorts: new Map(history.plan.sessions.map(({ id, cohort }) => [id, cohort])),
    session: new Map(),
    crashes: [],
    offScriptCalls: 0,
    unattributedCalls: 0,
    scriptedCalls: 0,
  };
  const numbers = new Map<string, number>();
  const driver = linesBySession(history.driver, sessionIn, numbers);
  const world = linesBySession(history.world, sessionIn, numbers);
  for (const { e } of world.others)
    if (e === "offscript") draft.offScriptCalls += 1;
    else draft.unattributedCalls += 1;
  // Session by session: what is looked at together then lies together in memory, which makes every later walk faster.
  for (const [, number] of [...numbers].sort(([a], [b]) => byText(a, b))) {
    driver.each(number, (event, at) => noteDriver(draft, event, at));
    world.each(number, (event, at) => noteWorld(draft, event, at));
  }
  draft.crashes.sort((a, b) => a.at - b.at);
  const sessions = [...draft.session.values()];
  for (const session of sessions) {
    session.turns.sort((a, b) => a.number - b.number);
    for (const turn of session.turns) turn.outcome = outcomeOf(turn);
  }
  const { session, crashes, offScriptCalls, unattributedCalls, scriptedCalls } = draft;
  return { ...readTrial(history), sessions, session, crashes, offScriptCalls, unattributedCalls, scriptedCalls };
}
