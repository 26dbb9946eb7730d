/** What the trial and the driver process say to each other over the IPC channel. The driver ends when the channel closes. */
import type { DriverSecond } from "../live.ts";
import type { Mapping } from "../runner.ts";
import type { Scenario } from "../scenario.ts";
import type { PlannedSession, ProcessHealth, WitnessHealth } from "../trial.ts";

/** First message to the driver: it prepares and answers "prepared", then waits for "begin". */
export interface DriverSettings {
  readonly type: "settings";
  readonly seed: number;
  readonly scenario: Pick<Scenario, "cohorts">;
  readonly sessions: readonly PlannedSession[];
  readonly mapping: Mapping;
  /** How a turn is asked for as a stream, where the runner offers it (`mappingsOf`). */
  readonly streamMapping?: Mapping;
  readonly baseUrl: string;
  readonly zeroMs: number;
  readonly historyFile: string;
  readonly histogramFile: string;
  readonly proofsPerSecond: number;
  /** Only where somebody watches: the driver then tells each second of the load. `memoryMb` is the runtime's, as the World has it. */
  readonly live?: { readonly memoryMb: number };
}

/**
 * begin: load starts at this trial time. summon: a cohort that starts in "step" begins. hold: offer no new turns (heal and quiet); pending ones go on being asked for.
 * prove: ask once more for interrupted turns of `never` clients, then one proof turn and one read per session that ever had a turn.
 */
export type ToDriver =
  | DriverSettings
  | { readonly type: "begin"; readonly atMs: number }
  | { readonly type: "faultPhase"; readonly atMs: number }
  | { readonly type: "summon"; readonly cohort: string; readonly atMs: number }
  | { readonly type: "hold" }
  | { readonly type: "prove" }
  | { readonly type: "stop" };
export type FromDriver =
  | { readonly type: "prepared" }
  /** Every 100 ms, and at once when `acknowledged` passes a watched number. */
  | {
      readonly type: "progress";
      readonly acknowledged: number;
      readonly offered: number;
      readonly live: number;
      readonly pending: number;
      readonly proved: number;
      readonly toProve: number;
    }
  /** Where it was asked for, at the end of each second of the load. */
  | ({ readonly type: "second" } & DriverSecond)
  | { readonly type: "proved" }
  | { readonly type: "stopped"; readonly startLagMs: WitnessHealth["startLagMs"]; readonly health: ProcessHealth }
  | { readonly type: "failed"; readonly reason: string };
