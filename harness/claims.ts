/**
 * Claims: public arguments about runtimes, put on trial. Promises: pure; judged by figures of valid trials alone; a time is compared only
 * where it can be told apart from its limit; what nobody measured is "not tested", never "refuted". Leaves to others: which claims there
 * are (`claims/`, the only files that name runners and scenarios both), the figures (`claims/figures.ts`).
 */
import { CLAIM_FIGURES, type ClaimFigure } from "./claims/figures.ts";
import { INTERVAL_VALUES_LEAST } from "./statistics/median-interval.ts";
import { lagResolutionMs } from "./summarize/figures.ts";
import type { ScenarioSummary, Summary, TrialSummary } from "./summary.ts";
import { whyVacuous } from "./vacuous.ts";

/** One comparison by which a claim stands or falls, for every one of its runners that took part. */
export interface ClaimTest {
  readonly runners: readonly string[];
  readonly scenario: string;
  readonly figure: ClaimFigure;
  readonly is: "at least" | "at most";
  /** In the figure's unit; with `timesThat` a factor. */
  readonly value: number;
  /** The limit is `value` times this figure of the same block, of the same runner unless another is named. */
  readonly timesThat?: { readonly figure: ClaimFigure; readonly runner?: string };
  /** Added to the limit. */
  readonly plus?: number;
}

/** A claim in words. */
export interface ClaimWords {
  /** Name of the file. */
  readonly id: string;
  /** As people say it. */
  readonly says: string;
  readonly who: string;
  readonly source: string;
}

/** The contents of one file in `claims/`. */
export interface Claim extends ClaimWords {
  /** All must hold. */
  readonly tests: readonly ClaimTest[];
}

/** What came of one comparison for one runner. */
export interface ClaimFinding {
  readonly runner: string;
  readonly scenario: string;
  /** "turns forgotten at least 1". */
  readonly asks: string;
  /** Null: not decided, `found` says why. */
  readonly holds: boolean | null;
  /** The values found, one per block, or why there are none. */
  readonly found: string;
  readonly trials: readonly string[];
}

export interface ClaimSummary extends ClaimWords {
  readonly verdict: "supported" | "refuted" | "inconclusive" | "not tested";
  readonly findings: readonly ClaimFinding[];
}

/** With few blocks a time decides only if it is this many times beyond its limit: two runs of the same thing differ by less. */
const CLEARLY = 1.5;

/** Counts in full, measured values to three digits. */
const written = (value: number): string => String(Number.isInteger(value) ? value : Number(value.toPrecision(3)));

function asksOf({ figure, is, value, timesThat, plus }: ClaimTest): string {
  const { unit } = CLAIM_FIGURES[figure];
  const more = plus === undefined ? "" : ` + ${plus}${unit}`;
  if (timesThat === undefined) return `${figure} ${is} ${written(value + (plus ?? 0))}${unit}`;
  const whose = timesThat.runner === undefined ? "" : ` of ${timesThat.runner}`;
  return `${figure} ${is} ${written(value)} × ${timesThat.figure}${whose}${more}`;
}

interface Pair {
  readonly trial: TrialSummary;
  readonly other: TrialSummary;
}

interface Comparison {
  readonly holds: boolean | null;
  readonly found: string;
}

/** What the limit is a multiple of: 1 where it is a number; raised to what measuring can tell apart, since an overhead may be nothing. */
function baseOf({ timesThat }: ClaimTest, scenario: ScenarioSummary, other: TrialSummary): number | null {
  if (timesThat === undefined) return 1;
  const { varies, of } = CLAIM_FIGURES[timesThat.figure];
  const value = of(other, scenario);
  return value === null || !varies ? value : Math.max(value, lagResolutionMs(other));
}

/** One block: the value against its limit. @param other the trial that the limit is taken from */
function compare(test: ClaimTest, scenario: ScenarioSummary, { trial, other }: Pair, blocks: number): Comparison {
  const { varies, of, unit } = CLAIM_FIGURES[test.figure];
  const vacuous = whyVacuous(trial) ?? whyVacuous(other);
  if (vacuous !== null) return { holds: null, found: `the trial could have found nothing: ${vacuous}` };
  const value = of(trial, scenario);
  if (value === null) return { holds: null, found: "too few samples, or not exercised" };
  const shown = `${written(value)}${unit}`;
  const base = baseOf(test, scenario, other);
  if (base === null) return { holds: null, found: `${shown}; too few samples for the limit` };
  const limit = test.value * base + (test.plus ?? 0);
  const against = test.timesThat === undefined ? shown : `${shown}, limit ${written(limit)}${unit}`;
  if (varies && (trial.validity.saturated || other.validity.saturated))
    return { holds: null, found: `${against}; saturated` };
  const clear = value > limit * CLEARLY || value < limit / CLEARLY;
  if (varies && blocks < INTERVAL_VALUES_LEAST && !clear)
    return { holds: null, found: `${against}; too close for ${blocks === 1 ? "one block" : `${blocks} blocks`}` };
  return { holds: test.is === "at least" ? value >= limit : value <= limit, found: against };
}

/** The valid trials of a runner that has the figure, each with the one of the same block that its limit is taken from. */
function pairsOf({ timesThat }: ClaimTest, runner: string, scenario: ScenarioSummary): readonly Pair[] {
  const trialsOf = (name: string): readonly TrialSummary[] =>
    (scenario.results.find((result) => result.runner === name)?.trials ?? []).filter(
      ({ validity }) => validity.verdict === "valid",
    );
  const others = trialsOf(timesThat?.runner ?? runner);
  return trialsOf(runner).flatMap((trial) => {
    const other = others.find(({ block }) => block === trial.block);
    return other === undefined ? [] : [{ trial, other }];
  });
}

function findingOf(test: ClaimTest, runner: string, scenario: ScenarioSummary): ClaimFinding | null {
  const pairs = pairsOf(test, runner, scenario);
  if (pairs.length === 0) return null;
  const compared = pairs.map((pair) => compare(test, scenario, pair, pairs.length));
  const answers = new Set(compared.map(({ holds }) => holds));
  const [only] = answers;
  const lopsided = (test.timesThat?.runner ?? runner) !== runner && !scenario.voids.comparable;
  const found = [...new Set(compared.map((one) => one.found))].join(" · ");
  return {
    runner,
    scenario: scenario.scenario,
    asks: asksOf(test),
    holds: lopsided || answers.size !== 1 || only === undefined ? null : only,
    found: lopsided ? `${found}; not comparable, too many trials lost on one side` : found,
    trials: [...new Set(pairs.flatMap(({ trial, other }) => [trial.id, other.id]))],
  };
}

function judge(claim: Claim, summary: Summary): ClaimSummary {
  const { tests, ...rest } = claim;
  const byTest = tests.map((test) => {
    const scenario = summary.scenarios.find((one) => one.scenario === test.scenario);
    return scenario === undefined ? [] : test.runners.flatMap((runner) => findingOf(test, runner, scenario) ?? []);
  });
  const findings = byTest.flat();
  const verdict = (): ClaimSummary["verdict"] => {
    if (findings.length === 0) return "not tested";
    if (findings.some(({ holds }) => holds === false)) return "refuted";
    return byTest.every((found) => found.length > 0 && found.every(({ holds }) => holds === true))
      ? "supported"
      : "inconclusive";
  };
  return { ...rest, verdict: verdict(), findings };
}

/** The summary with what became of each claim. */
export function withClaims(summary: Summary, claims: readonly Claim[]): Summary {
  return claims.length === 0 ? summary : { ...summary, claims: claims.map((claim) => judge(claim, summary)) };
}
