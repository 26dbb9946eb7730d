/**
 * Further blocks: looks at what a campaign has recorded and, where it goes on until its figures are precise and they are not,
 * draws the next block and stores its plan before anything of it is recorded. What is looked for stands in `until.ts`.
 */
import type { BenchWatcher } from "./bench.ts";
import { readHistory } from "./history-file.ts";
import { planFurtherBlock } from "./plan.ts";
import type { Campaign } from "./recordings.ts";
import { askedCohorts } from "./summarize/figures.ts";
import { overBlocks } from "./summarize/over-blocks.ts";
import { summarizeTrial } from "./summarize/trial-summary.ts";
import type { RunnerResult, TrialSummary } from "./summary.ts";
import type { TrialPlan, UntilRule } from "./trial.ts";
import { blockMs, type UntilSummary, untilSummary } from "./until.ts";

/** What is kept of a recorded trial: figures for the next look, so that every history is read once. */
interface Looked {
  readonly scenario: string;
  readonly runner: string;
  /** Twins are recorded like all others and decide nothing. */
  readonly twin: boolean;
  readonly cohorts: readonly string[];
  readonly summary: TrialSummary;
}

/** The summary of one recorded trial without verdicts of checkers; null where it has no outcome. */
export function summarizeRecorded(campaign: Campaign, plan: TrialPlan): TrialSummary | null {
  const outcome = campaign.outcome(plan.id);
  const contestant = campaign.contestants.find(({ name }) => name === plan.runner);
  if (outcome === undefined || contestant === undefined) return null;
  const { environment, header } = campaign;
  const history = readHistory(campaign.trialFolder(plan.id), plan);
  const recorded = { plan, outcome, history, verdicts: [], contestant }; // verdicts decide nothing here
  return summarizeTrial(recorded, { environment, prices: header.prices, commandOf: () => "" }).summary;
}

function look(campaign: Campaign, plan: TrialPlan): Looked | null {
  const summary = summarizeRecorded(campaign, plan);
  if (summary === null) return null;
  const { overhead, bystanders = [] } = plan.definition.observe;
  const cohorts = askedCohorts({ headlineCohorts: overhead, bystanders });
  return { scenario: plan.scenario, runner: plan.runner, twin: plan.twinOf !== undefined, cohorts, summary };
}

function resultsOf(looked: readonly Looked[]): RunnerResult[] {
  const keys = [...new Set(looked.map(({ scenario, runner }) => `${scenario} ${runner}`))];
  return keys.flatMap((key) => {
    const own = looked.filter(({ scenario, runner }) => `${scenario} ${runner}` === key);
    const trials = own.map(({ summary }) => summary);
    const [first] = own;
    return first === undefined ? [] : [{ runner: first.runner, trials, overBlocks: overBlocks(trials, first.cohorts) }];
  });
}

/** Stores one more block in a campaign that wants one and says whether it did. */
export function furtherBlocks(watch: Pick<BenchWatcher, "note">): (campaign: Campaign) => boolean {
  const known = new Map<string, Looked | null>();
  const stateOf = (campaign: Campaign, rule: UntilRule, lengthMs: number): UntilSummary => {
    const { blocks, trials } = campaign.header;
    for (const id of trials) if (!known.has(id)) known.set(id, look(campaign, campaign.plan(id)));
    const looked = trials.flatMap((id) => known.get(id) ?? []);
    const complete = looked.length === trials.length;
    const results = resultsOf(looked.filter(({ twin }) => !twin));
    return untilSummary({ rule, results, blocks, complete, blockMs: lengthMs });
  };
  return (campaign) => {
    const { until, seed, blocks, trials } = campaign.header;
    if (until === undefined) return false;
    const first = trials.filter((id) => id.startsWith("1-")).map((id) => campaign.plan(id));
    const { state, says } = stateOf(campaign, until, blockMs(first));
    watch.note(says);
    if (state !== "open") return false;
    campaign.extend(blocks + 1, planFurtherBlock(first, seed, blocks + 1));
    return true;
  };
}
