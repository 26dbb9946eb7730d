/**
 * What a fault does at each step of a turn: figures of the sessions that were held there and of nobody else.
 *
 * Everything is looked up before the next fault strikes, so that each step answers for its own damage alone.
 */
import { gapsIn } from "../checkers/context.ts";
import type { HistoryIndex, SessionRecord, TurnRecord } from "../checkers/history-index.ts";
import { logicalCallsOf } from "../checkers/logical-calls.ts";
import { interruptionsOf, repeatsOf } from "../checkers/repeats.ts";
import { type StepSample, stepSampleOf } from "../checkers/step-sample.ts";
import type { StepPoint } from "../scenario.ts";
import { medianOf } from "../statistics/tail-quantiles.ts";
import type { Prices, RepeatClass } from "../summary.ts";
import type { PlannedFault, TrialPlan } from "../trial.ts";
import { resolveTurn } from "../world/script.ts";
import { costOf } from "./economy.ts";
import { bySession, type RecoveryFigures, recoveryFigures, recoveryFrom } from "./recovery.ts";
import type { TurnFigures } from "./turn-figures.ts";

/** With fewer members at the step its figures are "not enough". */
const SAMPLE_LEAST = 30;

/** Acknowledged turns that the model was not shown afterwards, and what they had cost. */
export interface ForgottenTurns {
  readonly turns: number;
  readonly sessions: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly dollars: number;
}

/** One step fault, and what became of the sessions that it met at its step. */
export interface StepSummary {
  readonly fault: string;
  readonly kind: string;
  readonly at: StepPoint;
  readonly turn: number;
  /** Of delivered and answered the first; it says nothing there. */
  readonly step: number;
  /** Name of the tool whose call was held; null where none is called there. */
  readonly tool: string | null;
  /** Why the fault did not strike; then nobody is in the sample. */
  readonly missed: string | null;
  readonly members: number;
  /** Members that stood at the step when the fault landed: the sample. */
  readonly held: number;
  /** Other turns that were pending then. */
  readonly elsewhere: number;
  /** A smaller sample says nothing. */
  readonly needed: number;
  /** Turns that clients of the sample had been told by the time of the read that `lostByRead` goes by. */
  readonly acknowledged: number;
  /** Of these, missing in that read: the last before the next fault; null without reads. */
  readonly lostByRead: number | null;
  readonly forgotten: ForgottenTurns;
  /** Completions of the held turns that were bought again. */
  readonly repeats: {
    readonly provoked: RepeatClass;
    readonly unavoidable: RepeatClass;
    readonly avoidable: RepeatClass;
  };
  /** Calls of the held turns whose effect was applied more than once. */
  readonly doubled: { readonly keyed: number; readonly plain: number };
  readonly recovery: RecoveryFigures;
}

/** What the figures of a step are made of. */
interface Scene {
  readonly plan: TrialPlan;
  readonly index: HistoryIndex;
  readonly prices: Prices;
  readonly readable: boolean;
  readonly figures: ReadonlyMap<string, readonly TurnFigures[]>;
  /** Median overhead in calm. */
  readonly calmMs: number;
}

/** When the next fault was about to strike; what shows later may be its doing. */
function untilMs(index: HistoryIndex, landedMs: number): number {
  const later = index.faults.flatMap(({ firedMs }) => (firedMs !== null && firedMs > landedMs ? [firedMs] : []));
  return Math.min(...later, Number.POSITIVE_INFINITY);
}

/** The last of these before the next fault, or where there is none the first after it. */
function lastBefore<Of>(all: readonly Of[], atMs: (one: Of) => number, fromMs: number, toMs: number): Of | undefined {
  const after = all.filter((one) => atMs(one) > fromMs);
  return after.findLast((one) => atMs(one) < toMs) ?? after[0];
}

/** Turns that were acknowledged, and those of them that a read after the fault does not show. */
function lostOf(sessions: readonly SessionRecord[], fromMs: number, toMs: number) {
  let [acknowledged, lost] = [0, 0];
  for (const { reads, turns } of sessions) {
    const shown = reads.filter(({ event }) => event.turns !== undefined || event.status === 404);
    const read = lastBefore(shown, ({ event }) => event.began, fromMs, toMs)?.event;
    if (read === undefined) continue;
    const there = new Set(read.turns?.map(([turn]) => turn));
    const due = turns.filter(({ told }) => told !== null && told.event.t <= read.began);
    acknowledged += due.length;
    lost += due.filter(({ number }) => !there.has(String(number))).length;
  }
  return { acknowledged, lost };
}

/** Turns whose links are missing in the last first request of each session after the fault. */
function forgottenTurns(sessions: readonly SessionRecord[], fromMs: number, toMs: number): TurnRecord[] {
  return sessions.flatMap((session) => {
    const asks = session.turns.flatMap((turn) =>
      turn.asks.filter(({ event }) => event.k === 1).map((ask) => ({ turn, ask })),
    );
    const last = lastBefore(asks, ({ ask }) => ask.event.t, fromMs, toMs);
    if (last === undefined) return [];
    return gapsIn(session, last.turn, last.ask).lost.flatMap((number) => session.turn.get(number) ?? []);
  });
}

function forgottenOf(turns: readonly TurnRecord[], prices: Prices): ForgottenTurns {
  const bought = turns.flatMap(({ purchases }) => purchases.filter(({ first }) => first !== null));
  const { inputTokens, outputTokens, dollars } = costOf(bought, prices);
  const sessions = new Set(turns.map(({ session }) => session)).size;
  return { turns: turns.length, sessions, inputTokens, outputTokens, dollars };
}

function repeatsAt({ index, prices }: Scene, turns: readonly TurnRecord[]): StepSummary["repeats"] {
  const interruptions = interruptionsOf(index);
  const repeats = turns.flatMap((turn) => repeatsOf(turn, interruptions));
  const of = (wanted: keyof StepSummary["repeats"]): RepeatClass =>
    costOf(
      repeats.filter(({ kind }) => kind === wanted).map(({ purchase }) => purchase),
      prices,
    );
  return { provoked: of("provoked"), unavoidable: of("unavoidable"), avoidable: of("avoidable") };
}

/**
 * Excess of the first intact answer over the calm median of all turns: the cohort has no calm of its own, and its turns before the
 * fault may still have felt the one before. An answer that was kept from its client is there all the same: then the next turn
 * shows whether the session goes on.
 */
function recoveryAt({ figures, calmMs }: Scene, { step, turns }: StepSample): StepSummary["recovery"] {
  const firstOf = (held: number): number => (step.at === "answered" ? held + 1 : held);
  const samples = turns.flatMap(({ session, number }) => {
    const following = (figures.get(session) ?? []).filter(({ turn }) => turn.number >= firstOf(number));
    return following.length === 0 ? [] : [recoveryFrom(following, calmMs)];
  });
  return recoveryFigures(samples);
}

/** Turns that were pending at an instant, in all sessions. */
function pendingAt({ sessions }: HistoryIndex, ms: number): number {
  const isPending = ({ enabled, ended }: TurnRecord): boolean =>
    enabled !== null && enabled.event.t <= ms && (ended?.event.t ?? Number.POSITIVE_INFINITY) > ms;
  return sessions.reduce((sum, { turns }) => sum + turns.filter(isPending).length, 0);
}

/** The tool whose call is held, where the step is one of a tool. */
function toolOf({ definition, seed, memoryMb }: TrialPlan, step: StepSample["step"]): string | null {
  const cohort = definition.cohorts[step.cohort];
  if (cohort === undefined || !["tool", "applied", "told"].includes(step.at)) return null;
  const { turn } = step;
  const { steps } = resolveTurn({ seed, cohort, memoryMb, session: "any", turn, kind: "ordinary" });
  return steps[step.step - 1]?.calls[step.call]?.tool ?? null;
}

function summaryOf(
  scene: Scene,
  planned: PlannedFault,
  sample: StepSample | null,
  missed: string | null,
): StepSummary | [] {
  const { plan, index, prices, readable } = scene;
  const step = planned.atStep;
  if (step === undefined) return [];
  const turns = sample?.turns ?? [];
  const landedMs = sample?.landedMs ?? index.endMs;
  const toMs = untilMs(index, landedMs);
  const sessions = turns.flatMap(({ session }) => index.session.get(session) ?? []);
  const { acknowledged, lost } = lostOf(sessions, landedMs, toMs);
  const calls = turns.flatMap((turn) => logicalCallsOf(plan, turn)).filter(({ applied }) => applied > 1);
  return {
    fault: planned.id,
    kind: planned.kind,
    at: step.at,
    turn: step.turn,
    step: step.step,
    tool: toolOf(plan, step),
    missed,
    members: step.members.length,
    held: turns.length,
    elsewhere: sample === null ? 0 : Math.max(0, pendingAt(index, landedMs) - turns.length),
    needed: SAMPLE_LEAST,
    acknowledged,
    lostByRead: readable ? lost : null,
    forgotten: forgottenOf(forgottenTurns(sessions, landedMs, toMs), prices),
    repeats: repeatsAt(scene, turns),
    doubled: {
      keyed: calls.filter(({ kind }) => kind === "keyed").length,
      plain: calls.filter(({ kind }) => kind === "plain").length,
    },
    recovery: sample === null ? recoveryFigures([]) : recoveryAt(scene, sample),
  };
}

/**
 * The step faults of a trial, in the order in which they were planned. Empty where there were none.
 * @param readable whether the runtime offers reads; without them nobody can say what a read would show
 */
export function stepsOf(
  plan: TrialPlan,
  index: HistoryIndex,
  turns: readonly TurnFigures[],
  prices: Prices,
  readable: boolean,
): StepSummary[] {
  if (plan.faults.every(({ atStep }) => atStep === undefined)) return [];
  const calm = turns.filter(({ phase, end }) => phase === "calm" && end === "answered");
  const calmMs = medianOf(calm.map(({ overheadMs }) => overheadMs)) ?? 0;
  const scene: Scene = { plan, index, prices, readable, figures: bySession(turns), calmMs };
  return plan.faults.flatMap((planned) => {
    const fault = index.faults.find(({ id }) => id === planned.id);
    const sample = fault === undefined ? null : stepSampleOf(index, fault);
    const missed = sample !== null ? null : (fault?.missed?.event.why ?? "the trial ended before it could strike");
    return summaryOf(scene, planned, sample, missed);
  });
}
