/** What the trial's own events say: phases, faults and when everything was ready again. Part of the history index. */
import type { History, Phase, TrialEvent } from "../history.ts";
import type { TrialPlan } from "../trial.ts";
import type { FaultRecord } from "./history-index.ts";
import { changesOf, type ProcessChange, servedAgainMs } from "./served-again.ts";

/** One phase; `toMs` is where the next one begins, or the end of the recording. */
export interface PhaseSpan {
  readonly phase: Phase;
  readonly fromMs: number;
  readonly toMs: number;
}

/** One start of a process of the runtime. Requests to the World carry its number. */
export interface Incarnation {
  readonly i: number;
  readonly process: string;
  readonly replica: number;
  readonly startMs: number;
  /** Null if it never was. */
  readyMs: number | null;
  /** Null if it lived to the end of the recording. */
  exitMs: number | null;
}

/** The trial's side of a history index. */
export interface TrialFacts {
  readonly phases: readonly PhaseSpan[];
  readonly faults: readonly FaultRecord[];
  /** In the order of their starts. */
  readonly incarnations: readonly Incarnation[];
  /** When processes of the runtime ended, whoever did it; their end with the trial left out. */
  readonly exitsMs: readonly number[];
  /** When load began: the start of the warm-up, 0 if that is not in the history. */
  readonly loadMs: number;
  /** The last instant at which any witness wrote something. */
  readonly endMs: number;
}

/** The phase in which an instant lies; null before the load. */
export function phaseAt(phases: readonly PhaseSpan[], ms: number): Phase | null {
  return phases.findLast(({ fromMs }) => fromMs <= ms)?.phase ?? null;
}

/** The span of a phase, or null if the trial never came to it. */
export function spanOf(phases: readonly PhaseSpan[], phase: Phase): PhaseSpan | null {
  return phases.find((span) => span.phase === phase) ?? null;
}

function lastStamp(history: History<TrialPlan>): number {
  let last = 0;
  for (const events of [history.driver, history.world, history.trial])
    for (const event of events) if (event.t > last) last = event.t;
  return last;
}

function phasesOf(events: readonly TrialEvent[], endMs: number): PhaseSpan[] {
  const starts = events.filter((event) => event.e === "phase");
  return starts.map((start, index) => ({
    phase: start.phase,
    fromMs: start.t,
    toMs: starts[index + 1]?.t ?? Math.max(endMs, start.t),
  }));
}

function faultsOf(history: History<TrialPlan>): FaultRecord[] {
  const faults = new Map<string, FaultRecord>();
  const blank = { firedMs: null, exposed: null, landed: null, missed: null, curedMs: null, readyMs: null };
  for (const plan of history.plan.faults) faults.set(plan.id, { id: plan.id, kind: plan.kind, plan, ...blank });
  history.trial.forEach((event, at) => {
    if (event.e === "fault" && !faults.has(event.id))
      faults.set(event.id, { id: event.id, kind: event.kind, plan: null, ...blank });
    const fault = "id" in event ? faults.get(event.id) : undefined;
    if (fault === undefined) return;
    if (event.e === "fault") fault.firedMs = event.t;
    if (event.e === "exposed") fault.exposed = { at, event };
    if (event.e === "landed") fault.landed = { at, event };
    if (event.e === "missed") fault.missed = { at, event };
    if (event.e === "cured") fault.curedMs = event.t;
  });
  return [...faults.values()];
}

/** Every start that the events tell of; those before the first event are not known. */
function incarnationsOf(events: readonly TrialEvent[]): Incarnation[] {
  const incarnations = new Map<number, Incarnation>();
  for (const event of events) {
    if (event.e === "start") {
      const { i, process, replica, t: startMs } = event;
      incarnations.set(i, { i, process, replica, startMs, readyMs: null, exitMs: null });
    }
    const known = event.e === "ready" || event.e === "exit" ? incarnations.get(event.i) : undefined;
    if (known !== undefined && event.e === "ready") known.readyMs ??= event.t;
    if (known !== undefined && event.e === "exit") known.exitMs ??= event.t;
  }
  return [...incarnations.values()];
}

/**
 * The instant at which a fault was cured and the processes that it ended were all served again, null if that never came. Its doing
 * are the deaths at our hands before `untilMs`, and all others while it was in force: a runtime may die of its database's death.
 */
function readyAfter(changes: readonly ProcessChange[], fault: FaultRecord, untilMs: number): number | null {
  const { firedMs, curedMs } = fault;
  let ready = curedMs;
  for (const [at, exit] of changes.entries()) {
    if (exit.e !== "exit" || exit.t < (firedMs ?? untilMs)) continue;
    if (exit.t >= (exit.expected ? untilMs : (curedMs ?? untilMs))) continue;
    const back = servedAgainMs(changes, at);
    if (back === null) return null;
    ready = Math.max(ready ?? back, back);
  }
  return ready;
}

/** Reads the trial's events. */
export function readTrial(history: History<TrialPlan>): TrialFacts {
  const endMs = lastStamp(history);
  const phases = phasesOf(history.trial, endMs);
  const faults = faultsOf(history);
  const quietMs = spanOf(phases, "quiet")?.fromMs ?? endMs;
  const changes = changesOf(history.trial);
  for (const fault of faults) {
    const { firedMs } = fault;
    if (firedMs === null) continue;
    const untilMs = Math.min(quietMs, ...faults.map((other) => other.firedMs ?? quietMs).filter((ms) => ms > firedMs));
    fault.readyMs = readyAfter(changes, fault, untilMs);
  }
  const stopMs = spanOf(phases, "end")?.fromMs ?? Number.POSITIVE_INFINITY;
  const exitsMs = changes.flatMap((event) => (event.e === "exit" && event.t < stopMs ? [event.t] : []));
  return {
    phases,
    faults,
    incarnations: incarnationsOf(history.trial),
    exitsMs,
    loadMs: spanOf(phases, "warmup")?.fromMs ?? 0,
    endMs,
  };
}
