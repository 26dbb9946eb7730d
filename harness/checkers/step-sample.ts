/** The sample of a step fault: the turns that stood at its step when it landed. All others were hit elsewhere. */
import type { PlannedStep } from "../trial.ts";
import type { FaultRecord, HistoryIndex, TurnRecord } from "./history-index.ts";

/** A step fault that landed, and whom it met where it should. */
export interface StepSample {
  readonly fault: FaultRecord;
  readonly step: PlannedStep;
  readonly landedMs: number;
  readonly turns: readonly TurnRecord[];
}

/** Whether a turn has asked the model for a step by an instant, those requests aside that successors made. */
const hasAsked = ({ asks }: TurnRecord, step: number, ms: number, successors: ReadonlySet<number>): boolean =>
  asks.some(({ event }) => event.k === step && event.t <= ms && !successors.has(event.i));

/** Whether the answer of the step's call was written to a caller that was there. */
const wasTold = ({ tools }: TurnRecord, { step, call }: PlannedStep, ms: number): boolean =>
  tools.some(
    ({ asked, told }) =>
      asked.event.k === step && asked.event.c === call && told !== null && !told.event.aborted && told.event.t <= ms,
  );

/** Whether the World held the turn for this fault from before it landed until it was about to strike, or longer. */
function stood({ holds }: TurnRecord, id: string, exposedMs: number, landedMs: number): boolean {
  return holds.some(
    ({ held, released }) =>
      held.event.id === id && held.event.t <= landedMs && (released?.event.t ?? Number.POSITIVE_INFINITY) >= exposedMs,
  );
}

/** The sample of a landed step fault; null of any other fault. */
export function stepSampleOf(index: HistoryIndex, fault: FaultRecord): StepSample | null {
  const step = fault.plan?.atStep;
  if (step === undefined || fault.exposed === null || fault.landed === null) return null;
  const exposed = fault.exposed.event;
  const landedMs = fault.landed.event.t;
  // A second owner that is there when the fault has landed may have gone on already with what the first left.
  const born = index.incarnations.filter(({ startMs }) => startMs > (fault.firedMs ?? landedMs));
  const successors = new Set(born.map(({ i }) => i));
  const kept = exposed.held === undefined ? null : new Set(exposed.held.map(([session]) => session));
  const isThere = (turn: TurnRecord): boolean =>
    kept === null ? stood(turn, fault.id, exposed.t, landedMs) : kept.has(turn.session);
  // Behind these two nobody is held in time to be sure: who has gone on is not in the sample.
  const isStill = (turn: TurnRecord): boolean =>
    step.at === "told"
      ? wasTold(turn, step, landedMs) && !hasAsked(turn, step.step + 1, landedMs, successors)
      : step.at !== "delivered" || !hasAsked(turn, 1, landedMs, successors);
  const turns = step.members.flatMap((id) => index.session.get(id)?.turn.get(step.turn) ?? []);
  return { fault, step, landedMs, turns: turns.filter((turn) => isThere(turn) && isStill(turn)) };
}

interface Kept {
  readonly fromMs: number;
  readonly toMs: number;
}

const NOTHING: readonly Kept[] = [];
const known = new WeakMap<HistoryIndex, ReadonlyMap<string, readonly Kept[]>>();
const keyOf = (session: string, turn: number): string => `${session} ${turn}`;

function allKept(index: HistoryIndex): ReadonlyMap<string, readonly Kept[]> {
  const kept = new Map<string, Kept[]>();
  for (const { plan, exposed, landed, missed } of index.faults) {
    const step = plan?.atStep;
    if (step === undefined || exposed === null) continue;
    // A request is let over the brink right before the strike, an answer when the fault has landed, or could not.
    const landedMs = (landed ?? missed)?.event.t ?? index.endMs;
    const toMs = step.at === "delivered" ? exposed.event.t : landedMs;
    for (const [session, fromMs] of exposed.event.held ?? []) kept.set(keyOf(session, step.turn), [{ fromMs, toMs }]);
  }
  return kept;
}

/** When the proxy kept a request or an answer of a turn for a step fault. */
export function keptAtProxy(index: HistoryIndex, { session, number }: TurnRecord): readonly Kept[] {
  let kept = known.get(index);
  if (kept === undefined) {
    kept = allKept(index);
    known.set(index, kept);
  }
  return kept.size === 0 ? NOTHING : (kept.get(keyOf(session, number)) ?? NOTHING);
}
