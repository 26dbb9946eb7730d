/** What the parts of a running World share. */
import type { Clock } from "../clock.ts";
import { assert } from "../errors.ts";
import type { WorldEvent } from "../history.ts";
import type { Cohort } from "../scenario.ts";
import type { IntervalRecorder } from "../statistics/interval-recorder.ts";
import type { Book } from "./book.ts";
import type { Holds } from "./holds.ts";
import type { EffectLedger } from "./ledger.ts";
import type { LocalResults } from "./local-results.ts";
import type { WorldSettings } from "./protocol.ts";
import type { TurnInput } from "./script.ts";
import type { Wheel } from "./wheel.ts";

export interface WorldState {
  readonly settings: Omit<WorldSettings, "type">;
  /** Trial time. */
  readonly clock: Clock;
  readonly wheel: Wheel;
  readonly book: Book;
  readonly ledger: EffectLedger;
  readonly localResults: LocalResults;
  /** How late each frame was written, in milliseconds. */
  readonly lateness: IntervalRecorder;
  readonly holds: Holds;
  readonly emit: (event: WorldEvent) => void;
}

/** The cohort of a session; sessions that were not planned belong to the default one. */
export function cohortOf({ settings }: WorldState, session: string): Cohort {
  const { scenario, sessions, defaultCohort } = settings;
  const name = Object.hasOwn(sessions, session) ? sessions[session] : undefined;
  const cohort = scenario.cohorts[name ?? defaultCohort];
  assert(cohort !== undefined, `cohort ${name ?? defaultCohort} of session ${session} is not in the scenario`);
  return cohort;
}

/** Names a turn for the script. */
export function turnInput(state: WorldState, session: string, turn: number, proof: boolean): TurnInput {
  const { seed, memoryMb } = state.settings;
  return { seed, memoryMb, cohort: cohortOf(state, session), session, turn, kind: proof ? "proof" : "ordinary" };
}
