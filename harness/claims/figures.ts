/** The figures that a claim may be judged by, each read from one trial. Null: the trial has none, or too few samples. */
import type { Phase } from "../history.ts";
import { WINDOW_MS } from "../summarize/silence.ts";
import type { ScenarioSummary, TrialSummary } from "../summary.ts";

interface FigureRow {
  /** With a leading space where it is set off; empty for counts. */
  readonly unit: string;
  /** Whether it differs a little from run to run, as times and memory do; counts of damage are facts. */
  readonly varies: boolean;
  readonly of: (trial: TrialSummary, scenario: ScenarioSummary) => number | null;
}

const count = (of: FigureRow["of"]): FigureRow => ({ unit: "", varies: false, of });

/** Fewer interrupted sessions than this show no share. */
const INTERRUPTED_LEAST = 10;

/** The largest of the scenario's cohorts in question: one that waits is one too many. */
function overhead(cohorts: "headlineCohorts" | "bystanders", phase: Phase, quantile: "p50" | "p99"): FigureRow {
  return {
    unit: " ms",
    varies: true,
    of: ({ latency }, scenario) => {
      const rows = latency.filter((row) => row.phase === phase && scenario[cohorts].includes(row.cohort));
      const values = rows.map(({ overheadMs }) => overheadMs[quantile]);
      return values.length === 0 || values.includes(null) ? null : Math.max(...values.map((value) => value ?? 0));
    },
  };
}

/** By the names under which claims and reports know them. */
export const CLAIM_FIGURES = {
  "turns lost or forgotten": count(({ memory }) => Math.max(memory.forgotten, memory.lostByRead ?? 0)),
  "conversations forgotten": count(({ memory }) => memory.sessionsForgotten),
  "calls bought again": count(({ economy }) => economy.avoidable.calls + economy.unavoidable.calls),
  "calls bought again without need": count(({ economy }) => economy.avoidable.calls),
  "plain effects doubled": count(({ effects }) => effects.plain.doubled),
  "keyed effects doubled": count(({ effects }) => effects.keyed.doubled),
  "starts nobody ordered": count(({ restarts }) => restarts.unexpected),
  "share resumed unasked": count(({ silent }) =>
    silent === null || silent.interrupted < INTERRUPTED_LEAST ? null : silent.resumed / silent.interrupted,
  ),
  /** Only where the collector was put to work and could have filled a window with one collection; what stalled them may be another thing. */
  "share of waiting sessions stalled at once beside long collections": count(({ stalls, gc }) =>
    gc?.exercised === true && gc.longestMs >= WINDOW_MS
      ? (stalls.find(({ phase }) => phase === "fault")?.ofPending?.share ?? null)
      : null,
  ),
  "memory per session": { unit: " KB", varies: true, of: ({ usage }) => usage.kbPerSession },
  "overhead p50 in calm": overhead("headlineCohorts", "calm", "p50"),
  "overhead p99 in calm": overhead("headlineCohorts", "calm", "p99"),
  "bystanders' overhead p99 in calm": overhead("bystanders", "calm", "p99"),
  "bystanders' overhead p99 under load": overhead("bystanders", "fault", "p99"),
} as const satisfies Readonly<Record<string, FigureRow>>;

export type ClaimFigure = keyof typeof CLAIM_FIGURES;
