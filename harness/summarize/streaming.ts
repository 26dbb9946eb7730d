/**
 * What clients that read along see: when the first text comes, how long the runtime kept it, how even the rest is.
 *
 * The floor of the first text is scripted, so that what is beyond it is exact; the World notes when it wrote the first token, so
 * that the way through the runtime is, too. Stamps are those of the driver's read: a chunk counts when it was there, whoever was
 * late to look. A turn answered without any text before its end counts its end: nothing could be seen earlier.
 */
import type { TurnRecord } from "../checkers/history-index.ts";
import { scriptOf } from "../checkers/logical-calls.ts";
import { PHASES, type Phase } from "../history.ts";
import { Samples } from "../statistics/tail-quantiles.ts";
import type { TailQuantiles } from "../summary.ts";
import type { TrialPlan } from "../trial.ts";
import type { TurnFigures } from "./turn-figures.ts";

/**
 * What clients that read along saw, of one cohort in one phase, in milliseconds per streamed turn. There are no rows where
 * nobody read along.
 */
export interface StreamingSummary {
  readonly cohort: string;
  readonly phase: Phase;
  /** First text read − enabled. */
  readonly ttftMs: TailQuantiles;
  /** That − the scripted time to the first token: everything waited beyond the script. */
  readonly ttftOverheadMs: TailQuantiles;
  /** First text read − the World's write of it: how long the runtime kept the first token. */
  readonly relayMs: TailQuantiles;
  /** Longest time between two reads of text within one answer of the model. */
  readonly tokenGapMs: TailQuantiles;
}

/** One streamed turn, in milliseconds. */
export interface StreamedTurn {
  /** First text (or the answer, if that came first) − enabled. */
  readonly ttftMs: number;
  /** Of a turn that ended, or was abandoned, without any text: its age. */
  readonly censored: boolean;
  /** ttft − the scripted time to the first token of the first step; may be negative. */
  readonly overheadMs: number;
  /** First text read − the World's write of that first token; null where either is missing. */
  readonly relayMs: number | null;
  /** Longest gap within one answer of the model, of the attempt that was answered; null below two pieces of text. */
  readonly gapMs: number | null;
}

/** When the World wrote the token that the client read first: the newest first token of that step that was not later. */
function writtenMs(turn: TurnRecord, readMs: number, step: number | undefined): number | null {
  let newest: number | null = null;
  for (const { first, step: sold } of turn.purchases)
    if (first !== null && first.event.t <= readMs && (step === undefined || sold === step))
      newest = Math.max(newest ?? first.event.t, first.event.t);
  return newest;
}

/** Null for turns whose client did not read along, and for those that ended for good without an answer. */
export function streamedTurn(plan: TrialPlan, { turn, end, endMs, enabledMs }: TurnFigures): StreamedTurn | null {
  const streamed = turn.attempts.filter(({ invoked }) => invoked.event.stream === true);
  const script = streamed.length === 0 ? null : scriptOf(plan, turn);
  if (script === null || end === "failed") return null;
  const first = streamed.find((attempt) => attempt.first !== null)?.first?.event;
  const seenMs = first?.t ?? endMs;
  const answered = streamed.find(({ ended }) => ended?.event.e === "ok")?.ended?.event;
  const stream = answered?.e === "ok" ? answered.stream : undefined;
  const written = first === undefined ? null : writtenMs(turn, first.t, first.k);
  return {
    ttftMs: seenMs - enabledMs,
    censored: first === undefined && end === "open",
    overheadMs: seenMs - enabledMs - (script.steps[0]?.firstTokenMs ?? 0),
    relayMs: first === undefined || written === null ? null : first.t - written,
    gapMs: stream !== undefined && stream.tokens > 1 ? stream.gapMs : null,
  };
}

/** Rows of every cohort in every phase in which turns were streamed; none where nobody read along. */
export function streamingOf(
  plan: TrialPlan,
  turns: readonly TurnFigures[],
  cohorts: readonly string[],
): StreamingSummary[] {
  const rows = new Map<string, { ttft: Samples; overhead: Samples; relay: Samples; gap: Samples }>();
  for (const figures of turns) {
    const streamed = streamedTurn(plan, figures);
    if (streamed === null) continue;
    const { enabledMs, phase, turn } = figures;
    const key = `${turn.cohort} ${phase}`;
    const row = rows.get(key) ?? {
      ttft: new Samples(),
      overhead: new Samples(),
      relay: new Samples(),
      gap: new Samples(),
    };
    rows.set(key, row);
    row.ttft.add(streamed.ttftMs, enabledMs, streamed.censored);
    row.overhead.add(streamed.overheadMs, enabledMs, streamed.censored);
    if (streamed.relayMs !== null) row.relay.add(streamed.relayMs, enabledMs);
    if (streamed.gapMs !== null) row.gap.add(streamed.gapMs, enabledMs);
  }
  return cohorts.flatMap((cohort) =>
    PHASES.flatMap((phase) => {
      const row = rows.get(`${cohort} ${phase}`);
      if (row === undefined) return [];
      return {
        cohort,
        phase,
        ttftMs: row.ttft.quantiles(),
        ttftOverheadMs: row.overhead.quantiles(),
        relayMs: row.relay.quantiles(),
        tokenGapMs: row.gap.quantiles(),
      };
    }),
  );
}

/** How much of what streamed turns said had been read before they ended, over turns answered at their first attempt. */
export interface Earliness {
  readonly turns: number;
  /** Share of the scripted tokens of their answers; 1 where there was no such turn. */
  readonly share: number;
}

/** Who joins a running turn, or comes back to a finished one, may be given its end alone: such turns do not count. */
export function earlinessOf(plan: TrialPlan, turns: readonly TurnRecord[]): Earliness {
  let [count, tokens, early] = [0, 0, 0];
  for (const turn of turns) {
    const [only] = turn.attempts;
    const ended = only?.ended?.event;
    if (only?.invoked.event.stream !== true || ended?.e !== "ok") continue;
    if (turn.others.some(({ invoked }) => invoked.at < only.invoked.at)) continue;
    const said = scriptOf(plan, turn)?.steps.at(-1)?.tokens ?? 0;
    count += 1;
    tokens += said;
    early += said * (ended.stream?.early ?? 0);
  }
  return { turns: count, share: tokens === 0 ? 1 : early / tokens };
}
