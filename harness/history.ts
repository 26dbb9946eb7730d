/**
 * History: what driver, World and trial saw, append-only, one JSON object per line, one file per witness.
 *
 * Stamps are trial time in milliseconds (`clock.ts`): what a witness sends is stamped before the write, what it receives
 * after the read, so a cause's stamp is never later than its effect's. Keys are short because a history has millions of lines:
 * t time · s session · n turn · k step · c call · p purchase · a attempt of the client · r request count of the step at the World · i incarnation.
 */

/** What the driver saw. */
export type DriverEvent =
  | { readonly e: "arrive"; readonly t: number; readonly s: string }
  | { readonly e: "leave"; readonly t: number; readonly s: string }
  /** A turn became due at `t` (its enabled time); stamped with the planned instant, not with the instant of noticing. */
  | {
      readonly e: "enabled";
      readonly t: number;
      readonly s: string;
      readonly n: number;
      readonly kind?: "proof" | "opening";
    }
  /** An attempt leaves; stamped before the write. */
  | { readonly e: "invoke"; readonly t: number; readonly s: string; readonly n: number; readonly a: number }
  /** A whole 200 with an output was read. `h` is the fingerprint of the output. */
  | {
      readonly e: "ok";
      readonly t: number;
      readonly s: string;
      readonly n: number;
      readonly a: number;
      readonly h: string;
    }
  /** A whole 200 {failed}: the turn ended for good without an answer. */
  | {
      readonly e: "failed";
      readonly t: number;
      readonly s: string;
      readonly n: number;
      readonly a: number;
      readonly code: string;
    }
  /** Certainly not accepted: refused before a byte, 409, 503 with Retry-After. */
  | {
      readonly e: "fail";
      readonly t: number;
      readonly s: string;
      readonly n: number;
      readonly a: number;
      readonly why: string;
    }
  /** Nobody knows: reset, timeout, any other status. */
  | {
      readonly e: "info";
      readonly t: number;
      readonly s: string;
      readonly n: number;
      readonly a: number;
      readonly why: string;
    }
  /** The deadline of the turn passed without an answer. */
  | { readonly e: "late"; readonly t: number; readonly s: string; readonly n: number }
  /** The trial ended with the turn pending: its latency is censored at this age. */
  | { readonly e: "censored"; readonly t: number; readonly s: string; readonly n: number }
  /** GET of a session: `began` before the write, `t` after the read; `turns` lists [turn, fingerprint of input, fingerprint of output or "!code"]. */
  | {
      readonly e: "read";
      readonly t: number;
      readonly began: number;
      readonly s: string;
      readonly status: number;
      readonly turns?: readonly (readonly [string, string, string])[];
    };

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
      /** Set when a fault of the script answered: its kind. */
      readonly fault?: string;
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
  /** The tool's answer is about to be written; `aborted` when nobody was there any more. */
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

/** The phases of a trial, in order. */
export const PHASES = ["warmup", "calm", "fault", "heal", "quiet", "proof", "end"] as const;
export type Phase = (typeof PHASES)[number];

/** What the trial itself did and saw: phases, processes, faults. */
export type TrialEvent =
  | { readonly e: "phase"; readonly t: number; readonly phase: Phase }
  | {
      readonly e: "start";
      readonly t: number;
      readonly process: string;
      readonly replica: number;
      readonly i: number;
      readonly pid: number;
    }
  | { readonly e: "ready"; readonly t: number; readonly process: string; readonly replica: number; readonly i: number }
  | {
      readonly e: "exit";
      readonly t: number;
      readonly process: string;
      readonly replica: number;
      readonly i: number;
      readonly code: number | null;
      readonly signal: string | null;
      /** True when the harness did it. */
      readonly expected: boolean;
    }
  /** A fault was asked for; then proved to have landed; then cured. `proof` is a sentence. */
  | { readonly e: "fault"; readonly t: number; readonly id: string; readonly kind: string }
  | { readonly e: "landed"; readonly t: number; readonly id: string; readonly proof: string }
  | { readonly e: "cured"; readonly t: number; readonly id: string }
  /** A fault that could not be injected or proved: the trial says nothing about it. */
  | { readonly e: "missed"; readonly t: number; readonly id: string; readonly why: string }
  /** A process of the runtime cannot stay up and is not started any more. */
  | { readonly e: "gave-up"; readonly t: number; readonly reason: string }
  /** CPU (milliseconds, user and system, cumulative) and resident memory of the runtime's processes, and of its database apart. */
  | {
      readonly e: "sample";
      readonly t: number;
      readonly appCpuMs: number;
      readonly appRssBytes: number;
      readonly storeCpuMs: number;
      readonly storeRssBytes: number;
    }
  /** A garbage collection that the runtime's own observation module reported. */
  | {
      readonly e: "gc";
      readonly t: number;
      readonly kind: "major" | "minor" | "incremental" | "weak";
      readonly ms: number;
      readonly i: number;
    };

/** Everything a checker may look at: the plan and the three witnesses, each in its own order. */
export interface History<Plan> {
  readonly plan: Plan;
  readonly driver: readonly DriverEvent[];
  readonly world: readonly WorldEvent[];
  readonly trial: readonly TrialEvent[];
}

/** File names of the witnesses in a trial's folder. */
export const HISTORY_FILES = { driver: "driver.ndjson", world: "world.ndjson", trial: "trial.ndjson" } as const;
