/**
 * One stored trial, read, judged and summarized: what is left of its history when the history is gone. Promises: everything in it can
 * be sent from thread to thread; the same recording gives the same bytes.
 */
import { capsulesOf, renderCapsule } from "../capsule.ts";
import { readHistory } from "../history-file.ts";
import { judgeTrial } from "../judge.ts";
import type { Campaign } from "../recordings.ts";
import { type SummarizedTrial, summarizeTrial } from "../summarize/trial-summary.ts";
import { trialCommand } from "../summarize.ts";
import type { CampaignPlan, TrialPlan } from "../trial.ts";

export interface JudgedTrial extends SummarizedTrial {
  /** Its capsules, as file name and text. */
  readonly capsules: ReadonlyMap<string, string>;
}

/** The plan of a stored campaign, with those of all its trials. */
export function campaignPlan(campaign: Campaign): CampaignPlan {
  const { prices: _prices, recorded: _recorded, ...header } = campaign.header;
  return { ...header, trials: header.trials.map((id) => campaign.plan(id)) };
}

/** Null where the trial was not recorded. @throws UsageError when a line of its history is broken */
export function judgeStored(campaign: Campaign, whole: CampaignPlan, id: string): JudgedTrial | null {
  const plan = campaign.plan(id);
  const outcome = campaign.outcome(id);
  const contestant = campaign.contestants.find(({ name }) => name === plan.runner);
  if (outcome === undefined || contestant === undefined) return null;
  const history = readHistory(campaign.trialFolder(id), plan);
  const recorded = { plan, outcome, history, verdicts: judgeTrial(history, contestant.promises), contestant };
  const { environment } = campaign;
  const commandOf = (one: TrialPlan): string => trialCommand(whole, one);
  const texts = [...capsulesOf(recorded, { campaign: whole, environment, commandOf })].map(
    ([name, capsule]) => [name, renderCapsule(capsule)] as const,
  );
  const summarized = summarizeTrial(recorded, { environment, prices: campaign.header.prices, commandOf });
  return { ...summarized, capsules: new Map(texts) };
}
