/**
 * Compare: two campaigns, or two contestants of one, laid side by side. Pure.
 *
 * Only pairs are compared: the same scenario, block and seed on both sides, both trials valid. Void trials are counted, and where
 * they are more often on one side nothing is concluded; nor where the faults of one side met clearly more pending turns, or a
 * runtime was saturated. What differs beside the thing compared is listed. Damage is counted and never made a ratio.
 * Leaves to others: the test (`statistics/decision.ts`), every layout (`reports/compare/`).
 */
import type { ComparedSide, Comparison, Difference, ScenarioComparison } from "./compare/comparison.ts";
import { countsOf } from "./compare/counts.ts";
import { ALPHA, type Candidate, decideAll, familyOf } from "./compare/decide.ts";
import { differencesOf } from "./compare/differences.ts";
import { type FigurePairs, pairedFigures, unpairedFigures } from "./compare/figure-pairs.ts";
import { countOf, exposureImbalance, type Pair, pairsOf, saturation, unequalWork, validOf } from "./compare/pairs.ts";
import { shiftsOf } from "./compare/shift.ts";
import { otherTime, type Side, unequalSizes } from "./compare/sized-work.ts";
import { UsageError, unknownName } from "./errors.ts";
import { askedCohorts } from "./summarize/figures.ts";
import type { RunnerResult, ScenarioSummary, Summary } from "./summary.ts";
import { voidRates } from "./validity/void-rates.ts";

/** One runner of one scenario on either side, before anything is decided. */
interface Match {
  readonly scenarios: { readonly a: ScenarioSummary; readonly b: ScenarioSummary };
  readonly a: RunnerResult;
  readonly b: RunnerResult;
}

const sidesOf = ({ scenarios, a, b }: Match): [Side, Side] => [
  { scenario: scenarios.a, runner: a.runner },
  { scenario: scenarios.b, runner: b.runner },
];

/** A match with everything but its answers, which depend on all other matches too. */
interface Prepared {
  readonly facts: Omit<ScenarioComparison, "figures">;
  readonly candidates: readonly Candidate[];
}

/** Figures that depend on how many turns a fault met. */
const meetsFaults = ({ figure, phase }: FigurePairs): boolean => phase === "fault" || figure.startsWith("recovery");
const isTime = ({ unit, cohort }: FigurePairs): boolean => unit === "ms" && cohort !== null;

/** What keeps one figure from an answer although it has pairs. */
function doubts(
  match: Match,
  pairs: readonly Pair[],
): { readonly all: string[]; of(figure: FigurePairs): string | null } {
  const voids = voidRates([
    { runner: "a", trials: match.a.trials },
    { runner: "b", trials: match.b.trials },
  ]).reason;
  const exposure = exposureImbalance(pairs);
  const saturated = saturation(pairs);
  return {
    all: [voids, exposure, saturated].filter((doubt) => doubt !== null),
    of: (figure) => voids ?? (meetsFaults(figure) ? exposure : null) ?? (isTime(figure) ? saturated : null),
  };
}

/** Which figures are asked about; the fewer, the less the error level is split. */
export type Asked = (figure: Pick<FigurePairs, "figure" | "phase">, scenario: string) => boolean;

const EVERYTHING: Asked = () => true;

function prepare(match: Match, blocked: string | null, seedsDiffer: string | null, asked: Asked): Prepared {
  const { a, b, scenarios } = match;
  const cohorts = askedCohorts(scenarios.a);
  const pairs = seedsDiffer === null ? pairsOf(a, b) : [];
  const noPair = pairs.length === 0 ? "Not paired: in no block are the trials of both sides valid." : null;
  const notComparable =
    seedsDiffer ?? noPair ?? blocked ?? unequalWork(scenarios.a, scenarios.b, pairs) ?? otherTime(...sidesOf(match));
  const doubt = doubts(match, pairs);
  const paired = pairs.length > 0;
  const figures = paired ? pairedFigures(pairs, cohorts) : unpairedFigures(validOf(a), validOf(b), cohorts);
  const counted = paired
    ? ([pairs.map((pair) => pair.a), pairs.map((pair) => pair.b)] as const)
    : ([validOf(a), validOf(b)] as const);
  return {
    facts: {
      scenario: scenarios.a.scenario,
      injects: scenarios.a.faults.length > 0,
      runnerA: a.runner,
      runnerB: b.runner,
      trialsA: countOf(a),
      trialsB: countOf(b),
      pairs: pairs.length,
      notComparable,
      inconclusive: paired ? doubt.all : [],
      counts: countsOf(...counted),
      shifts: notComparable === null ? shiftsOf(pairs, cohorts) : [],
    },
    candidates: figures
      .filter((one) => asked(one, scenarios.a.scenario))
      .map((one) => ({ pairs: one, notComparable, inconclusive: doubt.of(one) })),
  };
}

function sideOf(label: string, { campaign }: Summary): ComparedSide {
  const { id, recorded, seed, profile, blocks, command } = campaign;
  return { label, campaign: id, recorded, seed, profile, blocks, command };
}

/** Decides over all figures at once, so that Holm's family is the whole comparison, and hands each scenario its own. */
function finished(
  base: Omit<Comparison, "format" | "alpha" | "family" | "scenarios">,
  prepared: readonly Prepared[],
): Comparison {
  const candidates = prepared.flatMap((one) => one.candidates);
  const figures = decideAll(candidates);
  let taken = 0;
  const scenarios = prepared.map(({ facts, candidates: own }) => {
    taken += own.length;
    return { ...facts, figures: figures.slice(taken - own.length, taken) };
  });
  return { format: "agent-derby-comparison/1", ...base, alpha: ALPHA, family: familyOf(candidates), scenarios };
}

const ONE_AFTER_THE_OTHER =
  "The campaigns were recorded one after the other: a drift of the machine between them looks like a difference, and no number of blocks helps. Where it matters, run both as contestants of one campaign, whose blocks interleave them.";

/** What both campaigns have, and sentences on what only one has. */
function matched(a: Summary, b: Summary): { readonly matches: Match[]; readonly alone: string[] } {
  const alone: string[] = [];
  const only = (what: string, inA: boolean): number => alone.push(`Only ${inA ? "a" : "b"} has ${what}.`);
  const matches = a.scenarios.flatMap((scenarioA) => {
    const scenarioB = b.scenarios.find(({ scenario }) => scenario === scenarioA.scenario);
    if (scenarioB === undefined) {
      only(`the scenario ${scenarioA.scenario}`, true);
      return [];
    }
    for (const { runner } of scenarioB.results)
      if (!scenarioA.results.some((one) => one.runner === runner)) only(`${runner} in ${scenarioA.scenario}`, false);
    return scenarioA.results.flatMap((resultA) => {
      const resultB = scenarioB.results.find(({ runner }) => runner === resultA.runner);
      if (resultB === undefined) only(`${resultA.runner} in ${scenarioA.scenario}`, true);
      return resultB === undefined ? [] : [{ scenarios: { a: scenarioA, b: scenarioB }, a: resultA, b: resultB }];
    });
  });
  for (const { scenario } of b.scenarios)
    if (!a.scenarios.some((one) => one.scenario === scenario)) only(`the scenario ${scenario}`, false);
  return { matches, alone };
}

/** Why nothing of one machine is held against the other; null on equal machines. */
function otherMachine(differences: readonly Difference[]): string | null {
  const machine = differences.filter(({ kind }) => kind === "machine").map(({ what }) => what);
  return machine.length === 0 ? null : `Different machines: not comparable (${machine.join(", ")}).`;
}

const LOOKED_AT_PAIRS =
  "The number of blocks was chosen by looking at the pairs: the gate's answers allow for that, better or worse here do not.";

function looked(a: Summary, b: Summary): string[] {
  return [...new Set([a, b])].flatMap(({ campaign: { id, until, pairs } }) => [
    ...(until === undefined ? [] : [`${id}: ${until.says}`]),
    ...(pairs === undefined ? [] : [`${id}: ${LOOKED_AT_PAIRS}`]),
  ]);
}

/**
 * Compares campaign b with campaign a: each runner with itself.
 * @param asked default: every figure
 * @throws UsageError when they have no scenario with a common runner
 */
export function compareCampaigns(a: Summary, b: Summary, asked: Asked = EVERYTHING): Comparison {
  const { matches, alone } = matched(a, b);
  if (matches.length === 0) {
    const held = (summary: Summary): string =>
      summary.scenarios
        .map(({ scenario, results }) => `${scenario} (${results.map(({ runner }) => runner).join(", ")})`)
        .join("; ") || "nothing";
    throw new UsageError(
      `The campaigns have no scenario with a common runner. a holds ${held(a)}; b holds ${held(b)}.`,
    );
  }
  const differences = differencesOf(a, b);
  const seeds =
    a.campaign.seed === b.campaign.seed
      ? null
      : `Not paired: the seeds differ (${a.campaign.seed} and ${b.campaign.seed}), so no block of one met what a block of the other met.`;
  const software = differences.filter(({ kind }) => kind === "software").map(({ what }) => what);
  const notes = [
    ONE_AFTER_THE_OTHER,
    ...(software.length === 0
      ? []
      : [`The software differs too (${software.join(", ")}): any difference may be due to that.`]),
    ...looked(a, b),
    ...alone,
    ...matches.flatMap((match) => unequalSizes(...sidesOf(match))),
  ];
  const base = { kind: "campaigns", a: sideOf("a", a), b: sideOf("b", b), differences, notes } as const;
  const blocked = otherMachine(differences);
  return finished(
    base,
    matches.map((match) => prepare(match, blocked, seeds, asked)),
  );
}

/** What two contestants did in every scenario that both took part in. @throws UsageError as `compareContestants` */
function met(summary: Summary, runnerA: string, runnerB: string): Match[] {
  const known = [...new Set(summary.scenarios.flatMap(({ results }) => results.map(({ runner }) => runner)))];
  const unknown = [runnerA, runnerB].filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new UsageError(unknown.map((name) => unknownName("contestant", name, known)));
  const matches = summary.scenarios.flatMap((scenario) => {
    const of = (name: string) => scenario.results.find(({ runner }) => runner === name);
    const [a, b] = [of(runnerA), of(runnerB)];
    return a === undefined || b === undefined ? [] : [{ scenarios: { a: scenario, b: scenario }, a, b }];
  });
  if (matches.length === 0) throw new UsageError(`${runnerA} and ${runnerB} have no scenario in common.`);
  return matches;
}

/** The pairs of two contestants by scenario and figure, and what stands in the way of an answer. @throws UsageError as `compareContestants` */
export function pairsOfContestants(
  summary: Summary,
  runnerA: string,
  runnerB: string,
): { readonly scenario: string; readonly candidates: readonly Candidate[] }[] {
  return met(summary, runnerA, runnerB).map((match) => {
    const { facts, candidates } = prepare(match, null, null, EVERYTHING);
    return { scenario: facts.scenario, candidates };
  });
}

/**
 * Compares contestant b with contestant a in every scenario that both took part in, block by block.
 * @throws UsageError for a contestant that the campaign does not have, or two that never met
 */
export function compareContestants(summary: Summary, runnerA: string, runnerB: string): Comparison {
  const matches = met(summary, runnerA, runnerB);
  const notes = [...looked(summary, summary), ...matches.flatMap((match) => unequalSizes(...sidesOf(match)))];
  const sides = { a: sideOf(runnerA, summary), b: sideOf(runnerB, summary) };
  const base = { kind: "contestants", ...sides, differences: [], notes } as const;
  return finished(
    base,
    matches.map((match) => prepare(match, null, null, EVERYTHING)),
  );
}
