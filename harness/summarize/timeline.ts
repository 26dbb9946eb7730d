/** The trial second by second, from the start of the load, with phases, faults, collections, stalls and silences marked. */
import type { HistoryIndex } from "../checkers/history-index.ts";
import type { Phase, TrialEvent } from "../history.ts";
import type { TimelineSpans } from "../observation.ts";
import { round } from "../statistics/round.ts";
import { medianOf } from "../statistics/tail-quantiles.ts";
import { causeSpansOf } from "./cause-spans.ts";
import { type Endings, endingsOf } from "./endings.ts";
import { type GoodputBand, goodputBandOf } from "./goodput-band.ts";
import type { TurnFigures } from "./turn-figures.ts";

/** One series per second of the trial, index = second from the start of the load. */
export interface Timeline {
  readonly seconds: number;
  readonly offered: readonly number[];
  readonly intact: readonly number[];
  readonly amnesiac: readonly number[];
  readonly pending: readonly number[];
  /** Worst and median overhead of turns answered in that second; null where there were none. */
  readonly overheadP50Ms: readonly (number | null)[];
  readonly overheadMaxMs: readonly (number | null)[];
  readonly rssMb: readonly (number | null)[];
  readonly cpuShare: readonly (number | null)[];
  readonly phases: readonly { readonly phase: Phase; readonly fromS: number; readonly toS: number }[];
  readonly faults: readonly {
    readonly id: string;
    readonly kind: string;
    readonly atS: number;
    readonly readyS: number | null;
    readonly proof: string;
  }[];
  readonly majorGcs: readonly { readonly atS: number; readonly ms: number }[];
  readonly spans: TimelineSpans;
  /** Turns that ended otherwise than answered in time. Absent from summaries made before they were counted, as is the band. */
  readonly endings?: Endings;
  /** Null without a fault or a calm to compare with. */
  readonly band?: GoodputBand | null;
}

const MB = 1024 * 1024;
/** More spans than this are not drawn: the longest are kept. */
const SPANS_MOST = 500;

export interface Clockwork {
  readonly seconds: number;
  /** Index of the second of an instant, or null before the load. */
  secondOf(ms: number): number | null;
  /** Seconds since the start of the load, to a tenth. */
  at(ms: number): number;
}

/** Counts seconds from the start of the load. */
export function clockworkOf(index: HistoryIndex): Clockwork {
  const seconds = Math.max(0, Math.ceil((index.endMs - index.loadMs) / 1000));
  return {
    seconds,
    secondOf: (ms) => {
      const second = Math.floor((ms - index.loadMs) / 1000);
      return second >= 0 && second < seconds ? second : null;
    },
    at: (ms) => round((ms - index.loadMs) / 1000, 1),
  };
}

function countTurns(clock: Clockwork, index: HistoryIndex, turns: readonly TurnFigures[]) {
  const zeros = (): number[] => new Array<number>(clock.seconds).fill(0);
  const [offered, intact, amnesiac, pending] = [zeros(), zeros(), zeros(), zeros()];
  const overheads = Array.from({ length: clock.seconds }, (): number[] => []);
  const bump = (series: number[], second: number | null): void => {
    if (second !== null) series[second] = (series[second] ?? 0) + 1;
  };
  for (const figures of turns) {
    bump(offered, clock.secondOf(figures.enabledMs));
    const ended = clock.secondOf(figures.endMs);
    if (figures.end === "answered") {
      bump(figures.intact ? intact : amnesiac, ended);
      if (ended !== null) overheads[ended]?.push(figures.overheadMs);
    }
    // Pending at the beginning of a second: enabled before or then, not ended by then.
    const from = Math.max(0, Math.ceil((figures.enabledMs - index.loadMs) / 1000));
    for (let second = from; second < clock.seconds && index.loadMs + second * 1000 < figures.endMs; second++)
      bump(pending, second);
  }
  const orNull = (values: number[], figure: number | null): number | null =>
    values.length === 0 || figure === null ? null : round(figure, 1);
  return {
    offered,
    intact,
    amnesiac,
    pending,
    overheadP50Ms: overheads.map((values) => orNull(values, medianOf(values))),
    overheadMaxMs: overheads.map((values) =>
      orNull(
        values,
        values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY),
      ),
    ),
  };
}

/** Resident memory of the runtime (database left out) and its share of its cores (database included), where sampled. */
function sampled(clock: Clockwork, trial: readonly TrialEvent[], cores: number) {
  const rssMb = new Array<number | null>(clock.seconds).fill(null);
  const cpuMs = new Array<number | null>(clock.seconds).fill(null);
  const lengthMs = new Array<number>(clock.seconds).fill(0);
  let before: Extract<TrialEvent, { readonly e: "sample" }> | null = null;
  for (const event of trial) {
    if (event.e !== "sample") continue;
    const second = clock.secondOf(event.t);
    if (second !== null) {
      rssMb[second] = Math.max(rssMb[second] ?? 0, round(event.appRssBytes / MB, 1));
      if (before !== null) {
        const used = event.appCpuMs + event.storeCpuMs - before.appCpuMs - before.storeCpuMs;
        cpuMs[second] = (cpuMs[second] ?? 0) + used;
        lengthMs[second] = (lengthMs[second] ?? 0) + event.t - before.t;
      }
    }
    before = event;
  }
  const cpuShare = cpuMs.map((used, second) => {
    const offeredMs = (lengthMs[second] ?? 0) * Math.max(1, cores);
    return used === null || offeredMs <= 0 ? null : round(used / offeredMs, 3);
  });
  return { rssMb, cpuShare };
}

const DRAWN = ["major-gc", "minor-gc", "other-gc", "stall", "silence"] as const;

/** The longest spans of a trial from the start of the load, and how many shorter ones there were. */
function spansOf(index: HistoryIndex, trial: readonly TrialEvent[]): TimelineSpans {
  const all = causeSpansOf(trial, index.endMs).flatMap(({ cause, fromMs, toMs }) => {
    const kind = DRAWN.find((drawn) => drawn === cause);
    if (kind === undefined || fromMs < index.loadMs) return [];
    return { kind, fromS: round((fromMs - index.loadMs) / 1000, 3), ms: round(toMs - fromMs, 1) };
  });
  const shown = all.sort((a, b) => b.ms - a.ms || a.fromS - b.fromS).slice(0, SPANS_MOST);
  return { shown: shown.sort((a, b) => a.fromS - b.fromS || b.ms - a.ms), leftOut: all.length - shown.length };
}

/** @param turns those that users brought; proof turns are ours and left out. @param cores cores of the runtime */
export function timelineOf(
  index: HistoryIndex,
  trial: readonly TrialEvent[],
  turns: readonly TurnFigures[],
  cores: number,
): Timeline {
  const clock = clockworkOf(index);
  const brought = turns.filter(({ proof }) => !proof);
  const series = {
    seconds: clock.seconds,
    ...countTurns(clock, index, brought),
    ...sampled(clock, trial, cores),
    phases: index.phases.map(({ phase, fromMs, toMs }) => ({ phase, fromS: clock.at(fromMs), toS: clock.at(toMs) })),
    faults: index.faults.flatMap(({ id, kind, firedMs, landed, readyMs }) =>
      firedMs === null || landed === null
        ? []
        : [
            {
              id,
              kind,
              atS: clock.at(firedMs),
              readyS: readyMs === null ? null : clock.at(readyMs),
              proof: landed.event.proof,
            },
          ],
    ),
    majorGcs: trial.flatMap((event) =>
      event.e === "gc" && event.kind === "major" ? [{ atS: clock.at(event.t), ms: round(event.ms, 2) }] : [],
    ),
    spans: spansOf(index, trial),
  };
  return { ...series, endings: endingsOf(brought, clock.seconds, clock.secondOf), band: goodputBandOf(series) };
}
