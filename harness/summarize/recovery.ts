/**
 * Recovery of the sessions that a fault touched. A session is touched by a turn that was pending or enabled between the fault
 * and the runtime being ready again; it has recovered with the first intact answer from that turn on. Its excess is
 * answer − (enabled + floor), minus the calm median of the cohort (0 where it
 * had no calm); what earlier turns waited in vain is added, think time is not.
 * A turn that two faults touched is one sample, of the first.
 */
import type { HistoryIndex } from "../checkers/history-index.ts";
import { turnsTouchedBy } from "../checkers/touched.ts";
import { RETRY } from "../driver/retry.ts";
import type { Cohort } from "../scenario.ts";
import { round, roundOrNull } from "../statistics/round.ts";
import { type SurvivalStep, type Survivor, survival, survivalQuantile, thinned } from "../statistics/survival.ts";
import { medianOf } from "../statistics/tail-quantiles.ts";
import type { Recovery } from "../summary.ts";
import type { PlannedFault } from "../trial.ts";
import type { TurnFigures } from "./turn-figures.ts";

const CURVE_POINTS_MOST = 60;
/** As everywhere, five samples lie beyond a percentile that is told. */
const P99_SAMPLES_LEAST = 500;

/** Milliseconds of excess until a touched session gave an intact answer, or since when it has not. */
export interface Sample extends Survivor {
  readonly end: "recovered" | "amnesiac" | "never";
}

/** What became of a touched session. @param following its turns in order, from the touched one on. */
export function recoveryFrom(following: readonly TurnFigures[], calmMs: number): Sample {
  let waitedMs = 0;
  for (const figures of following) {
    if (figures.end === "answered" && figures.intact)
      return { ms: waitedMs + figures.overheadMs - calmMs, happened: true, end: "recovered" };
    waitedMs += Math.max(0, figures.overheadMs);
  }
  // A conversation that is forgotten never comes back, however long one waits; one without an answer may only need longer.
  return following.some(({ end }) => end === "answered")
    ? { ms: Number.POSITIVE_INFINITY, happened: false, end: "amnesiac" }
    : { ms: waitedMs - calmMs, happened: false, end: "never" };
}

function resolutionOf({ client }: Cohort): number {
  return client.retry === "eager" ? RETRY.eagerFirstMs.high : client.timeoutMs;
}

function curveOf(steps: readonly SurvivalStep[], touched: number): Recovery["curve"] {
  if (touched === 0) return [];
  const drawn = thinned(steps, CURVE_POINTS_MOST - 1);
  return [[0, 1], ...drawn.map(([ms, left]) => [round(Math.max(0, ms), 0), round(left, 4)] as const)];
}

/** Turns of each session in order, by session id. */
export function bySession(turns: readonly TurnFigures[]): Map<string, TurnFigures[]> {
  const sessions = new Map<string, TurnFigures[]>();
  for (const figures of turns) {
    const known = sessions.get(figures.session.id);
    if (known === undefined) sessions.set(figures.session.id, [figures]);
    else known.push(figures);
  }
  return sessions;
}

/** By what a turn was touched first: a fault of the plan, or nothing that has a plan. */
type TouchedTurns = ReadonlyMap<number, PlannedFault | null>;

/** The first turn of each session that each landed fault touched, and turns that were told to crash themselves; each turn once. */
function firstTouched(index: HistoryIndex): ReadonlyMap<string, TouchedTurns> {
  const touched = new Map<string, Map<number, PlannedFault | null>>();
  const add = (session: string, number: number, by: PlannedFault | null): void => {
    const numbers = touched.get(session) ?? new Map<number, PlannedFault | null>();
    touched.set(session, numbers);
    if (!numbers.has(number)) numbers.set(number, by);
  };
  for (const fault of index.faults) {
    const seen = new Set<string>();
    for (const { session, number } of turnsTouchedBy(index, fault)) {
      if (!seen.has(session)) add(session, number, fault.plan);
      seen.add(session);
    }
  }
  for (const { event } of index.crashes) add(event.s, event.n, null);
  return touched;
}

/** What became of touched sessions, in figures. */
export interface RecoveryFigures {
  readonly touched: number;
  /** Touched sessions that went on and had kept everything. */
  readonly recovered: number;
  /** Touched sessions that answered but only without their memory. */
  readonly amnesiac: number;
  /** Touched sessions that never gave an intact answer. */
  readonly never: number;
  readonly medianMs: number | null;
  readonly p90Ms: number | null;
  /** Null of fewer than 500 touched sessions too; absent from older summaries. */
  readonly p99Ms?: number | null;
  readonly maxMs: number | null;
}

export function recoveryFigures(samples: readonly Sample[]): RecoveryFigures {
  const ended = (end: Sample["end"]): number => samples.filter((sample) => sample.end === end).length;
  const steps = survival(samples);
  const recovered = ended("recovered");
  const all = samples.length > 0 && recovered === samples.length;
  return {
    touched: samples.length,
    recovered,
    amnesiac: ended("amnesiac"),
    never: ended("never"),
    medianMs: roundOrNull(survivalQuantile(steps, 0.5), 0),
    p90Ms: roundOrNull(survivalQuantile(steps, 0.9), 0),
    p99Ms: samples.length < P99_SAMPLES_LEAST ? null : roundOrNull(survivalQuantile(steps, 0.99), 0),
    maxMs: all ? roundOrNull(survivalQuantile(steps, 1), 0) : null,
  };
}

/** Recovery from faults after which dead processes were started again this much later. */
export interface RecoveryByRestart extends RecoveryFigures {
  readonly restartAfterMs: number;
}

/** One entry per delay, ascending; empty where all faults of the plan have the same. */
function byRestart(samples: readonly TouchedSample[]): RecoveryByRestart[] {
  const delays = [...new Set(samples.flatMap(({ by }) => by?.restartAfterMs ?? []))].sort((a, b) => a - b);
  if (delays.length < 2) return [];
  return delays.map((restartAfterMs) => ({
    restartAfterMs,
    ...recoveryFigures(samples.filter(({ by }) => by?.restartAfterMs === restartAfterMs)),
  }));
}

interface TouchedSample extends Sample {
  readonly by: PlannedFault | null;
}

/** Recovery of the cohorts that the scenario observes. Empty where nothing happened that they could recover from. */
export function recoveryOf(
  index: HistoryIndex,
  turns: readonly TurnFigures[],
  cohorts: Readonly<Record<string, Cohort>>,
  observed: readonly string[],
): Recovery[] {
  const landed = index.faults.filter((fault) => fault.landed !== null).length;
  if (landed + index.crashes.length === 0) return [];
  const touched = firstTouched(index);
  const sessions = bySession(turns);
  return observed.flatMap((name) => {
    const cohort = cohorts[name];
    if (cohort === undefined) return [];
    const calm = turns.filter(({ turn, phase, end }) => turn.cohort === name && phase === "calm" && end === "answered");
    const calmMs = medianOf(calm.map(({ overheadMs }) => overheadMs)) ?? 0;
    const samples = [...sessions.values()].flatMap((own) =>
      own[0]?.turn.cohort !== name
        ? []
        : own.flatMap(({ session, turn }, place) => {
            const by = touched.get(session.id)?.get(turn.number);
            return by === undefined ? [] : { ...recoveryFrom(own.slice(place), calmMs), by };
          }),
    );
    const delays = byRestart(samples);
    const crashes = index.crashes.filter(({ event }) => index.session.get(event.s)?.cohort === name).length;
    return {
      cohort: name,
      faults: landed + crashes,
      ...recoveryFigures(samples),
      ...(delays.length > 0 && { byRestart: delays }),
      curve: curveOf(survival(samples), samples.length),
      resolutionMs: resolutionOf(cohort),
    };
  });
}
