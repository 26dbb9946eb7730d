/**
 * Comparison: what two campaigns, or two contestants of one, say against each other. Data only, and the only input of the
 * reports on it. Side a is what one knows, side b what one asks about: "better" means that b is better than a.
 */
import type { Phase } from "../history.ts";

/**
 * better, worse, no difference: what the pairs say. not enough: too few pairs to say anything. inconclusive: pairs there are, but
 * something else differs between the sides. not comparable: they are no pairs at all.
 */
export type Answer = "better" | "worse" | "no difference" | "not enough" | "inconclusive" | "not comparable";

/** One figure on both sides. Lower is better. Ratios are b/a. */
export interface FigureComparison {
  readonly figure: string;
  /** Null for figures of the whole runtime. */
  readonly cohort: string | null;
  readonly phase: Phase | null;
  readonly unit: "ms" | "KB";
  /** Medians over the pairs; over all valid trials where there are no pairs. */
  readonly a: number | null;
  readonly b: number | null;
  /** Median over the pairs of b − a. */
  readonly difference: number | null;
  /** What measuring can tell apart, in the same unit: values below it count as it, and no smaller difference is called one. */
  readonly resolution: number;
  readonly pairs: number;
  /** Pairs without which no answer is possible at this level. */
  readonly pairsNeeded: number;
  /** Geometric mean of the ratios of the pairs. */
  readonly ratio: number | null;
  /** Interval of the ratio at 1 − level; null with too few pairs. */
  readonly low: number | null;
  readonly high: number | null;
  /** Lowest and highest ratio of a single pair. */
  readonly lowest: number | null;
  readonly highest: number | null;
  /** Error level of this figure's test after Holm's correction. */
  readonly level: number;
  /** The interval holds no change larger than this, as a share of a. */
  readonly largerThan: number | null;
  /** Smallest change that so many pairs with this spread would find in 9 of 10 cases, as a share of a. */
  readonly detectable: number | null;
  readonly answer: Answer;
  /** Why the answer is not what the pairs alone would say; null where it is. */
  readonly reason: string | null;
}

/** Damage is counted, never divided: no ratio says more than "5,212 and 0". */
export interface CountComparison {
  readonly count: string;
  /** Sums over the trials of that side; null where the runtime offers nothing that could be counted. */
  readonly a: number | null;
  readonly b: number | null;
}

export interface ShiftPoint {
  readonly q: number;
  /** Median over the pairs of the ratio b/a of this quantile. */
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
}

/** Where in the distribution the sides differ. */
export interface Shift {
  readonly cohort: string;
  readonly phase: Phase;
  readonly measure: "overhead" | "latency";
  readonly pairs: number;
  /** What `low` and `high` of the points are: an interval of the median ratio, or the lowest and highest pair. */
  readonly band: "interval" | "range";
  readonly points: readonly ShiftPoint[];
}

/** How many trials a side has in a scenario. */
export interface TrialCount {
  readonly trials: number;
  readonly valid: number;
  /** Trials void for causes on the harness's side. */
  readonly void: number;
}

/** One runner against one runner in one scenario. */
export interface ScenarioComparison {
  readonly scenario: string;
  /** Whether anything is injected: if not, the phase named fault is one of load. */
  readonly injects: boolean;
  readonly runnerA: string;
  readonly runnerB: string;
  readonly trialsA: TrialCount;
  readonly trialsB: TrialCount;
  readonly pairs: number;
  /** Why there are no pairs, or why their ratios mean nothing; null where they do. */
  readonly notComparable: string | null;
  /** What makes answers inconclusive, in sentences. */
  readonly inconclusive: readonly string[];
  readonly figures: readonly FigureComparison[];
  readonly counts: readonly CountComparison[];
  readonly shifts: readonly Shift[];
}

export interface ComparedSide {
  /** How the side is called in tables. */
  readonly label: string;
  readonly campaign: string;
  readonly recorded: string;
  readonly seed: string;
  readonly profile: string;
  readonly blocks: number;
  readonly command: string;
}

/** Something about which two campaigns differ. */
export interface Difference {
  readonly what: string;
  readonly a: string;
  readonly b: string;
  /** machine: nothing measured on one can be held against the other. work: no pairs. software: may be the cause of any difference. */
  readonly kind: "machine" | "work" | "software";
}

export interface Comparison {
  readonly format: "agent-derby-comparison/1";
  readonly kind: "campaigns" | "contestants";
  readonly a: ComparedSide;
  readonly b: ComparedSide;
  readonly differences: readonly Difference[];
  /** What a reader must know before any answer. */
  readonly notes: readonly string[];
  /** Chance that any figure is called better or worse when none is: split among the figures by Holm's method. */
  readonly alpha: number;
  /** Figures among which it is split. */
  readonly family: number;
  readonly scenarios: readonly ScenarioComparison[];
}
