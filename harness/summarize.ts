/**
 * Summarize: from recordings and verdicts to the one file that reports and gate read.
 *
 * Promises: pure; the same recordings give the same bytes, in whatever order trials are handed in; nothing disappears: what is
 * void or missing is listed with its reason. Leaves to others: verdicts (`judge.ts`), what promises mean (`promises.ts`).
 */

import type { Primitives } from "./budget/primitives.ts";
import { type CalibrationRun, summarizeCalibrations } from "./calibration.ts";
import type { CapacityFigures } from "./capacity.ts";
import { driverFaultsOf } from "./driver-faults.ts";
import { promiseSummaries } from "./promises.ts";
import { budgetsOf } from "./summarize/budgets.ts";
import { capacityOf } from "./summarize/capacity.ts";
import { askedCohorts } from "./summarize/figures.ts";
import { localWorkOf } from "./summarize/local-work.ts";
import { overBlocks } from "./summarize/over-blocks.ts";
import type { SummarizedTrial } from "./summarize/trial-summary.ts";
import { neighboursUnharmed } from "./summarize/twins.ts";
import type {
  ContestantSummary,
  Environment,
  Prices,
  RunnerResult,
  ScenarioSummary,
  Summary,
  TwinSummary,
} from "./summary.ts";
import type { CampaignPlan, PlannedFault, TrialPlan } from "./trial.ts";
import { blockMs, untilSummary } from "./until.ts";
import { voidRates } from "./validity/void-rates.ts";

/** Everything that a summary is made of. */
export interface SummarizeInputs {
  readonly campaign: CampaignPlan;
  readonly environment: Environment;
  readonly prices: Prices;
  /** Day on which the first trial was recorded, YYYY-MM-DD. */
  readonly recorded: string;
  /** Calibrations of the driver, in order; default none. */
  readonly calibrations?: readonly CalibrationRun[];
  /** What was measured of the machine's runners; default nothing. */
  readonly capacity?: CapacityFigures | null;
  /** What parts of turns cost on the machine; default unknown. */
  readonly primitives?: Primitives | null;
  /** Trials that were recorded, in any order. */
  readonly trials: Iterable<SummarizedTrial>;
}

const INVOCATIONS = ["npm run bench --", "npx agent-derby run"] as const;

/** The word by which the campaign's own command named something that may be a file, else its name. */
function asNamed(words: readonly string[], name: string): string {
  return words.find((word) => word.replace(/^.*[/\\]/, "").replace(/\.(ts|js|json)$/, "") === name) ?? name;
}

/** The command that repeats one trial alone; its block comes with those before it. */
export function trialCommand({ command, profile, seed, load }: CampaignPlan, plan: TrialPlan): string {
  const invocation = INVOCATIONS.find((known) => command.startsWith(known)) ?? INVOCATIONS[1];
  const words = command.slice(invocation.length).split(" ");
  // Capacities may have been measured anew since, or elsewhere.
  const byShare = load?.scenarios.find(({ scenario }) => scenario === plan.scenario);
  const sessions = byShare === undefined ? /--sessions \d+/.exec(command)?.[0] : `--sessions ${byShare.sessions}`;
  const filters = [asNamed(words, plan.scenario), asNamed(words, plan.runner)];
  const options = [`--profile ${profile}`, `--seed ${seed}`, ...(sessions === undefined ? [] : [sessions])];
  const pinning = / --no-pin\b/.test(command) ? ["--no-pin"] : [];
  const isolation = / --isolation docker\b| --attach \S+ --world-port \d+( --bind \S+)?/.exec(command);
  const where = isolation === null ? [] : [isolation[0].trim()];
  return [invocation, ...filters, ...options, `--blocks ${plan.block}`, ...pinning, ...where].join(" ");
}

const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Calm twins beside the trials with faults; nothing where there are none. */
function twinsOf(planned: readonly TrialPlan[], trials: ReadonlyMap<string, SummarizedTrial>) {
  const twins = planned.flatMap(({ id, runner, twinOf }): TwinSummary[] => {
    const summary = trials.get(id)?.summary;
    if (twinOf === undefined || summary === undefined) return [];
    const { block, validity, latency, goodput, economy, effects, verdicts, command } = summary;
    return [{ id, runner, twinOf, block, validity, latency, goodput, economy, effects, verdicts, command }];
  });
  return twins.length === 0 ? {} : { twins };
}

/** C11 of one runner; nothing where no twins were planned. Void trials say nothing of neighbours either. */
function neighboursOf(planned: readonly TrialPlan[], runner: string, trials: ReadonlyMap<string, SummarizedTrial>) {
  const twins = planned.filter((plan) => plan.twinOf !== undefined && plan.runner === runner);
  const valid = (id: string | undefined): SummarizedTrial | undefined => {
    const trial = trials.get(id ?? "");
    return trial?.summary.validity.verdict === "valid" ? trial : undefined;
  };
  const pairs = twins.flatMap(({ id, twinOf }) => {
    const [calm, struck] = [valid(id), valid(twinOf)];
    if (calm === undefined || struck === undefined) return [];
    return { trial: struck.plan.id, struck: struck.comparable, calm: calm.comparable };
  });
  return twins.length === 0 ? {} : { neighbours: neighboursUnharmed(pairs) };
}

/** A fault as its scenario is headed. What strikes by the clock hits each runtime at another point of its work. */
const faultName = ({ kind, role, clockMs, atStep }: PlannedFault): string => {
  const when = atStep !== undefined ? ", at a step" : "";
  return `${kind} of ${role}${clockMs === undefined ? when : ", by the clock: for looking, not for comparing"}`;
};

function scenarioSummaries(campaign: CampaignPlan, trials: ReadonlyMap<string, SummarizedTrial>): ScenarioSummary[] {
  const names = [...new Set(campaign.trials.map(({ scenario }) => scenario))];
  return names.flatMap((scenario) => {
    const all = campaign.trials.filter((plan) => plan.scenario === scenario);
    const planned = all.filter(({ twinOf }) => twinOf === undefined);
    const first = planned[0];
    if (first === undefined) return [];
    const runners = [...new Set(planned.map(({ runner }) => runner))].sort(byName);
    const { asks, observe } = first.definition;
    const cohorts = { headlineCohorts: observe.overhead, bystanders: observe.bystanders ?? [] };
    const results: RunnerResult[] = runners.map((runner) => {
      const own = planned.flatMap((plan) => (plan.runner === runner ? (trials.get(plan.id)?.summary ?? []) : []));
      const over = overBlocks(own, askedCohorts(cohorts));
      return { runner, trials: own, overBlocks: over, ...neighboursOf(all, runner, trials) };
    });
    return {
      scenario,
      asks,
      faults: [
        ...new Set(first.faults.map(faultName)),
        ...driverFaultsOf(first.definition).map(({ kind, cohort }) => `${kind} to ${cohort}`),
      ],
      ...cohorts,
      results,
      ...localWorkOf(planned),
      ...twinsOf(all, trials),
      voids: voidRates(results),
    };
  });
}

function voidTrials(campaign: CampaignPlan, trials: ReadonlyMap<string, SummarizedTrial>): Summary["void"] {
  return campaign.trials.flatMap(({ id }) => {
    const validity = trials.get(id)?.summary.validity;
    if (validity === undefined) return { trial: id, reason: "The trial was not recorded." };
    if (validity.verdict === "valid") return [];
    return { trial: id, reason: `${validity.verdict}: ${validity.reasons.join(" ")}` };
  });
}

/** Why a campaign that adds blocks has ended; nothing for any other. */
function untilOf(campaign: CampaignPlan, scenarios: readonly ScenarioSummary[], complete: boolean) {
  const { until: rule, blocks } = campaign;
  if (rule === undefined) return {};
  const results = scenarios.flatMap((scenario) => scenario.results);
  return { until: untilSummary({ rule, results, blocks, complete, blockMs: blockMs(campaign.trials) }) };
}

/** Makes the summary of a campaign. */
export function summarize(inputs: SummarizeInputs): Summary {
  const {
    campaign,
    environment,
    prices,
    recorded,
    calibrations = [],
    capacity = null,
    primitives = null,
    trials: given,
  } = inputs;
  const trials = new Map<string, SummarizedTrial>();
  const contestants = new Map<string, ContestantSummary>();
  for (const trial of given) {
    trials.set(trial.plan.id, trial);
    contestants.set(trial.contestant.name, trial.contestant);
  }
  const { id, seed, profile, blocks, command, reductions, pairs } = campaign;
  const complete = campaign.trials.every((plan) => trials.has(plan.id));
  const runners = [...contestants.values()].sort((a, b) => byName(a.name, b.name));
  const scenarios = scenarioSummaries(campaign, trials);
  const until = untilOf(campaign, scenarios, complete);
  return {
    format: "agent-derby-summary/1",
    campaign: { id, seed, profile, blocks, command, recorded, complete, ...until, ...(pairs && { pairs }), reductions },
    environment,
    calibration: summarizeCalibrations(calibrations),
    ...capacityOf(capacity, campaign.trials),
    ...budgetsOf(primitives, scenarios, runners),
    prices,
    contestants: runners,
    scenarios,
    promises: runners.flatMap(({ name, promises }) => {
      const own = campaign.trials.flatMap((plan) => trials.get(plan.id) ?? []);
      const valid = own.filter(({ plan, summary }) => plan.runner === name && summary.validity.verdict === "valid");
      return promiseSummaries(name, promises, valid);
    }),
    void: voidTrials(campaign, trials),
  };
}
