/**
 * Further blocks: looks at what a campaign has recorded and, where it goes on until its figures are precise (`until.ts`) or its pairs have
 * decided (`gate/pairs.ts`) and they are not, draws the next block and stores its plan before anything of it is recorded.
 */
import type { BenchWatcher } from "./bench.ts";
import { pairsState } from "./gate/pairs.ts";
import { readHistory } from "./history-file.ts";
import { planFurtherBlock } from "./plan.ts";
import type { Campaign } from "./recordings.ts";
import { askedCohorts } from "./summarize/figures.ts";
import { overBlocks } from "./summarize/over-blocks.ts";
import { summarizeTrial } from "./summarize/trial-summary.ts";
import type { RunnerResult, TrialSummary } from "./summary.ts";
import type { TrialPlan } from "./trial.ts";
import { blockMs, untilSummary } from "./until.ts";

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

/** Whether a campaign that chooses its blocks by looking wants one more, and why; null of any other. */
function wanted(campaign: Campaign, first: readonly TrialPlan[], looked: readonly Looked[], complete: boolean) {
  const { until, pairs, blocks } = campaign.header;
  if (until !== undefined)
    return untilSummary({ rule: until, results: resultsOf(looked), blocks, complete, blockMs: blockMs(first) });
  if (pairs === undefined) return null;
  const scenarios = [...new Set(looked.map(({ scenario }) => scenario))].map((scenario) => {
    const own = looked.filter((one) => one.scenario === scenario);
    return { scenario, results: resultsOf(own), cohorts: own[0]?.cohorts ?? [] };
  });
  return pairsState(pairs, scenarios, blocks, complete);
}

/** Stores one more block in a campaign that wants one and says whether it did. */
export function furtherBlocks(watch: Pick<BenchWatcher, "note">): (campaign: Campaign) => boolean {
  const known = new Map<string, Looked | null>();
  return (campaign) => {
    const { until, pairs, seed, blocks, trials } = campaign.header;
    if (until === undefined && pairs === undefined) return false;
    for (const id of trials) if (!known.has(id)) known.set(id, look(campaign, campaign.plan(id)));
    const looked = trials.flatMap((id) => known.get(id) ?? []);
    const first = trials.filter((id) => id.startsWith("1-")).map((id) => campaign.plan(id));
    const complete = looked.length === trials.length;
    const now = wanted(
      campaign,
      first,
      looked.filter(({ twin }) => !twin),
      complete,
    );
    if (now === null) return false;
    watch.note(now.says);
    if (now.state !== "open") return false;
    campaign.extend(blocks + 1, planFurtherBlock(first, seed, blocks + 1));
    return true;
  };
}
