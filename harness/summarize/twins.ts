/**
 * C11: neighbours are unharmed. The turns of bystanders that began in the fault phase and that no fault touched are held against the same
 * turns (session and number) of the calm twin: *slow* is one that took longer than there by more than 50 ms and more than half.
 * Broken when the one-sided 99 % interval of the share of slow turns lies wholly above 1 %; unknown below three pairs of trials or
 * 300 such turns, since two calm trials on one machine differ as well.
 *
 * The interval is that of a ratio of sums over clusters, a second of one trial each (Cochran, Sampling Techniques, 3rd ed., 6.3 and
 * 9A.2), with Student's t for as many clusters as there are, less one. Where no cluster has a slow turn its lower end is 0.
 */
import type { Evidence, Verdict } from "../checkers/checker.ts";
import { count } from "../checkers/findings.ts";
import type { HistoryIndex } from "../checkers/history-index.ts";
import { turnsTouchedBy } from "../checkers/touched.ts";
import { tQuantile } from "../statistics/student.ts";
import type { TrialPlan } from "../trial.ts";
import { type TurnFigures, timed } from "./turn-figures.ts";

/** What makes a turn slow, and a share of slow turns too large. */
export const NEIGHBOURS = {
  slowerByMs: 50,
  slowerByShare: 0.5,
  shareMost: 0.01,
  confidence: 0.99,
  pairs: 3,
  turns: 300,
} as const;
const EVIDENCE_MOST = 20;

/** One turn of a bystander that no fault touched. */
export interface ComparableTurn {
  readonly session: string;
  readonly turn: number;
  /** Line of its `enabled` event in the driver's history. */
  readonly at: number;
  readonly enabledMs: number;
  /** From enabled to answer, without what the World held; of an open turn its age. */
  readonly tookMs: number;
  /** Whether it was answered; one that was not is slow however short it was pending. */
  readonly answered: boolean;
}

/** Bystanders' turns of one trial, by session and number. */
export type ComparableTurns = ReadonlyMap<string, ComparableTurn>;

/** One trial with faults and its calm twin. */
export interface TwinPair {
  readonly trial: string;
  readonly struck: ComparableTurns;
  readonly calm: ComparableTurns;
}

/** The turns of a trial, or of its twin, that may be compared. Those of bystanders in the fault phase, which a twin has too. */
export function comparableTurns(
  plan: TrialPlan,
  index: HistoryIndex,
  figures: readonly TurnFigures[],
): ComparableTurns {
  const bystanders = new Set(plan.definition.observe.bystanders ?? []);
  const touched = new Set(index.faults.flatMap((fault) => turnsTouchedBy(index, fault)));
  const own = timed(figures).filter(
    ({ turn, phase }) => bystanders.has(turn.cohort) && phase === "fault" && !touched.has(turn),
  );
  const turns = new Map<string, ComparableTurn>();
  for (const { turn, enabledMs, floorMs, overheadMs, end } of own)
    turns.set(`${turn.session} ${turn.number}`, {
      session: turn.session,
      turn: turn.number,
      at: turn.enabled?.at ?? 0,
      enabledMs,
      tookMs: floorMs + overheadMs,
      answered: end === "answered",
    });
  return turns;
}

interface Cluster {
  turns: number;
  slow: number;
}

const isSlow = (struck: ComparableTurn, calm: ComparableTurn): boolean =>
  !struck.answered ||
  struck.tookMs > calm.tookMs + Math.max(NEIGHBOURS.slowerByMs, NEIGHBOURS.slowerByShare * calm.tookMs);

/** Lower end of the one-sided interval of a share. */
function lowerEnd(clusters: readonly Cluster[]): number {
  const m = clusters.length;
  const turns = clusters.reduce((sum, cluster) => sum + cluster.turns, 0);
  const share = clusters.reduce((sum, { slow }) => sum + slow, 0) / turns;
  if (m < 2 || share === 0) return 0;
  const squares = clusters.reduce((sum, cluster) => sum + (cluster.slow - share * cluster.turns) ** 2, 0);
  const error = Math.sqrt((m / (m - 1)) * squares) / turns;
  return share - tQuantile(NEIGHBOURS.confidence, m - 1) * error;
}

const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;

/** Judges the pairs of one runner in one scenario. */
export function neighboursUnharmed(pairs: readonly TwinPair[]): Verdict {
  const clusters = new Map<string, Cluster>();
  const evidence: Evidence[] = [];
  let [exposures, violations] = [0, 0];
  for (const { trial, struck, calm } of pairs)
    for (const [key, turn] of struck) {
      const twin = calm.get(key);
      if (twin?.answered !== true) continue;
      const second = `${trial} ${Math.floor(turn.enabledMs / 1000)}`;
      const cluster = clusters.get(second) ?? { turns: 0, slow: 0 };
      clusters.set(second, cluster);
      cluster.turns += 1;
      exposures += 1;
      if (!isSlow(turn, twin)) continue;
      cluster.slow += 1;
      violations += 1;
      const took = turn.answered ? `took ${Math.round(turn.tookMs)} ms` : "was never answered";
      const says = `In ${trial} turn ${turn.turn} of ${turn.session} ${took}, in its calm twin ${Math.round(twin.tookMs)} ms.`;
      if (evidence.length < EVIDENCE_MOST)
        evidence.push({ witness: "driver", index: turn.at, session: turn.session, turn: turn.turn, says });
    }
  const about = { checker: "C11", claim: "Neighbours of a fault are unharmed.", exposures, violations };
  const of = `${count(exposures, "turn")} of bystanders in ${count(pairs.length, "pair")} of trials`;
  if (pairs.length < NEIGHBOURS.pairs || exposures < NEIGHBOURS.turns) {
    const reason = `Not decided by ${of}; ${NEIGHBOURS.turns} turns in ${NEIGHBOURS.pairs} pairs are needed.`;
    return { ...about, result: "unknown", reason, evidence: [] };
  }
  const lower = lowerEnd([...clusters.values()]);
  const broken = lower > NEIGHBOURS.shareMost;
  const reason = `${percent(violations / exposures)} of ${of} were slower than in the calm twin by more than ${NEIGHBOURS.slowerByMs} ms and half (with 99 % confidence at least ${percent(Math.max(0, lower))}; allowed ${percent(NEIGHBOURS.shareMost)}).`;
  return { ...about, result: !broken, reason, evidence: broken ? evidence : [] };
}
