/** What a trial had in it that could break a promise: faults by role, crashes and whom they hurt, reads. */
import { answersOf } from "../checkers/answers.ts";
import { finalRead, shownBy } from "../checkers/final-read.ts";
import type { FaultRecord, HistoryIndex, TurnRecord } from "../checkers/history-index.ts";
import { sharedSpans, supersessionsOf } from "../checkers/owners.ts";
import { interruptionsOf, repeatsOf } from "../checkers/repeats.ts";
import { turnsTouchedBy } from "../checkers/touched.ts";
import type { Cohort, LocalTool, Role } from "../scenario.ts";
import type { TrialPlan } from "../trial.ts";
import { localCallsOf } from "../world/script.ts";
import { type Earliness, earlinessOf } from "./streaming.ts";
import { type TimersMet, timersMet } from "./timers-met.ts";

/** Local tools that keep a core busy. */
const BURNING: readonly LocalTool[] = ["parse_document", "search_memory", "burn_cpu"];
/** What breaks within this long after a crash is taken for its doing. */
const CRASH_REACH_MS = 1_000;

export interface TrialExposure {
  readonly landedFaults: number;
  readonly appKills: number;
  readonly storeKills: number;
  /** Times at which two copies of a process were alive at once. */
  readonly secondOwners: number;
  /** Sessions that are known to have been taken over while their owner stood still. */
  readonly superseded: number;
  /** Timers that a kill met, and those of them that did not fire in time. */
  readonly timers: TimersMet;
  /** Turns that had asked the model when a fault landed or they crashed, and had not ended. */
  readonly interruptedTurns: number;
  readonly crashes: number;
  /** Turns of bystanders that lost an attempt to a crash, or had to be begun again because of one; none that a fault hit as well. */
  readonly bystandersInterrupted: number;
  readonly bystanders: readonly string[];
  /** Whether a cohort begins with the fault phase and burns CPU. */
  readonly cpuHogs: boolean;
  /** Final reads; refused: neither shown nor "unknown session"; disagreeing: shows another answer than the client got. */
  readonly reads: { readonly all: number; readonly refused: number; readonly disagreeing: number };
  /** Streamed turns that were answered at their first attempt, and the share of their tokens read before they ended. */
  readonly streams: Earliness;
}

/** A server of the harness's own is a store too, whoever's process it is; so is one that was shut down without writing anything out. */
function killsStore({ kind, plan }: FaultRecord): boolean {
  return kind === "postgres-kill" || (kind === "postgres-restart" && plan?.with.how === "immediate");
}

function killsOf(index: HistoryIndex, role: Role): number {
  const kills = (fault: FaultRecord): boolean =>
    fault.kind === "kill" ? fault.plan?.role === role : role === "store" && killsStore(fault);
  return index.faults.filter((fault) => kills(fault) && fault.landed !== null).length;
}

function interruptedBy(index: HistoryIndex): number {
  const begun = new Set<TurnRecord>();
  for (const fault of index.faults)
    for (const turn of turnsTouchedBy(index, fault))
      if (turn.asks.some(({ event }) => event.t < (fault.firedMs ?? 0))) begun.add(turn);
  for (const { event } of index.crashes) {
    const turn = index.session.get(event.s)?.turn.get(event.n);
    if (turn !== undefined) begun.add(turn);
  }
  return begun.size;
}

function bystandersInterrupted(index: HistoryIndex, bystanders: readonly string[]): number {
  if (index.crashes.length === 0) return 0;
  const interruptions = interruptionsOf(index);
  const crashedNear = (fromMs: number, toMs: number): boolean =>
    index.crashes.some(({ event }) => event.t <= toMs && event.t + CRASH_REACH_MS >= fromMs);
  // What a fault of the harness hit was interrupted by that: nobody can tell what the crash would have done to it.
  const struck = new Set(index.faults.flatMap((fault) => turnsTouchedBy(index, fault)));
  const hurt = (turn: TurnRecord): boolean =>
    !struck.has(turn) &&
    (turn.attempts.some(
      ({ invoked, ended }) =>
        (ended?.event.e === "info" || ended?.event.e === "fail") && crashedNear(invoked.event.t, ended.event.t),
    ) ||
      repeatsOf(turn, interruptions).some(({ kind }) => kind !== "provoked"));
  return index.sessions.flatMap(({ cohort, turns }) => (bystanders.includes(cohort) ? turns.filter(hurt) : [])).length;
}

function readsOf(index: HistoryIndex): TrialExposure["reads"] {
  let [all, refused, disagreeing] = [0, 0, 0];
  for (const session of index.sessions) {
    const read = finalRead(index, session);
    if (read === null) continue;
    all += 1;
    if (shownBy(read) === null) refused += 1;
    const differs = [...answersOf(session).values()].some((answers) =>
      answers.some(({ output }) => output !== answers[0]?.output),
    );
    if (differs) disagreeing += 1;
  }
  return { all, refused, disagreeing };
}

const burns = (cohort: Cohort): boolean =>
  cohort.startsIn === "fault" && localCallsOf(cohort).some(([tool]) => (BURNING as readonly string[]).includes(tool));

/** Counts what a trial exposed its runtime to. */
export function exposureOf(plan: TrialPlan, index: HistoryIndex): TrialExposure {
  const { cohorts, observe } = plan.definition;
  const bystanders = observe.bystanders ?? [];
  return {
    landedFaults: index.faults.filter(({ landed }) => landed !== null).length,
    appKills: killsOf(index, "app"),
    storeKills: killsOf(index, "store"),
    secondOwners: sharedSpans(index).length,
    superseded: supersessionsOf(index).length,
    timers: timersMet(plan, index),
    interruptedTurns: interruptedBy(index),
    crashes: index.crashes.length,
    bystandersInterrupted: bystandersInterrupted(index, bystanders),
    bystanders,
    cpuHogs: bystanders.length > 0 && Object.values(cohorts).some(burns),
    reads: readsOf(index),
    streams: earlinessOf(
      plan,
      index.sessions.flatMap(({ turns }) => turns),
    ),
  };
}
