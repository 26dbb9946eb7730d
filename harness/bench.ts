/**
 * The whole program on one screen: plan → record → judge → summarize → compare → render.
 *
 * `record` is the only stage that touches the outside; it writes each trial to disk before anything is judged. Whatever
 * comes after starts from the recordings alone and gives the same bytes each time.
 */
import { join } from "node:path";
import { renderHtml } from "../reports/html/render.ts";
import { renderJson } from "../reports/json.ts";
import { renderJunit } from "../reports/junit.ts";
import { renderMarkdown } from "../reports/markdown.ts";
import { type Attached, attachedTo } from "./attached.ts";
import { readClaims } from "./claims/claim-files.ts";
import { withClaims } from "./claims.ts";
import type { Comparison } from "./compare/comparison.ts";
import { compareCampaigns, compareContestants } from "./compare.ts";
import { type Isolation, type IsolationName, prepareIsolation } from "./containers/isolation.ts";
import { UsageError } from "./errors.ts";
import { furtherBlocks } from "./further-blocks.ts";
import { campaignPlan, type JudgedTrial } from "./judging/judged-trial.ts";
import { judgedTrials } from "./judging/threads.ts";
import type { TrialLive } from "./live.ts";
import { liveVerdicts } from "./live-verdict.ts";
import { sourceRoot } from "./package-root.ts";
import { planCampaign } from "./plan.ts";
import type { Profiler } from "./profilers/profiler.ts";
import { surroundings } from "./record/surroundings.ts";
import { record } from "./record.ts";
import { Campaign } from "./recordings.ts";
import { readStoredSummary } from "./stored-summary.ts";
import { summarize } from "./summarize.ts";
import type { Prices, Summary, Validity } from "./summary.ts";
import type { CampaignPlan, PairsRule, TrialOutcome, TrialPlan, UntilRule } from "./trial.ts";

/** What `run` was asked to do. */
export interface BenchOptions {
  readonly filters: readonly string[];
  readonly profile: string;
  /** Default: drawn and printed. */
  readonly seed?: string;
  readonly sessions?: number;
  /** Percent of the weakest runner's measured capacity, instead of `sessions`. */
  readonly loadPercent?: number;
  readonly blocks?: number;
  /** Adds blocks until the figures are this precise, in place of `blocks`. */
  readonly until?: UntilRule;
  /** Adds blocks to the first `blocks` until the pairs of two contestants have decided. */
  readonly pairs?: PairsRule;
  /** Folder in which the campaign gets a folder of its own. Default "results". */
  readonly out?: string;
  /** Folder of a campaign to go on with; the options of its plan are then those stored. */
  readonly resume?: string;
  /** "embedded", "docker", or the address of a server. */
  readonly postgres: string;
  readonly price: Prices;
  readonly pin: boolean;
  /** Where runtimes live. Default "processes"; a campaign that is resumed keeps its own. */
  readonly isolation?: IsolationName;
  /** A runtime that runs already, in place of starting the one runner that is named. */
  readonly attached?: Attached;
  /** Whether the driver is calibrated before the trials. Default true; a report of a campaign without it says so. */
  readonly calibrate?: boolean;
  /** Under which the runtime is recorded; such trials are never ranked. Default none. */
  readonly profiler?: Profiler;
  /** "npm run bench --" or "npx agent-derby run", for the commands that repeat things. */
  readonly invocation: string;
  readonly signal: AbortSignal;
}

/** How far a running trial is. */
export interface BenchProgress {
  readonly phase: string;
  readonly live: number;
  readonly pending: number;
  readonly acknowledged: number;
  readonly turnsPerSecond: number;
  readonly elapsedMs: number;
}

/** Who is told what happens. */
export interface BenchWatcher {
  planned(plan: CampaignPlan): void;
  trialStarted(trial: TrialPlan, index: number): void;
  progress(progress: BenchProgress): void;
  trialEnded(trial: TrialPlan, status: TrialOutcome["status"], reason?: string): void;
  note(sentence: string): void;
  /** Told what happens within trials, second by second; the driver is asked for it only if this is there. */
  live?(event: TrialLive): void;
  /** Told how each recorded trial is judged, before the next one; they are judged that early only if this is there. */
  judged?(trial: TrialPlan, validity: Pick<Validity, "verdict" | "reasons">): void;
  /** Most pages open at once since the last call, where a live page is served: certificates tell it. */
  pagesOpened?(): number;
}

export interface BenchResult {
  readonly folder: string;
  readonly summary: Summary;
  readonly interrupted: boolean;
}

/** One campaign has one isolation, whoever resumes it. @throws UsageError */
async function isolationOf(options: Pick<BenchOptions, "resume" | "isolation" | "attached">): Promise<Isolation> {
  const { resume, isolation, attached } = options;
  if (attached !== undefined) return attachedTo(attached);
  const name = resume === undefined ? isolation : Campaign.open(resume).header.isolation;
  if (name === "attached")
    throw new UsageError(
      "A campaign of a backend that ran already (--attach) cannot go on: it remembers half of a trial. `judge` reports what was recorded; start another for the rest.",
    );
  return prepareIsolation(name ?? "processes");
}

/** The plan that `runBench` would record. @throws UsageError for anything the caller can mend */
export async function planBench(options: Omit<BenchOptions, "signal">): Promise<CampaignPlan> {
  const site = surroundings(options, await isolationOf(options));
  return planCampaign({ ...options, seed: options.seed ?? site.seed }, site.plan);
}

/** @throws UsageError for anything the caller can mend; nothing recorded is lost by it */
export async function runBench(options: BenchOptions, watch: BenchWatcher): Promise<BenchResult> {
  const site = surroundings(options, await isolationOf(options));
  const plan =
    options.resume === undefined
      ? await planCampaign({ ...options, seed: options.seed ?? site.seed }, site.plan)
      : undefined;
  const looks = { furtherBlock: furtherBlocks(watch), recorded: liveVerdicts(watch) };
  const campaign = await record({ plan, options, site, watch, ...looks });
  const summary = await reportFolder(campaign.folder);
  return { folder: campaign.folder, summary, interrupted: options.signal.aborted };
}

function summaryOf(campaign: Campaign, trials: readonly JudgedTrial[]): Summary {
  const { environment, calibrations } = campaign;
  const { prices, recorded } = campaign.header;
  const plan = campaignPlan(campaign);
  const capacity = campaign.figures("capacity");
  const primitives = campaign.figures("primitives");
  const summary = summarize({
    campaign: plan,
    environment,
    prices,
    recorded,
    calibrations,
    capacity,
    primitives,
    trials,
  });
  return withClaims(summary, readClaims(join(sourceRoot, "claims")));
}

/** Judges and summarizes stored recordings. @throws UsageError when the folder holds no campaign */
export async function judgeFolder(folder: string): Promise<Summary> {
  return summaryOf(Campaign.open(folder), await judgedTrials(folder));
}

/** Judges stored recordings and writes summary.json, report.html, report.md and junit.xml beside them, and a capsule for each failure. */
export async function reportFolder(folder: string): Promise<Summary> {
  const campaign = Campaign.open(folder);
  const trials = await judgedTrials(folder);
  for (const { plan, capsules } of trials) campaign.writeCapsules(plan.id, capsules);
  const summary = summaryOf(campaign, trials);
  campaign.writeText("summary.json", renderJson(summary));
  campaign.writeText("report.md", renderMarkdown(summary));
  campaign.writeText("junit.xml", renderJunit(summary));
  campaign.writeText("report.html", renderHtml(summary));
  return summary;
}

/** What to compare: two campaigns, by folder or summary file, or two contestants of one campaign. */
export type CompareRequest =
  | { readonly a: string; readonly b: string }
  | { readonly campaign: string; readonly runnerA: string; readonly runnerB: string };

/** The summary of a campaign's folder or of a summary.json; judged again where it is missing or of an older version. */
export async function storedSummary(path: string): Promise<Summary> {
  return readStoredSummary(path) ?? (await judgeFolder(path));
}

/** Compares what is stored and writes nothing. @throws UsageError for campaigns or contestants that do not exist or never met */
export async function compareStored(request: CompareRequest): Promise<Comparison> {
  if ("campaign" in request)
    return compareContestants(await storedSummary(request.campaign), request.runnerA, request.runnerB);
  return compareCampaigns(await storedSummary(request.a), await storedSummary(request.b));
}
