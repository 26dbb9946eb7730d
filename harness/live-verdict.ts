/** Live verdict: what the certificate of a trial will say, as soon as it is recorded, for those who watch. The report judges anew. */
import type { BenchWatcher } from "./bench.ts";
import { summarizeRecorded } from "./further-blocks.ts";
import type { Campaign } from "./recordings.ts";
import type { TrialPlan } from "./trial.ts";

/** Tells a watcher who wants to know; does nothing for any other, since a whole history is read for it. */
export function liveVerdicts(
  watch: Pick<BenchWatcher, "judged" | "note">,
  summarized: typeof summarizeRecorded = summarizeRecorded,
): (campaign: Campaign, plan: TrialPlan) => void {
  return (campaign, plan) => {
    if (watch.judged === undefined || campaign.outcome(plan.id)?.status !== "recorded") return;
    try {
      const validity = summarized(campaign, plan)?.validity;
      if (validity !== undefined) watch.judged(plan, validity);
    } catch (error) {
      // Nobody's wish to know early ends a campaign: what is wrong here meets the report at the end, when all is recorded.
      watch.note(`${plan.id} could not be judged yet: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
}
