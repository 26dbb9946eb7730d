/**
 * The history of a trial grouped by session and turn, built in one pass, so that every checker is a short loop.
 *
 * Promises: near-linear time; every event keeps its line number for evidence; nothing is judged here.
 * An order between two witnesses may only be concluded from a receipt (stamped after the read) that comes before a send
 * (stamped before the write); within one witness the line number is the order.
 */
import type { DriverEvent, History, TrialEvent, WorldEvent } from "../history.ts";
import type { PlannedFault, TrialPlan } from "../trial.ts";
import { type PhaseSpan, readTrial, type TrialFacts } from "./trial-facts.ts";

/** One event with its line number (from 0) in its witness's file. */
export interface Seen<Event> {
  readonly at: number;
  readonly event: Event;
}
export type DriverSeen<Kind extends DriverEvent["e"]> = Seen<Extract<DriverEvent, { readonly e: Kind }>>;
export type WorldSeen<Kind extends WorldEvent["e"]> = Seen<Extract<WorldEvent, { readonly e: Kind }>>;
export type TrialSeen<Kind extends TrialEvent["e"]> = Seen<Extract<TrialEvent, { readonly e: Kind }>>;

/** One attempt of the client; `ended` is null while nothing was heard. */
export interface Attempt {
  readonly invoked: DriverSeen<"invoke">;
  ended: DriverSeen<"ok" | "failed" | "fail" | "info"> | null;
}

/** One completion that the World sold. Without `first` it was never bought: no token of it was written. */
export interface Purchase {
  readonly step: number;
  readonly number: number;
  readonly ask: WorldSeen<"ask">;
  first: WorldSeen<"first"> | null;
  said: WorldSeen<"said"> | null;
}

/** One request to a remote tool and when its answer was written. */
export interface ToolRequest {
  readonly asked: WorldSeen<"tool">;
  told: WorldSeen<"told"> | null;
}

/**
 * ok if any attempt was; else failed (ended for good without an answer); else info (nobody knows); else fail (certainly never
 * accepted); "unasked" if no attempt ever left.
 */
export type TurnOutcome = "ok" | "failed" | "info" | "fail" | "unasked";

/** Everything the witnesses saw of one turn, each list in its witness's order. */
export interface TurnRecord {
  readonly session: string;
  readonly number: number;
  readonly cohort: string;
  enabled: DriverSeen<"enabled"> | null;
  readonly attempts: Attempt[];
  outcome: TurnOutcome;
  /** The first 200 with an output. */
  acknowledged: DriverSeen<"ok"> | null;
  /** The first 200 of either kind: the turn has ended. */
  ended: DriverSeen<"ok" | "failed"> | null;
  /** Its deadline passed without an answer. */
  late: boolean;
  censored: DriverSeen<"censored"> | null;
  readonly asks: WorldSeen<"ask">[];
  readonly purchases: Purchase[];
  readonly tools: ToolRequest[];
  readonly effects: WorldSeen<"effect">[];
  readonly crashes: WorldSeen<"crash">[];
  readonly locals: WorldSeen<"local">[];
}

/** One session: its turns by number, and the reads that were answered or not. */
export interface SessionRecord {
  readonly id: string;
  readonly cohort: string;
  readonly turns: TurnRecord[];
  readonly turn: Map<number, TurnRecord>;
  readonly reads: DriverSeen<"read">[];
  arrivedMs: number | null;
  leftMs: number | null;
}

/** One fault of the plan (or of the history alone, then without a plan). */
export interface FaultRecord {
  readonly id: string;
  readonly kind: string;
  readonly plan: PlannedFault | null;
  /** When it was asked for: a send, so it was not in force before. Null if it never came to that. */
  firedMs: number | null;
  landed: TrialSeen<"landed"> | null;
  missed: TrialSeen<"missed"> | null;
  curedMs: number | null;
  /** When every process that it ended was ready again; for a fault that ends none, when it was cured. Null if never. */
  readyMs: number | null;
}

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
      outcome: "unasked",
      acknowledged: null,
      ended: null,
      late: false,
      censored: null,
      asks: [],
      purchases: [],
      tools: [],
      effects: [],
      crashes: [],
      locals: [],
    };
    session.turn.set(number, turn);
    session.turns.push(turn);
  }
  return turn;
}

function noteEnd(turn: TurnRecord, seen: DriverSeen<"ok" | "failed" | "fail" | "info">): void {
  const attempt = turn.attempts.findLast(({ invoked }) => invoked.event.a === seen.event.a);
  if (attempt !== undefined) attempt.ended ??= seen;
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
      turn.attempts.push({ invoked: { at, event }, ended: null });
      return;
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

function noteWorld(draft: Draft, event: WorldEvent, at: number): void {
  if (event.e === "offscript") draft.offScriptCalls += 1;
  if (event.e === "unattributed") draft.unattributedCalls += 1;
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
      const request = turn.tools.find(
        ({ asked: { event: asked }, told }) =>
          told === null && asked.k === event.k && asked.c === event.c && asked.p === event.p,
      );
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
  }
}

function outcomeOf(turn: TurnRecord): TurnOutcome {
  if (turn.acknowledged !== null) return "ok";
  if (turn.ended !== null) return "failed";
  if (turn.attempts.length === 0) return "unasked";
  // An attempt of which nothing was heard may have been accepted like one that ended in "info".
  return turn.attempts.every(({ ended }) => ended?.event.e === "fail") ? "fail" : "info";
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Groups a history. Takes about a second per million events. */
export function buildIndex(history: History<TrialPlan>): HistoryIndex {
  const draft: Draft = {
    cohorts: new Map(history.plan.sessions.map(({ id, cohort }) => [id, cohort])),
    session: new Map(),
    crashes: [],
    offScriptCalls: 0,
    unattributedCalls: 0,
    scriptedCalls: 0,
  };
  history.driver.forEach((event, at) => {
    noteDriver(draft, event, at);
  });
  history.world.forEach((event, at) => {
    noteWorld(draft, event, at);
  });
  const sessions = [...draft.session.values()].sort((a, b) => byText(a.id, b.id));
  for (const session of sessions) {
    session.turns.sort((a, b) => a.number - b.number);
    for (const turn of session.turns) turn.outcome = outcomeOf(turn);
  }
  const { session, crashes, offScriptCalls, unattributedCalls, scriptedCalls } = draft;
  return { ...readTrial(history), sessions, session, crashes, offScriptCalls, unattributedCalls, scriptedCalls };
}
