/**
 * Live: what a running campaign tells those who watch it, as a stream of small events that can be sent as they are.
 *
 * These are first looks, not results: "answered" counts whole answers as the driver reads them, whether a runtime has forgotten its
 * conversation is judged afterwards, and overhead still contains the time for which a step fault held a turn. Reports are never
 * made of this.
 */
import type { Phase } from "./history.ts";
import type { Validity } from "./summary.ts";
import type { CampaignPlan, TrialOutcome, TrialPlan } from "./trial.ts";

/** Rows of the heat map per doubling of the overhead. */
export const BUCKETS_PER_OCTAVE = 4;
/** Overhead beyond 2^17 ms (131 s) counts in the last bucket. */
export const LAST_BUCKET = 17 * BUCKETS_PER_OCTAVE;

/** The bucket of a duration: 0 up to 1 ms (and below nothing), then four for each doubling. */
export function bucketOf(ms: number): number {
  return ms <= 1 ? 0 : Math.min(LAST_BUCKET, Math.floor(Math.log2(ms) * BUCKETS_PER_OCTAVE) + 1);
}

/** Overhead of the turns that were answered in one second. */
export interface LiveOverhead {
  /** Milliseconds; null where no turn was answered. */
  readonly p50Ms: number | null;
  readonly maxMs: number | null;
  /** [bucket, turns], in order of buckets; empty ones left out. */
  readonly buckets: readonly (readonly [number, number])[];
}

/** What the driver counted in one second of the load, proof turns left out. */
export interface DriverSecond {
  /** Second of the load, from 0. */
  readonly second: number;
  readonly offered: number;
  readonly answered: number;
  /** Turns that the runtime ended for good without an answer. */
  readonly failed: number;
  /** Attempts that were refused or lost; their turns are asked for again. */
  readonly setbacks: number;
  /** Turns that passed their deadline. */
  readonly late: number;
  readonly overhead: LiveOverhead;
  /** At the end of the second. */
  readonly live: number;
  readonly pending: number;
  readonly proved: number;
  readonly toProve: number;
}

/** What happens within a trial. `atS`: seconds since its load began, 0 before. */
export type TrialLive =
  | ({ readonly e: "second" } & DriverSecond)
  | { readonly e: "phase"; readonly atS: number; readonly phase: Phase }
  | {
      readonly e: "fault";
      readonly atS: number;
      readonly id: string;
      /** fired: asked for. landed: proved. cured: the runtime is whole again. missed: it came to nothing. */
      readonly state: "fired" | "landed" | "cured" | "missed";
      /** The kind, the proof, nothing, or why. */
      readonly says: string;
    }
  | {
      readonly e: "process";
      readonly atS: number;
      readonly name: string;
      /** died: nobody of us did it. */
      readonly state: "started" | "ready" | "ended" | "died" | "gave up";
      /** Why, of one that is not started any more. */
      readonly says: string;
    };

/** A trial as it stands in the plan. */
export interface LivePlannedTrial {
  readonly id: string;
  readonly scenario: string;
  readonly runner: string;
  readonly block: number;
  /** Expected length in milliseconds, start-up and proof turns included. */
  readonly durationMs: number;
}

export type LiveEvent =
  /** Told again when blocks are added. */
  | {
      readonly e: "campaign";
      readonly id: string;
      readonly profile: string;
      readonly seed: string;
      readonly trials: readonly LivePlannedTrial[];
      /** How buckets of overhead are cut: `bucketOf`. */
      readonly bucketsPerOctave: number;
    }
  | { readonly e: "note"; readonly says: string }
  | {
      readonly e: "begin";
      readonly trial: string;
      readonly asks: string;
      readonly faults: readonly { readonly id: string; readonly kind: string; readonly role: string }[];
    }
  | TrialLive
  | {
      readonly e: "end";
      readonly trial: string;
      readonly status: TrialOutcome["status"];
      readonly reason: string | null;
    }
  /** What the certificate of a recorded trial will say. */
  | ({ readonly e: "verdict"; readonly trial: string } & Pick<Validity, "verdict" | "reasons">)
  /** The last event. `report`: path of the report from where the command was given; null where there is none. */
  | { readonly e: "finished"; readonly report: string | null; readonly says: string };

export function liveCampaign({ id, profile, seed, trials }: CampaignPlan): LiveEvent {
  const planned = trials.map(({ id: trial, scenario, runner, block, load }) => ({
    id: trial,
    scenario,
    runner,
    block,
    durationMs: load.durationMs,
  }));
  return { e: "campaign", id, profile, seed, trials: planned, bucketsPerOctave: BUCKETS_PER_OCTAVE };
}

export function liveBegin({ id, definition, faults }: TrialPlan): LiveEvent {
  const planned = faults.map(({ id: fault, kind, role }) => ({ id: fault, kind, role }));
  return { e: "begin", trial: id, asks: definition.asks, faults: planned };
}
