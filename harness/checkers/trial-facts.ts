/** What the trial's own events say: phases, faults and when everything was ready again. Part of the history index. */
import type { History, Phase, TrialEvent } from "../history.ts";
import type { TrialPlan } from "../trial.ts";
import type { FaultRecord } from "./history-index.ts";

/** One phase; `toMs` is where the next one begins, or the end of the recording. */
export interface PhaseSpan {
  readonly phase: Phase;
  readonly fromMs: number;
  readonly toMs: number;
}

/** The trial's side of a history index. */
export interface TrialFacts {
  readonly phases: readonly PhaseSpan[];
  readonly faults: readonly FaultRecord[];
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
  const blank = { firedMs: null, landed: null, missed: null, curedMs: null, readyMs: null };
  for (const plan of history.plan.faults) faults.set(plan.id, { id: plan.id, kind: plan.kind, plan, ...blank });
  history.trial.forEach((event, at) => {
    if (event.e === "fault" && !faults.has(event.id))
      faults.set(event.id, { id: event.id, kind: event.kind, plan: null, ...blank });
    const fault = "id" in event ? faults.get(event.id) : undefined;
    if (fault === undefined) return;
    if (event.e === "fault") fault.firedMs = event.t;
    if (event.e === "landed") fault.landed = { at, event };
    if (event.e === "missed") fault.missed = { at, event };
    if (event.e === "cured") fault.curedMs = event.t;
  });
  return [...faults.values()];
}

/** The instant at which the processes that ended between `firedMs` and `untilMs` at our hands were all ready again. */
function readyAfter(events: readonly TrialEvent[], firedMs: number, untilMs: number): number | null | "nothing ended" {
  let ready: number | null | "nothing ended" = "nothing ended";
  for (const exit of events) {
    if (exit.e !== "exit" || !exit.expected || exit.t < firedMs || exit.t >= untilMs) continue;
    const back = events.find(
      (event) =>
        event.e === "ready" && event.t >= exit.t && event.process === exit.process && event.replica === exit.replica,
    );
    if (back === undefined) return null;
    ready = typeof ready === "number" ? Math.max(ready, back.t) : back.t;
  }
  return ready;
}

/** Reads the trial's events. */
export function readTrial(history: History<TrialPlan>): TrialFacts {
  const endMs = lastStamp(history);
  const phases = phasesOf(history.trial, endMs);
  const faults = faultsOf(history);
  const quietMs = spanOf(phases, "quiet")?.fromMs ?? endMs;
  // Samples and collections are most of a trial's events and say nothing about processes.
  const processEvents = history.trial.filter(({ e }) => e === "exit" || e === "ready");
  for (const fault of faults) {
    const { firedMs } = fault;
    if (firedMs === null) continue;
    const untilMs = Math.min(quietMs, ...faults.map((other) => other.firedMs ?? quietMs).filter((ms) => ms > firedMs));
    const ready = readyAfter(processEvents, firedMs, untilMs);
    fault.readyMs = ready === "nothing ended" ? fault.curedMs : ready;
  }
  const stopMs = spanOf(phases, "end")?.fromMs ?? Number.POSITIVE_INFINITY;
  const exitsMs = processEvents.flatMap((event) => (event.e === "exit" && event.t < stopMs ? [event.t] : []));
  return { phases, faults, exitsMs, loadMs: spanOf(phases, "warmup")?.fromMs ?? 0, endMs };
}
