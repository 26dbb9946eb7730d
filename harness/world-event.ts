/**
 * What the World saw: one kind of event per line of its history. Keys and stamps are those of `history.ts`.
 */
import type { CureKind } from "./scenario.ts";

/**
 * Where the World can hold a turn, all seen from outside. asked: the request was read, nothing was sent. first: the first token
 * was written. last: all tokens were, the end was not. tool: a tool's request was read, its effect has not happened. applied: it
 * has, the answer was not written. told and next: the answer was written wholly and the model was asked again (whether the
 * runtime had read the answer before is only known by that), nothing was sent.
 */
export const HOLD_POINTS = ["asked", "first", "last", "tool", "applied", "told", "next"] as const;
export type HoldPoint = (typeof HOLD_POINTS)[number];

/** How a completion ended at the World. */
export type SaidEnd = "done" | "aborted" | "fault";

/** What the World saw. */
export type WorldEvent =
  /** A scripted model request was read whole. `p` is absent when it was answered with an error instead of a completion; `links` only at step 1. */
  | {
      readonly e: "ask";
      readonly t: number;
      readonly s: string;
      readonly n: number;
      readonly k: number;
      readonly r: number;
      readonly p?: number;
      readonly i: number;
      /** Turns whose genuine links the request carried, in order of appearance. */
      readonly links?: readonly number[];
      readonly bytes: number;
      /** From step 2 on: the purchase of the step before on which this request stands. */
      readonly of?: number;
      /** Set when the request meets a fault of the script: its kind. That it was served is for `denied` or `said` to say. */
      readonly fault?: string;
      /** The repair of an earlier fault that the request shows. */
      readonly cure?: CureKind;
    }
  /** The end of a request that got no completion because of a fault: its error is about to be written, or (`aborted`) its client left. */
  | {
      readonly e: "denied";
      readonly t: number;
      readonly s: string;
      readonly n: number;
      readonly k: number;
      readonly r: number;
      readonly fault: string;
      readonly status?: number;
      readonly aborted?: true;
    }
  /** The first token of a purchase is about to be written: from here on the completion is bought. */
  | {
      readonly e: "first";
      readonly t: number;
      readonly s: string;
      readonly n: number;
      readonly k: number;
      readonly p: number;
    }
  /** The end of a completion: frames written, milliseconds during which the socket did not take more, and for final answers the fingerprint of the text. */
  | {
      readonly e: "said";
      readonly t: number;
      readonly s: string;
      readonly n: number;
      readonly k: number;
      readonly p: number;
      readonly tokens: number;
      readonly end: SaidEnd;
      readonly blockedMs?: number;
      readonly h?: string;
      /** The fault that had begun to show in this answer. */
      readonly fault?: string;
    }
  /** A remote tool request was read whole. */
  | {
      readonly e: "tool";
      readonly t: number;
      readonly s: string;
      readonly n: number;
      readonly k: number;
      readonly c: number;
      readonly p: number;
      readonly name: string;
      readonly i: number;
      readonly key?: string;
      readonly fence?: number;
      /** Set when the request meets a fault of the script: its kind. */
      readonly fault?: string;
    }
  /** What the ledger did with it: applied, repeated (its key was known), or refused (an older fence). */
  | {
      readonly e: "effect";
      readonly t: number;
      readonly s: string;
      readonly n: number;
      readonly k: number;
      readonly c: number;
      readonly p: number;
      readonly kind: "keyed" | "plain";
      readonly result: "applied" | "repeated" | "refused";
      readonly fence?: number;
    }
  /**
   * The tool's answer is about to be written; `aborted` when nobody was there any more. Status 0: a fault left the request
   * without an answer until its caller had left, or destroyed the connection.
   */
  | {
      readonly e: "told";
      readonly t: number;
      readonly s: string;
      readonly n: number;
      readonly k: number;
      readonly c: number;
      readonly p: number;
      readonly status: number;
      readonly aborted?: true;
      /** The fault that was served. */
      readonly fault?: string;
    }
  /** A member of a hold has reached its step: from here on nothing is sent to it. `k` is the step of the request that is held. */
  | {
      readonly e: "held";
      readonly t: number;
      readonly s: string;
      readonly n: number;
      readonly k: number;
      readonly at: HoldPoint;
      readonly id: string;
    }
  /** The member goes on: its hold was released, or (`closed`) its connection was closed while it was held. */
  | {
      readonly e: "released";
      readonly t: number;
      readonly s: string;
      readonly n: number;
      readonly k: number;
      readonly at: HoldPoint;
      readonly id: string;
      readonly closed?: true;
    }
  /** Leave to crash was asked and given or not. */
  | {
      readonly e: "crash";
      readonly t: number;
      readonly s: string;
      readonly n: number;
      readonly k: number;
      readonly c: number;
      readonly p: number;
      readonly die: "throw" | "detached" | "unit" | false;
    }
  /** The result of a local tool came back in the next request and was compared with the expected one. */
  | {
      readonly e: "local";
      readonly t: number;
      readonly s: string;
      readonly n: number;
      readonly k: number;
      readonly c: number;
      readonly p: number;
      readonly tool: string;
      readonly ok: boolean;
    }
  /** A model request outside the script (title, summary, judge), answered neutrally. */
  | { readonly e: "offscript"; readonly t: number; readonly s?: string; readonly i: number; readonly bytes: number }
  /** A request that names no session at all. */
  | { readonly e: "unattributed"; readonly t: number; readonly path: string; readonly i: number };
