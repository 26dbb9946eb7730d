/** What the trial and the World process say to each other over the IPC channel. The World ends when the channel closes. */
import type { Scenario } from "../scenario.ts";
import type { WitnessHealth } from "../trial.ts";

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
  /** Loopback port; 0 takes any. */
  readonly port: number;
}
export type ToWorld = WorldSettings | { readonly type: "stop" };
export type FromWorld =
  | { readonly type: "listening"; readonly port: number }
  | {
      readonly type: "stopped";
      readonly frameLatenessMs: WitnessHealth["frameLatenessMs"];
      readonly loopDelayMaxMs: number;
    }
  | { readonly type: "failed"; readonly reason: string };
