/**
 * Records: what the history index groups events into, by session and turn. Every event keeps its line number for evidence.
 */
import type { DriverEvent, TrialEvent, WorldEvent } from "../history.ts";
import type { PlannedFault } from "../trial.ts";

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
  /** The first text that a client which reads along was shown; null if none was. */
  first: DriverSeen<"first"> | null;
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

/** A time in which the World let a turn stand still at a step, for a fault to strike it there. */
export interface HeldStep {
  readonly held: WorldSeen<"held">;
  released: WorldSeen<"released"> | null;
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
  /** Those of the session's own client, of which all figures are made. */
  readonly attempts: Attempt[];
  /** Those of a second client. */
  readonly others: Attempt[];
  /** What became of it for the session's own client. */
  outcome: TurnOutcome;
  /** The first 200 with an output that the session's own client read. */
  acknowledged: DriverSeen<"ok"> | null;
  /** The first 200 of either kind that the session's own client read: for it the turn has ended. */
  ended: DriverSeen<"ok" | "failed"> | null;
  /** The first 200 of either kind that any client read: from then on the turn must be kept. */
  told: DriverSeen<"ok" | "failed"> | null;
  /** Its deadline passed without an answer. */
  late: boolean;
  censored: DriverSeen<"censored"> | null;
  readonly asks: WorldSeen<"ask">[];
  /** Requests for which the script had a fault instead of a completion. */
  readonly denials: WorldSeen<"denied">[];
  readonly purchases: Purchase[];
  readonly tools: ToolRequest[];
  readonly effects: WorldSeen<"effect">[];
  readonly crashes: WorldSeen<"crash">[];
  readonly locals: WorldSeen<"local">[];
  readonly holds: HeldStep[];
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
  /** Of a step fault: who stood at its step when it was about to strike. */
  exposed: TrialSeen<"exposed"> | null;
  landed: TrialSeen<"landed"> | null;
  missed: TrialSeen<"missed"> | null;
  curedMs: number | null;
  /** When every process that it ended was ready again; for a fault that ends none, when it was cured. Null if never. */
  readyMs: number | null;
}
