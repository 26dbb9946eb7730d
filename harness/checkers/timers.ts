/**
 * Timers: every wait on the runtime's own timer (the local tool `sleep`) that the script made a turn take, and the next acts that
 * followed it. A timer begins when the frame that completed its call is about to be written, and fires with the next request to the
 * model that stands on that completion.
 */
import type { Cohort } from "../scenario.ts";
import type { TrialPlan } from "../trial.ts";
import { localCallsOf } from "../world/script.ts";
import type { HistoryIndex, Purchase, TurnRecord, WorldSeen } from "./history-index.ts";
import { scriptOf } from "./logical-calls.ts";

/** One timer: one completion that asked for a wait. */
export interface Timer {
  readonly turn: TurnRecord;
  readonly purchase: Purchase;
  readonly startMs: number;
  /** When a wait for the same step first began; before `startMs` only where the completion was bought again. */
  readonly firstStartMs: number;
  readonly sleepMs: number;
  /** Requests for the next step that stand on this completion, in order. */
  readonly firings: readonly WorldSeen<"ask">[];
}

function timersOfTurn(plan: TrialPlan, turn: TurnRecord): Timer[] {
  const steps = scriptOf(plan, turn)?.steps ?? [];
  return steps.flatMap(({ calls }, index) => {
    // Parallel calls are joined, so the longest wait is the one that counts.
    const sleepMs = Math.max(0, ...calls.flatMap(({ tool, takesMs }) => (tool === "sleep" ? takesMs : [])));
    if (sleepMs === 0) return [];
    const written = turn.purchases.filter(({ step, said }) => step === index + 1 && said?.event.end === "done");
    const firstStartMs = Math.min(...written.map(({ said }) => said?.event.t ?? Number.POSITIVE_INFINITY));
    return written.flatMap((purchase): Timer[] => {
      const startMs = purchase.said?.event.t;
      if (startMs === undefined) return [];
      const firings = turn.asks.filter(({ event }) => event.k === index + 2 && event.of === purchase.number);
      return [{ turn, purchase, startMs, firstStartMs, sleepMs, firings }];
    });
  });
}

const sleeping = new WeakMap<Cohort, boolean>();

/** Whether a script of the cohort waits on the runtime's own timer. */
export function sleeps(cohort: Cohort): boolean {
  let known = sleeping.get(cohort);
  if (known === undefined) {
    known = localCallsOf(cohort).some(([tool]) => tool === "sleep");
    sleeping.set(cohort, known);
  }
  return known;
}

const sleepers = new WeakMap<HistoryIndex, readonly Timer[]>();

/** All timers of a trial; empty where no script sleeps. */
export function timersOf(plan: TrialPlan, index: HistoryIndex): readonly Timer[] {
  let timers = sleepers.get(index);
  if (timers === undefined) {
    timers = index.sessions.flatMap(({ cohort, turns }) => {
      const own = plan.definition.cohorts[cohort];
      return own !== undefined && sleeps(own) ? turns.flatMap((turn) => timersOfTurn(plan, turn)) : [];
    });
    sleepers.set(index, timers);
  }
  return timers;
}
