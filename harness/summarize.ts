/**
 * Summarize: from recordings and verdicts to the one file that reports and gate read.
 *
 * Promises: pure; the same recordings give the same bytes, in whatever order trials are handed in; nothing disappears: what is
 * void or missing is listed with its reason. Leaves to others: verdicts (`judge.ts`), what promises mean (`promises.ts`).
 */
import { promiseSummaries, type WeighedTrial } from "./promises.ts";
import { type RecordedTrial, summarizeTrial } from "./summarize/trial-summary.ts";
import type { ContestantSummary, Environment, Prices, RunnerResult, ScenarioSummary, Summary } from "./summary.ts";
import type { CampaignPlan, TrialPlan } from "./trial.ts";

/** Everything that a summary is made of. */
export interface SummarizeInputs {
  readonly campaign: CampaignPlan;
  readonly environment: Environment;
  readonly prices: Prices;
  /** Day on which the first trial was recorded, YYYY-MM-DD. */
  readonly recorded: string;
  /** Trials that were recorded; each is looked at once and in turn, so a generator need not hold more than one in memory. */
  readonly trials: Iterable<RecordedTrial>;
}

interface Summarized extends WeighedTrial {
  readonly plan: TrialPlan;
}

const INVOCATIONS = ["npm run bench --", "npx agent-derby run"] as const;

/** The word by which the campaign's own command named something that may be a file, else its name. */
function asNamed(words: readonly string[], name: string): string {
  return words.find((word) => word.replace(/^.*[/\\]/, "").replace(/\.(ts|js|json)$/, "") === name) ?? name;
}

/** The command that repeats one trial alone; its block comes with those before it. */
function trialCommand({ command, profile, seed }: CampaignPlan, plan: TrialPlan): string {
  const invocation = INVOCATIONS.find((known) => command.startsWith(known)) ?? INVOCATIONS[1];
  const words = command.slice(invocation.length).split(" ");
  const sessions = /--sessions \d+/.exec(command)?.[0];
  const filters = [asNamed(words, plan.scenario), asNamed(words, plan.runner)];
  const options = [`--profile ${profile}`, `--seed ${seed}`, ...(sessions === undefined ? [] : [sessions])];
  return [invocation, ...filters, ...options, `--blocks ${plan.block}`].join(" ");
}

const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function scenarioSummaries(campaign: CampaignPlan, trials: ReadonlyMap<string, Summarized>): ScenarioSummary[] {
  const names = [...new Set(campaign.trials.map(({ scenario }) => scenario))];
  return names.flatMap((scenario) => {
    const planned = campaign.trials.filter((plan) => plan.scenario === scenario);
    const first = planned[0];
    if (first === undefined) return [];
    const runners = [...new Set(planned.map(({ runner }) => runner))].sort(byName);
    const results: RunnerResult[] = runners.map((runner) => ({
      runner,
      trials: planned.flatMap((plan) => {
        const trial = plan.runner === runner ? trials.get(plan.id) : undefined;
        return trial === undefined ? [] : [trial.summary];
      }),
    }));
    const { asks, observe } = first.definition;
    return {
      scenario,
      asks,
      faults: [...new Set(first.faults.map(({ kind, role }) => `${kind} of ${role}`))],
      headlineCohorts: observe.overhead,
      bystanders: observe.bystanders ?? [],
      results,
    };
  });
}

function voidTrials(campaign: CampaignPlan, trials: ReadonlyMap<string, Summarized>): Summary["void"] {
  return campaign.trials.flatMap(({ id }) => {
    const validity = trials.get(id)?.summary.validity;
    if (validity === undefined) return { trial: id, reason: "The trial was not recorded." };
    if (validity.verdict === "valid") return [];
    return { trial: id, reason: `${validity.verdict}: ${validity.reasons.join(" ")}` };
  });
}

/** Makes the summary of a campaign. */
export function summarize({ campaign, environment, prices, recorded, trials: given }: SummarizeInputs): Summary {
  const trials = new Map<string, Summarized>();
  const contestants = new Map<string, ContestantSummary>();
  const surroundings = { environment, prices, commandOf: (plan: TrialPlan) => trialCommand(campaign, plan) };
  for (const trial of given) {
    trials.set(trial.plan.id, { plan: trial.plan, ...summarizeTrial(trial, surroundings) });
    contestants.set(trial.contestant.name, trial.contestant);
  }
  const { id, seed, profile, blocks, command, reductions } = campaign;
  const complete = campaign.trials.every((plan) => trials.has(plan.id));
  const runners = [...contestants.values()].sort((a, b) => byName(a.name, b.name));
  return {
    format: "agent-derby-summary/1",
    campaign: { id, seed, profile, blocks, command, recorded, complete, reductions },
    environment,
    prices,
    contestants: runners,
    scenarios: scenarioSummaries(campaign, trials),
    promises: runners.flatMap(({ name, promises }) => {
      const own = campaign.trials.flatMap((plan) => trials.get(plan.id) ?? []);
      const valid = own.filter(({ plan, summary }) => plan.runner === name && summary.validity.verdict === "valid");
      return promiseSummaries(name, promises, valid);
    }),
    void: voidTrials(campaign, trials),
  };
}
