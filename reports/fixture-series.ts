/** Made-up distributions and series for the fixture summary: smooth shapes with a dip at the fault, the same at every call. */
import { PHASES } from "../harness/history.ts";
import type { LatencySummary, RunnerResult, TailQuantiles, Timeline, TrialSummary } from "../harness/summary.ts";

/** A distribution around a scale; p99 is unknown where there are fewer than 500 samples. */
function quantiles(scaleMs: number, n: number, censored = 0): TailQuantiles {
  if (n === 0) return { n, p50: null, p90: null, p99: null, max: null, censored };
  return { n, p50: scaleMs, p90: scaleMs * 2.4, p99: n < 500 ? null : scaleMs * 7.7, max: scaleMs * 31, censored };
}

/** Rows for each cohort and phase; the second cohort is small, so that its tail is not known. */
export function fixtureLatency(cohorts: readonly string[], scaleMs: number): readonly LatencySummary[] {
  return cohorts.flatMap((cohort, position) =>
    PHASES.filter((phase) => phase !== "end").map((phase) => {
      const slow = phase === "fault" ? scaleMs * 9 : scaleMs;
      const n = phase === "quiet" ? 0 : position === 0 ? 1800 : 120;
      return {
        cohort,
        phase,
        overheadMs: quantiles(slow, n, phase === "fault" ? 2 : 0),
        holdingMs: quantiles(slow * 0.8, n),
        latencyMs: quantiles(slow + 1900, n),
        serviceMs: quantiles(slow + 1850, n),
        pendingAgeMs: quantiles(slow * 1.3, n * 4),
      };
    }),
  );
}

/** The quantiles up to p99 of a cohort in calm and fault, rising evenly. */
export function fixtureSpectrum(cohort: string, scaleMs: number): TrialSummary["spectrum"] {
  return (["calm", "fault"] as const).map((phase) => {
    const overheadMs = Array.from(
      { length: 22 },
      (_, step) => scaleMs * (phase === "fault" ? 9 : 1) * (0.2 + step / 10),
    );
    const q = [...Array.from({ length: 20 }, (_, step) => step / 20), 0.975, 0.99];
    // Of ten turns of the fault phase three had to be asked twice.
    const serviceOverheadMs = overheadMs.map((ms) => (phase === "fault" ? ms * 0.4 : ms));
    const latency = (ms: number): number => ms + 1900;
    return {
      cohort,
      phase,
      n: 1800,
      overheadMs,
      latencyMs: overheadMs.map(latency),
      serviceMs: serviceOverheadMs.map(latency),
      serviceOverheadMs,
      q,
    };
  });
}

/** Quantiles of overhead with intervals in calm; in fault p90 has none, and p99 is not known. */
export function fixtureIntervals(cohort: string, scaleMs: number): NonNullable<TrialSummary["intervals"]> {
  return (["calm", "fault"] as const).flatMap((phase) =>
    [0.5, 0.9, 0.99].map((q) => {
      const ms = scaleMs * (phase === "fault" ? 9 : 1) * (1 + q ** 8 * 6);
      const known = phase === "calm" || q < 0.9;
      return {
        cohort,
        phase,
        q,
        ms: phase === "fault" && q > 0.9 ? null : ms,
        lowMs: known ? ms * 0.8 : null,
        highMs: known ? ms * 1.5 : null,
        n: 1800,
        effective: 410,
      };
    }),
  );
}

/** Most turns near the median of their second, a few beyond, one at the maximum. */
export function fixtureHeat({ overheadP50Ms, overheadMaxMs, intact }: Timeline): NonNullable<TrialSummary["heat"]> {
  const decades = [1, 10, 100, 1_000, 10_000];
  const edgesMs = [...decades.flatMap((decade) => [1, 1.5, 2, 3, 5, 7].map((step) => decade * step)), 100_000];
  const bucket = (ms: number): number => edgesMs.filter((edge) => edge <= ms).length;
  const columns = overheadP50Ms.map((p50, second) => {
    const most = overheadMaxMs[second] ?? null;
    if (p50 === null || most === null) return [];
    const [body, tail] = [bucket(p50), bucket(most)];
    const between = Array.from({ length: Math.max(0, tail - body - 1) }, (_, step) => Math.max(0, 9 - 3 * step));
    return [body, Math.max(1, Math.round((intact[second] ?? 0) * 0.8)), ...between, 1];
  });
  return { edgesMs, everyS: 1, columns };
}

/** One runner with its trials; its figures over blocks are left out. */
export function fixtureResult(runner: string, trials: readonly TrialSummary[]): RunnerResult {
  const blocks = trials.filter(({ validity }) => validity.verdict === "valid").length;
  return { runner, trials, overBlocks: { blocks, voids: trials.length - blocks, note: "", figures: [] } };
}

export interface TimelineShape {
  readonly seconds: number;
  readonly faultAtS: number | null;
  readonly readyS: number | null;
  /** Share of answers after the fault that come without memory. */
  readonly amnesia: number;
}

/** A load of about 90 turns/s that stops at the fault and comes back with a burst. */
export function fixtureTimeline(shape: TimelineShape): Timeline {
  const fault = shape.faultAtS ?? Number.POSITIVE_INFINITY;
  const ready = shape.readyS ?? fault;
  const instants = Array.from({ length: shape.seconds }, (_, second) => second);
  const down = (second: number) => second >= Math.floor(fault) && second < Math.ceil(ready);
  const ends = shape.seconds - 12;
  const offered = instants.map((second) => (second >= ends ? 0 : Math.min(91, 30 + second * 14) + ((second * 7) % 9)));
  const answered = offered.map((rate, second) => (down(second) ? 0 : second === Math.ceil(ready) ? rate * 2 : rate));
  const forgotten = answered.map((rate, second) => (second >= ready ? Math.round(rate * shape.amnesia) : 0));
  const slow = (second: number) => (second >= fault && second < fault + 6 ? 40 : 1);
  return {
    seconds: shape.seconds,
    offered,
    intact: answered.map((rate, second) => rate - (forgotten[second] ?? 0)),
    amnesiac: forgotten,
    pending: instants.map((second) => (second >= ends ? 0 : down(second) ? 260 : 180 + (second % 5) * 3)),
    overheadP50Ms: instants.map((second) =>
      down(second) || second >= ends ? null : (10 + (second % 4)) * slow(second),
    ),
    overheadMaxMs: instants.map((second) =>
      down(second) || second >= ends ? null : (70 + ((second * 13) % 40)) * slow(second),
    ),
    rssMb: instants.map((second) => (second === 0 || down(second) ? null : 90 + second * 3)),
    cpuShare: instants.map((second) => (second === 0 ? null : 0.3 + (second % 6) / 50)),
    phases: [
      { phase: "warmup", fromS: 0, toS: 6 },
      { phase: "calm", fromS: 6, toS: 18 },
      { phase: "fault", fromS: 18, toS: 30 },
      { phase: "heal", fromS: 30, toS: 34 },
      { phase: "quiet", fromS: 34, toS: 42 },
      { phase: "proof", fromS: 42, toS: shape.seconds },
    ],
    faults:
      shape.faultAtS === null
        ? []
        : [
            {
              id: "f1",
              kind: "kill",
              atS: shape.faultAtS,
              readyS: shape.readyS,
              proof: "Process 4711 was gone from /proc 3 ms after the signal.",
            },
          ],
    majorGcs: [],
    spans: { shown: [], leftOut: 0 },
    endings: {
      failed: instants.map((second) => (second === Math.floor(fault) ? 3 : 0)),
      refused: instants.map((second) => (second === Math.ceil(ready) ? 1 : 0)),
      unknown: instants.map((second) => (second === Math.floor(fault) ? 12 : 0)),
      late: instants.map((second) => (second === Math.ceil(ready) + 2 ? 3 : 0)),
    },
    band: bandOf(shape),
  };
}

/** Goodput is back a moment after the runtime is ready, unless most answers come without memory. */
function bandOf({ faultAtS, readyS, amnesia }: TimelineShape): NonNullable<Timeline["band"]> | null {
  if (faultAtS === null) return null;
  const atS = amnesia > 0.5 || readyS === null ? null : Math.ceil(readyS);
  const afterS = atS === null ? null : Number((atS - faultAtS).toFixed(1));
  return { low: 84, high: 99, back: [{ fault: "f1", atS, afterS }] };
}
