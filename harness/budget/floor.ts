/**
 * The distance from the limit: what the user of a perfect runtime would wait beyond the script on this machine. The script's delays
 * are no overhead already; what is left for anybody are the bytes that must travel and, for who promises to keep what was
 * acknowledged, one commit.
 */
import type { TrialWork } from "../summarize/work.ts";
import type { Primitives } from "./primitives.ts";

export interface OverheadFloor {
  /** Requests that follow one another within a turn: the client's, and those to model and tools. */
  readonly roundTrips: number;
  readonly roundTripsMs: number;
  /** 0 where nothing must be kept. */
  readonly commitMs: number;
  readonly floorMs: number;
}

/** Null where no turn was acknowledged. @param durable whether an acknowledged turn has to be on disk */
export function overheadFloor(
  work: Pick<TrialWork, "turns" | "modelCalls" | "toolCalls">,
  durable: boolean,
  { roundTripMs, commitMs }: Pick<Primitives, "roundTripMs" | "commitMs">,
): OverheadFloor | null {
  if (work.turns === 0) return null;
  const roundTrips = 1 + (work.modelCalls + work.toolCalls) / work.turns;
  const [roundTripsMs, kept] = [roundTrips * roundTripMs, durable ? commitMs : 0];
  return { roundTrips, roundTripsMs, commitMs: kept, floorMs: roundTripsMs + kept };
}
