/**
 * Whether a request meets the fault of its step: by the count of attempts, or until the runtime has repaired it.
 *
 * A repair is known by its kind, never by comparing prompts: frameworks put clocks and random texts into theirs, and a blind
 * retry must not pass for a repair. The nonce of spoiled calls is their own mark.
 */

import { writeMarker } from "../identity.ts";
import type { CureKind, FaultCure, StepFault } from "../scenario.ts";
import type { Ailment, StepCounts } from "./book.ts";

/** What of a request for a step is looked at. */
export interface Repairable {
  readonly session: string;
  readonly turn: number;
  readonly step: number;
  readonly body: Buffer;
  readonly arrivedMs: number;
  /** The purchase of this very step whose calls the request brings results of: the model is told of them. */
  readonly toldOf: number | undefined;
  /** Turns whose links the request carries. */
  readonly links: () => readonly number[];
}

const SHOWS: Readonly<Record<CureKind, (asked: Repairable, ailment: Ailment, cure: FaultCure) => boolean>> = {
  told: ({ toldOf }, { spoiled }) => toldOf !== undefined && spoiled.has(toldOf),
  dropped: (asked, { spoiled, links }) => {
    const { session, turn, step, body } = asked;
    const nonces = [...spoiled].map((purchase) => writeMarker({ session, turn, step, call: 0, purchase }));
    if (spoiled.size === 0 || nonces.some((nonce) => body.includes(nonce))) return false;
    const carried = new Set(asked.links());
    return [...links].every((link) => carried.has(link));
  },
  compacted: ({ body }, _, { maxBytes = 0 }) => body.length <= maxBytes,
  waited: ({ arrivedMs }, { lastMs }, { waitMs = 0 }) => arrivedMs - lastMs >= waitMs,
};

/** The repair that a request shows, if the fault has been met before and a cure names it. */
export function repairIn(fault: StepFault, { ailment }: StepCounts, asked: Repairable): CureKind | undefined {
  const { cure } = fault;
  if (cure === undefined || ailment === undefined) return undefined;
  return cure.by.find((kind) => SHOWS[kind](asked, ailment, cure));
}

/** Whether a fault is in force for an attempt, its repairs (this one's included) being counted in the ailment. */
export function inForce(fault: StepFault, byDefault: number | "all", { ailment, requests }: StepCounts): boolean {
  const { attempts = byDefault, cure } = fault;
  if (cure !== undefined) return (ailment?.cures ?? 0) < (cure.times ?? 1);
  return attempts === "all" || requests <= attempts;
}

/** Notes that a request meets the fault. */
export function noteMet(counts: StepCounts, asked: Repairable): Ailment {
  counts.ailment ??= { cures: 0, lastMs: asked.arrivedMs, links: new Set(asked.links()), spoiled: new Set() };
  counts.ailment.lastMs = asked.arrivedMs;
  return counts.ailment;
}
