/** What the trial and the World process say to each other over the IPC channel. The World ends when the channel closes. */
import type { Scenario } from "../scenario.ts";
import type { ProcessHealth, WitnessHealth } from "../trial.ts";
import type { HoldOrder, HoldReport } from "./holds.ts";

/** First message to the World. */
export interface WorldSettings {
  readonly type: "settings";
  readonly seed: number;
  readonly scenario: Pick<Scenario, "cohorts" | "rebuy">;
  /** Cohort of each session; a session that is not listed belongs to `defaultCohort`. */
  readonly sessions: Readonly<Record<string, string>>;
  readonly defaultCohort: string;
  readonly memoryMb: number;
  /** CLOCK_MONOTONIC milliseconds at which trial time is 0. */
  readonly zeroMs: number;
  /** Files to append to; null keeps nothing (`world` and `chat` commands). */
  readonly historyFile: string | null;
  readonly histogramFile: string | null;
  /** 0 takes any. */
  readonly port: number;
  /** Address to listen on. Default: loopback. */
  readonly host?: string;
}
export type ToWorld =
  | WorldSettings
  /** Hold these turns at a step; each id once per World. */
  | ({ readonly type: "hold" } & HoldOrder)
  | { readonly type: "release"; readonly id: string }
  | { readonly type: "stop" };
export type FromWorld =
  | { readonly type: "listening"; readonly port: number }
  /** A member has reached its step, or was lost there, or all were let go (count 0). Several that come together are one report. */
  | ({ readonly type: "held" } & HoldReport)
  | {
      readonly type: "stopped";
      readonly frameLatenessMs: WitnessHealth["frameLatenessMs"];
      readonly health: ProcessHealth;
    }
  | { readonly type: "failed"; readonly reason: string };
