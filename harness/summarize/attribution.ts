/**
 * Late turns charged to causes: what the runtime is known to have been held up by while it, and not the World, had the ball.
 *
 * A turn is *late* if it waited longer beyond its script than its cohort's calm median + 50 ms. Its waiting time is [enabled, answer]
 * without what the World owed it. Each instant of it belongs to the first cause in the order of `CAUSES` that holds then. The
 * turn has a *named* cause if all causes together cover at least half of its excess over the calm median (or of its waiting
 * time, if that is shorter: work that had to be done again is the World's time); it is charged to the one with the largest part.
 * Spans of one worker or process count for every turn, since from outside nobody can tell who ran where.
 */
import type { HistoryIndex } from "../checkers/history-index.ts";
import type { TrialEvent } from "../history.ts";
import { PHASES } from "../history.ts";
import { type Attribution, CAUSES, type Cause, type ObservationSummary } from "../observation.ts";
import { round } from "../statistics/round.ts";
import { medianOf } from "../statistics/tail-quantiles.ts";
import { type CauseSpan, causeSpansOf } from "./cause-spans.ts";
import { owedSpans } from "./owed.ts";
import type { TurnFigures } from "./turn-figures.ts";

/** Beyond the calm median: what a person begins to notice, and well above the noise of a calm runtime. */
export const LATE_BEYOND_CALM_MS = 50;
/** A cause is named when the spans cover this share of the excess. */
const NAMED_FROM_SHARE = 0.5;

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

const lengthOf = (spans: readonly Span[]): number => spans.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);

/** What is left of disjoint spans when another is taken out. */
function without(spans: readonly Span[], { fromMs, toMs }: Span): Span[] {
  return spans.flatMap((span) => {
    if (toMs <= span.fromMs || fromMs >= span.toMs) return [span];
    const [before, after] = [
      { fromMs: span.fromMs, toMs: fromMs },
      { fromMs: toMs, toMs: span.toMs },
    ];
    return [before, after].filter((part) => part.toMs > part.fromMs);
  });
}

/** For a turn that met it, a process stays down until the runtime asks for this turn again. */
function asFeltBy({ turn, enabledMs, endMs }: TurnFigures, span: CauseSpan): CauseSpan {
  if (span.cause !== "down" || enabledMs >= span.toMs) return span;
  const again = turn.asks.find(({ event }) => event.t >= span.fromMs)?.event.t ?? endMs;
  return { ...span, toMs: Math.max(span.toMs, again) };
}

/** The cause of one late turn, null if none is known. @param spans all, in the order of `CAUSES` */
function causeOf(figures: TurnFigures, excessMs: number, spans: readonly CauseSpan[]): Cause | null {
  const { turn, enabledMs, endMs } = figures;
  let waiting: Span[] = owedSpans(turn, endMs).reduce(without, [{ fromMs: enabledMs, toMs: endMs }] as Span[]);
  const wholeMs = lengthOf(waiting);
  const parts = new Map<Cause, number>();
  for (const span of spans) {
    if (span.fromMs >= endMs || asFeltBy(figures, span).toMs <= enabledMs) continue;
    const left = without(waiting, asFeltBy(figures, span));
    parts.set(span.cause, (parts.get(span.cause) ?? 0) + lengthOf(waiting) - lengthOf(left));
    waiting = left;
  }
  const coveredMs = wholeMs - lengthOf(waiting);
  if (coveredMs === 0 || coveredMs < NAMED_FROM_SHARE * Math.min(excessMs, wholeMs)) return null;
  let best: Cause | null = null;
  for (const [cause, ms] of parts) if (best === null || ms > (parts.get(best) ?? 0)) best = cause;
  return best;
}

/** Late turns by cohort and phase, where a cohort had answers in calm to compare with; proof turns are ours and left out. */
export function attributionOf(
  index: HistoryIndex,
  trial: readonly TrialEvent[],
  turns: readonly TurnFigures[],
  cohorts: readonly string[],
): Attribution[] {
  const all = causeSpansOf(trial, index.endMs);
  const spans = CAUSES.flatMap((cause) => all.filter((span) => span.cause === cause));
  const answered = turns.filter(({ proof, end }) => !proof && end === "answered");
  return cohorts.flatMap((cohort) => {
    const own = answered.filter(({ turn }) => turn.cohort === cohort);
    const calmMs = medianOf(own.filter(({ phase }) => phase === "calm").map(({ overheadMs }) => overheadMs));
    if (calmMs === null) return [];
    const lateFromMs = calmMs + LATE_BEYOND_CALM_MS;
    return PHASES.flatMap((phase): Attribution[] => {
      const inPhase = own.filter((figures) => figures.phase === phase);
      if (inPhase.length === 0) return [];
      const late = inPhase.filter(({ overheadMs }) => overheadMs > lateFromMs);
      const causes = late.map((figures) => causeOf(figures, figures.overheadMs - calmMs, spans));
      const counts = CAUSES.map((cause) => ({ cause, turns: causes.filter((one) => one === cause).length }));
      const named = causes.filter((cause) => cause !== null).length;
      return [
        {
          cohort,
          phase,
          lateFromMs: round(lateFromMs, 1),
          turns: inPhase.length,
          late: late.length,
          causes: counts.filter((count) => count.turns > 0),
          namedShare: late.length === 0 ? null : round(named / late.length, 3),
        },
      ];
    });
  });
}

/** What was looked at. */
export function observationOf(trial: readonly TrialEvent[]): ObservationSummary {
  const count = (kind: TrialEvent["e"]): number => trial.filter(({ e }) => e === kind).length;
  const samples = trial.filter(({ e }) => e === "sample");
  const lengthMs = (samples.at(-1)?.t ?? 0) - (samples[0]?.t ?? 0);
  return {
    inside: count("heap") + count("gc") > 0,
    watched: count("watched"),
    silences: count("silence"),
    stalls: count("stall"),
    samplesPerSecond: lengthMs > 0 ? round(((samples.length - 1) * 1000) / lengthMs, 1) : null,
  };
}
