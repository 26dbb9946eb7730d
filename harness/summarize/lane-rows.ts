/**
 * The rows of a lane's tracks, one kind each, as tuples: a report holds many of them. All instants are whole milliseconds counted from
 * the lane's zero; null is what had not come when the recording ended.
 */
import type { RepeatKind } from "../checkers/repeats.ts";

/** `gone`: it was acknowledged, and later neither a read nor the model was shown it. */
export type LaneTurn = readonly [
  turn: number,
  dueMs: number,
  floorMs: number,
  endMs: number | null,
  end: "intact" | "amnesiac" | "failed" | "open",
  kind: "ordinary" | "opening" | "proof",
  gone: 0 | 1,
];
/** One request of a client. fail: certainly not accepted. info: nobody knows. */
export type LaneAttempt = readonly [
  turn: number,
  attempt: number,
  client: 1 | 2,
  fromMs: number,
  endMs: number | null,
  end: "ok" | "failed" | "fail" | "info" | "open",
  why: string,
];
/**
 * One request to the model. `bought`: whether its completion was paid for the first time or again, and whether that could be helped;
 * unsold where no token was written. `lacks`: acknowledged turns that it does not show. `note`: the fault it met, or why it is a repeat.
 */
export type LaneCall = readonly [
  turn: number,
  step: number,
  purchase: number | null,
  start: number,
  askMs: number,
  firstMs: number | null,
  endMs: number | null,
  end: "done" | "aborted" | "fault" | "denied" | "open",
  tokens: number,
  bought: "first" | RepeatKind | "unsold",
  lacks: number,
  note: string,
];
/** One request to a tool of the World; status 0 where a fault left it without an answer, null while nothing was answered. */
export type LaneTool = readonly [
  turn: number,
  step: number,
  call: number,
  name: string,
  start: number,
  askMs: number,
  toldMs: number | null,
  status: number | null,
  aborted: 0 | 1,
  fault: string,
];
/** What the ledger did. `twice`: applied, though the same call had been applied before, within the window or not. */
export type LaneEffect = readonly [
  turn: number,
  step: number,
  call: number,
  ms: number,
  kind: "keyed" | "plain",
  result: "applied" | "twice" | "repeated" | "refused",
];
/** Work of the runtime itself that the World saw: the result of a local tool came back, or leave to crash was asked. */
export type LaneLocal = readonly [
  turn: number,
  step: number,
  ms: number,
  tool: string,
  result: "right" | "wrong" | "throw" | "detached" | "unit" | "refused",
];
/** A wait on the runtime's own timer. */
export type LaneTimer = readonly [turn: number, step: number, fromMs: number, dueMs: number, firedMs: number | null];
/** The turn was let stand at a step, for a fault to strike it there. */
export type LaneHold = readonly [turn: number, at: string, fromMs: number, toMs: number | null];
/** A read of the session; `shown` null where its answer shows nothing. `lacks`: turns acknowledged before that are not in it. */
export type LaneRead = readonly [beganMs: number, ms: number, status: number, shown: number | null, lacks: number];

export interface LaneTracks {
  readonly turns: readonly LaneTurn[];
  readonly attempts: readonly LaneAttempt[];
  readonly calls: readonly LaneCall[];
  readonly tools: readonly LaneTool[];
  readonly effects: readonly LaneEffect[];
  readonly locals: readonly LaneLocal[];
  readonly timers: readonly LaneTimer[];
  readonly holds: readonly LaneHold[];
  readonly reads: readonly LaneRead[];
  /** Rows that were left out to keep tracks short. */
  readonly leftOut: number;
}
