/**
 * History: what driver, World and trial saw, append-only, one JSON object per line, one file per witness.
 *
 * Stamps are trial time in milliseconds (`clock.ts`): what a witness sends is stamped before the write, what it receives
 * after the read, so a cause's stamp is never later than its effect's. Keys are short because a history has millions of lines:
 * t time · s session · n turn · k step · c call · p purchase · a attempt of the client · r request count of the step at the World · i incarnation.
 * In the driver's events c is a client: absent for the session's own, 2 for a second one, whose attempts are counted by session.
 */
import type { ObservedEvent, SampleEvent } from "./observation.ts";
import type { StepPoint } from "./scenario.ts";
import type { CoreTime, HarnessProcessName, Pressure } from "./trial.ts";
import type { WorldEvent } from "./world-event.ts";

export { HOLD_POINTS, type HoldPoint, type SaidEnd, type WorldEvent } from "./world-event.ts";

/**
 * How the text of a streamed answer agrees with its output: all of it; its end (who joins a running turn may come in late); none
 * was shown; or it is another text.
 */
export type AnswerText = "whole" | "end" | "none" | "differs";

/** What a client that reads along saw of an answer that it was given. */
export interface StreamSeen {
  /** Pieces of text, of all steps. */
  readonly tokens: number;
  /** The longest time between two reads of text within one answer of the model. */
  readonly gapMs: number;
  /** Share of the output, 0 to 1, that had been read before the read that brought the end. */
  readonly early: number;
  readonly text: AnswerText;
}

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
  /** An attempt leaves; stamped before the write. `stream`: the client reads along. */
  | {
      readonly e: "invoke";
      readonly t: number;
      readonly s: string;
      readonly n: number;
      readonly a: number;
      readonly c?: 2;
      readonly stream?: true;
    }
  /** The first text of a streamed attempt was read; `k`: of which step, where the backend says so. */
  | {
      readonly e: "first";
      readonly t: number;
      readonly s: string;
      readonly n: number;
      readonly a: number;
      readonly k?: number;
    }
  /** A whole 200 with an output was read. `h` is the fingerprint of the output. */
  | {
      readonly e: "ok";
      readonly t: number;
      readonly s: string;
      readonly n: number;
      readonly a: number;
      readonly c?: 2;
      readonly h: string;
      readonly stream?: StreamSeen;
    }
  /** A whole 200 {failed}: the turn ended for good without an answer. */
  | {
      readonly e: "failed";
      readonly t: number;
      readonly s: string;
      readonly n: number;
      readonly a: number;
      readonly c?: 2;
      readonly code: string;
    }
  /** Certainly not accepted: refused before a byte, 409, 503 with Retry-After. */
  | {
      readonly e: "fail";
      readonly t: number;
      readonly s: string;
      readonly n: number;
      readonly a: number;
      readonly c?: 2;
      readonly why: string;
    }
  /** Nobody knows: reset, timeout, any other status. */
  | {
      readonly e: "info";
      readonly t: number;
      readonly s: string;
      readonly n: number;
      readonly a: number;
      readonly c?: 2;
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
  /**
   * A step fault is about to strike: so many of its members stand at their step. With `told` they stood before the tool's answer,
   * which has been written to them since. `held`: which ones and since when, where the proxy holds them; what the World holds is in
   * its own events.
   */
  | {
      readonly e: "exposed";
      readonly t: number;
      readonly id: string;
      readonly at: StepPoint;
      readonly members: number;
      readonly standing: number;
      readonly held?: readonly (readonly [session: string, sinceMs: number])[];
    }
  /** A fault was asked for; then proved to have landed; then cured. `proof` is a sentence. */
  | { readonly e: "fault"; readonly t: number; readonly id: string; readonly kind: string }
  | { readonly e: "landed"; readonly t: number; readonly id: string; readonly proof: string }
  | { readonly e: "cured"; readonly t: number; readonly id: string }
  /** A fault that could not be injected or proved: the trial says nothing about it. */
  | { readonly e: "missed"; readonly t: number; readonly id: string; readonly why: string }
  /**
   * What was left of the trial on the machine when all its endings had run, in numbers, and a name for each thing (no paths of the
   * machine). The last event; absent where the kernel does not tell.
   */
  | {
      readonly e: "clean";
      readonly t: number;
      readonly processes: number;
      readonly ports: number;
      readonly mounts: number;
      readonly directories: number;
      readonly left: readonly string[];
    }
  /** A process of the runtime cannot stay up and is not started any more. */
  | { readonly e: "gave-up"; readonly t: number; readonly reason: string }
  | SampleEvent
  /**
   * Once a second: time of the harness's and the runtime's cores (all cores and null where nothing is pinned), CPU time of our own
   * processes (`restCpuMs`: of those without a name), their open sockets, and time in which anybody waited. All but sockets are
   * cumulative; milliseconds.
   */
  | {
      readonly e: "machine";
      readonly t: number;
      readonly harness: CoreTime;
      readonly runtime: CoreTime | null;
      readonly cpuMs: Readonly<Record<HarnessProcessName, number>>;
      readonly restCpuMs: number;
      readonly sockets: Readonly<Record<HarnessProcessName, number>>;
      readonly pressure: Pressure | null;
    }
  /** Once a second for every process that may run on the other side's cores: on which of them, and whether it did so last. */
  | {
      readonly e: "stray";
      readonly t: number;
      readonly who: "harness" | "runtime";
      readonly pid: number;
      readonly comm: string;
      readonly cores: string;
      readonly ran: boolean;
    }
  | ObservedEvent;

/** Everything a checker may look at: the plan and the three witnesses, each in its own order. */
export interface History<Plan> {
  readonly plan: Plan;
  readonly driver: readonly DriverEvent[];
  readonly world: readonly WorldEvent[];
  readonly trial: readonly TrialEvent[];
}

/** File names of the witnesses in a trial's folder. */
export const HISTORY_FILES = { driver: "driver.ndjson", world: "world.ndjson", trial: "trial.ndjson" } as const;
