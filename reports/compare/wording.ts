/** How a comparison is said in words, the same in terminal, Markdown and HTML. Promises: only words for what the comparison holds. */
import type { Comparison, FigureComparison, ScenarioComparison, Shift } from "../../harness/compare/comparison.ts";
import type { Phase } from "../../harness/history.ts";
import { counted, decimal, duration, NOTHING, share } from "../format.ts";

const phaseWord = (phase: Phase, injects: boolean): string => (phase === "fault" && !injects ? "load" : phase);

/** "overhead p99 of chatty, fault". */
export function figureName({ figure, cohort, phase }: FigureComparison, { injects }: ScenarioComparison): string {
  const whose = cohort === null ? "" : ` of ${cohort}`;
  return `${figure}${whose}${phase === null ? "" : `, ${phaseWord(phase, injects)}`}`;
}

export function figureValue(value: number | null, unit: FigureComparison["unit"]): string {
  if (value === null) return NOTHING;
  return unit === "ms" ? duration(value) : `${decimal(value)} KB`;
}

const ratioText = (ratio: number): string => (ratio >= 9.95 ? ratio.toFixed(0) : ratio.toFixed(ratio < 2 ? 3 : 2));

/** "1.120 [1.051, 1.193]" with its interval, "1.120 (pairs 0.981 to 1.204)" where there are too few for one. */
export function ratioCell({ ratio, low, high, lowest, highest }: FigureComparison): string {
  if (ratio === null) return NOTHING;
  if (low !== null && high !== null) return `${ratioText(ratio)} [${ratioText(low)}, ${ratioText(high)}]`;
  if (lowest === null || highest === null || lowest === highest) return ratioText(ratio);
  return `${ratioText(ratio)} (pairs ${ratioText(lowest)} to ${ratioText(highest)})`;
}

/** The answer with what it is worth: how large a difference may hide, and how large a one would have been found. */
export function answerText(figure: FigureComparison): string {
  const { answer, largerThan, detectable, difference, unit, pairs, pairsNeeded, reason } = figure;
  switch (answer) {
    case "better":
    case "worse":
      return difference === null ? answer : `${answer} by ${figureValue(Math.abs(difference), unit)}`;
    case "no difference": {
      const most = largerThan === null ? "no difference" : `no difference larger than ${share(largerThan)}`;
      const seen = detectable === null ? "" : `; ${share(detectable)} would be found`;
      return `${most}${seen}${reason === null ? "" : ` (below ${figureValue(figure.resolution, unit)}, within measuring)`}`;
    }
    case "not enough":
      return pairs === 0 ? "not enough: no pair has it" : `not enough pairs (${pairs} of ${pairsNeeded} needed)`;
    default:
      return answer;
  }
}

/** "memo against journal in strike", or the runner alone where it is compared with itself. */
export function matchName({ scenario, runnerA, runnerB }: ScenarioComparison): string {
  return runnerA === runnerB ? `${scenario} · ${runnerA}` : `${scenario} · ${runnerB} against ${runnerA}`;
}

/** What stands above the figures of a match, one sentence each. */
export function matchNotes({ pairs, notComparable, inconclusive, trialsA, trialsB }: ScenarioComparison): string[] {
  const trials = `${counted(pairs, "pair")} from ${trialsA.valid} of ${counted(trialsA.trials, "trial")} of a and ${trialsB.valid} of ${trialsB.trials} of b.`;
  return [
    trials,
    ...(notComparable === null ? [] : [notComparable]),
    ...inconclusive.map((why) => `Inconclusive: ${why}`),
  ];
}

/** How the answers were made, for whoever reads one. */
export function methodNote({ alpha, family }: Comparison): string {
  if (family === 0) return "No figure could be compared, so there is no answer.";
  return `Ratios are b/a, lower is better for b; values below what measuring can tell apart count as that. Sign-flip test on the pairs' log ratios; the chance that any of the ${counted(family, "figure")} is called better or worse when none is stays below ${share(alpha)} (Holm), and intervals are those of each figure's own level.`;
}

export function sideLines({ kind, a, b }: Comparison): string[] {
  const side = (one: Comparison["a"]): string =>
    `${one.campaign}, recorded ${one.recorded}, profile ${one.profile}, seed ${one.seed}, ${counted(one.blocks, "block")}`;
  return kind === "contestants"
    ? [`a: ${a.label}, b: ${b.label}; both of ${side(a)}`]
    : [`a: ${side(a)}`, `b: ${side(b)}`];
}

export function shiftName({ cohort, phase, measure }: Shift, { injects }: ScenarioComparison): string {
  return `${measure} of ${cohort}, ${phaseWord(phase, injects)}`;
}

export const quantileName = (q: number): string => `p${Number((q * 100).toFixed(1))}`;

/** "p50 1.01 · p90 1.10 · p99 1.32": the quantiles that people know by name. */
export function namedRatios({ points }: Shift): string {
  const named = points.filter(({ q }) => [0.05, 0.5, 0.9, 0.99, 0.999].includes(q));
  return named.map(({ q, ratio }) => `${quantileName(q)} ${ratioText(ratio)}`).join(" · ");
}
