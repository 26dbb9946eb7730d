/** The tables behind the second by second charts: every second, what held the runtime up, and the heat map as counts. */
import type { TrialSummary } from "../../../harness/summary.ts";
import { count, decimalOr, duration, durationOr, NOTHING, share } from "../../format.ts";
import { tellingSeconds } from "../../telling-seconds.ts";
import { SPAN_KINDS } from "../../timeline-words.ts";
import type { Markup } from "../markup.ts";
import { denseTable } from "../table.ts";

/** Rows of the table behind the lanes; summary.json holds the others. */
const SPAN_ROWS_MOST = 60;
/** Columns of the heat map as a table. */
const SLICES_MOST = 12;

/** The longest spans, in order of time. */
export function spansTable(runner: string, trial: TrialSummary): Markup | null {
  const { shown } = trial.timeline.spans;
  if (shown.length === 0) return null;
  const least = shown.map(({ ms }) => ms).sort((a, b) => b - a)[SPAN_ROWS_MOST - 1] ?? 0;
  const told = shown.filter(({ ms }) => ms >= least).slice(0, SPAN_ROWS_MOST);
  const rest =
    told.length === shown.length ? "" : `, the longest ${count(told.length)} of ${count(shown.length)} drawn`;
  return denseTable(
    `${runner}, what held it up${rest}`,
    ["second", "what", "for"],
    told.map(({ kind, fromS, ms }) => [
      fromS.toFixed(2),
      SPAN_KINDS.find(([one]) => one === kind)?.[1] ?? kind,
      duration(ms),
    ]),
  );
}

const shareOr = (value: number | null | undefined): string =>
  value === null || value === undefined ? NOTHING : share(value);

/** @param marks the instants that the charts mark, as words */
export function seriesTable(runner: string, { timeline }: TrialSummary, marks: string): Markup {
  const { endings } = timeline;
  const shown = tellingSeconds(timeline);
  const unanswered = (second: number): number =>
    (endings?.failed[second] ?? 0) + (endings?.refused[second] ?? 0) + (endings?.unknown[second] ?? 0);
  const rows = shown.map((second) => [
    String(second),
    count(timeline.offered[second] ?? 0),
    count(timeline.intact[second] ?? 0),
    count(timeline.amnesiac[second] ?? 0),
    ...(endings === undefined ? [] : [count(unanswered(second)), count(endings.late[second] ?? 0)]),
    count(timeline.pending[second] ?? 0),
    durationOr(timeline.overheadP50Ms[second] ?? null, NOTHING),
    durationOr(timeline.overheadMaxMs[second] ?? null, NOTHING),
    decimalOr(timeline.rssMb[second] ?? null),
    shareOr(timeline.cpuShare[second]),
  ]);
  const which =
    shown.length === timeline.seconds
      ? "every second"
      : `${count(shown.length)} of ${count(timeline.seconds)} seconds, those with the extremes of goodput, overhead and pending turns among them`;
  return denseTable(
    `${runner}, ${which}: ${marks}`,
    [
      "second",
      "offered",
      "intact",
      "amnesiac",
      ...(endings === undefined ? [] : ["not answered", "late"]),
      "pending",
      "overhead p50",
      "overhead max",
      "memory, MB",
      "share of core",
    ],
    rows,
  );
}

/** "5 ms to 7 ms" of a bucket of the heat map. */
function bucketName(edgesMs: readonly number[], bucket: number): string {
  const [from, to] = [edgesMs[bucket - 1], edgesMs[bucket]];
  if (from === undefined) return `below ${duration(to ?? 0)}`;
  return to === undefined ? `${duration(from)} or more` : `${duration(from)} to ${duration(to)}`;
}

/** The heat map in at most a dozen slices of time: counts are added, so none is lost. */
export function heatTable(runner: string, { heat }: TrialSummary): Markup | null {
  if (heat === undefined || heat.columns.every((column) => column.length === 0)) return null;
  const { edgesMs, everyS, columns } = heat;
  const width = Math.ceil(columns.length / SLICES_MOST);
  const slices = Array.from({ length: Math.ceil(columns.length / width) }, () => new Map<number, number>());
  for (const [at, [first = 0, ...counts]] of columns.entries())
    for (const [offset, n] of counts.entries()) {
      const slice = slices[Math.floor(at / width)];
      slice?.set(first + offset, (slice.get(first + offset) ?? 0) + n);
    }
  const used = slices.flatMap((slice) => [...slice].filter(([, n]) => n > 0).map(([bucket]) => bucket));
  const [lowest, highest] = [Math.min(...used), Math.max(...used)];
  const buckets = Array.from({ length: highest - lowest + 1 }, (_, step) => highest - step);
  return denseTable(
    `${runner}, turns answered by overhead and time`,
    ["overhead", ...slices.map((_, slice) => `from ${count(slice * width * everyS)} s`)],
    buckets.map((bucket) => [bucketName(edgesMs, bucket), ...slices.map((slice) => count(slice.get(bucket) ?? 0))]),
  );
}
