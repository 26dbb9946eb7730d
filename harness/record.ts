/**
 * Record: the only stage that touches the outside. Runs the trials of a plan one after the other; each is on disk before the
 * next begins. A campaign that was stopped goes on with the first trial that has no outcome.
 */
import type { BenchOptions, BenchProgress, BenchWatcher } from "./bench.ts";
import { calibrateBefore } from "./calibrate/before-trials.ts";
import { engineVersion } from "./engine-version.ts";
import { requireInstalled } from "./installed.ts";
import { FIGURE_KINDS, fittingFigures, storedFigures } from "./machine-figures.ts";
import { offeredSentences } from "./plan/capacity-load.ts";
import { type PostgresSource, preparePostgres } from "./postgres/postgres.ts";
import { readEnvironment } from "./probes/environment.ts";
import { pinProcess } from "./processes/cores.ts";
import { sweep } from "./processes/remains.ts";
import { Watchdog } from "./processes/watchdog.ts";
import { ProfiledTrial } from "./profilers/profiled-trial.ts";
import { type Admission, admitAll } from "./record/admission.ts";
import { LiveFeed } from "./record/live-feed.ts";
import type { Site } from "./record/surroundings.ts";
import { recordTrial } from "./record/trial-run.ts";
import { Stopped } from "./record/waiting.ts";
import { UNMEASURED } from "./record/witnesses.ts";
import { Campaign } from "./recordings.ts";
import type { Runner } from "./runner.ts";
import type { ContestantSummary } from "./summary.ts";
import type { CampaignPlan, TrialPlan } from "./trial.ts";

export interface RecordJob {
  /** Undefined when a stored campaign is resumed. */
  readonly plan: CampaignPlan | undefined;
  readonly options: BenchOptions;
  readonly site: Site;
  readonly watch: BenchWatcher;
  /** Asked when every planned trial has its outcome: may store further trials in the campaign, and says whether it did. */
  readonly furtherBlock: (campaign: Campaign) => boolean;
  /** Told of each trial whose outcome is on disk. */
  readonly recorded: (campaign: Campaign, plan: TrialPlan) => void;
}

const postgresKind = (choice: string): string => (choice === "embedded" || choice === "docker" ? choice : "url");

/** @param elsewhere its engine is that of an image, or of somebody else, which this machine cannot be asked for */
async function contestantOf(runner: Runner, certificate: string, elsewhere: boolean): Promise<ContestantSummary> {
  const { name, runtime, language, home, promises, deviations = [], recovery = [], budget } = runner;
  const version = elsewhere ? null : await engineVersion(runner);
  const known = { ...(version !== null && { version }), ...(budget && { budget }) };
  return { name, runtime, language, home, promises, deviations, recovery, ...known, certificate };
}

const runnersOf = (plan: CampaignPlan, site: Site): Runner[] =>
  [...new Set(plan.trials.map(({ runner }) => runner))].sort().map((name) => site.runner(name));

/** Copies what this machine's benches know of these very runners, so that the report can show it wherever it is made. */
function keepFigures(campaign: Campaign, runners: readonly Runner[]): void {
  for (const kind of FIGURE_KINDS) {
    const figures = fittingFigures(storedFigures(kind), runners);
    if (figures !== null) campaign.write(`${kind}.json`, figures);
  }
}

/** The campaign to record into: new, or the stored one with what is missing. */
function openCampaign({ plan, options, site }: RecordJob): { campaign: Campaign; plan: CampaignPlan } {
  if (plan !== undefined) {
    const recorded = new Date().toISOString().slice(0, 10);
    const header = {
      recorded,
      prices: options.price,
      postgres: postgresKind(options.postgres),
      pinned: site.cores !== null,
      isolation: site.isolation.name,
    };
    const campaign = Campaign.create(site.out, plan, header);
    keepFigures(campaign, runnersOf(plan, site));
    return { campaign, plan };
  }
  const campaign = Campaign.open(options.resume ?? "");
  // Runners that were named by a path, or given another name, are found by it again: it stands in the command of the campaign.
  for (const word of campaign.header.command.split(" ")) if (/[/=]/.test(word)) site.plan.findRunner(word);
  return { campaign, plan: storedPlan(campaign) };
}

function storedPlan(campaign: Campaign): CampaignPlan {
  const { trials, ...header } = campaign.header;
  return { ...header, trials: trials.map((id) => campaign.plan(id)) };
}

const unrecorded = (campaign: Campaign, plan: CampaignPlan): TrialPlan[] =>
  plan.trials.filter(({ id }) => campaign.outcome(id) === undefined);

/** The plan as it stands, with one more block if all is recorded and the campaign wants one. */
function planNow(job: RecordJob, campaign: Campaign, plan: CampaignPlan): CampaignPlan {
  if (job.options.signal.aborted || unrecorded(campaign, plan).length > 0 || !job.furtherBlock(campaign)) return plan;
  const longer = storedPlan(campaign);
  job.watch.planned(longer);
  return longer;
}

/** Everything that trials share; ended by `close` whatever happens. */
interface Shared {
  readonly campaign: Campaign;
  readonly watchdog: Watchdog;
  readonly postgres: PostgresSource | null;
  readonly admissions: ReadonlyMap<string, Admission>;
}

/** Undefined where no profiler was asked for. */
function profilingOf(
  { options: { profiler }, watch }: RecordJob,
  { folder }: Campaign,
  plan: TrialPlan,
  runner: Runner,
) {
  if (profiler === undefined) return undefined;
  return new ProfiledTrial(profiler, { folder, trial: plan.id, runner, note: (sentence) => watch.note(sentence) });
}

async function recordOne(job: RecordJob, shared: Shared, plan: TrialPlan, index: number): Promise<void> {
  const { watch, site, options } = job;
  const { campaign, watchdog, postgres, admissions } = shared;
  const { certificate, refusal } = admissions.get(plan.runner) ?? { certificate: "none" };
  campaign.setAside(plan.id);
  watch.trialStarted(plan, index);
  const runner = site.runner(plan.runner);
  const live = watch.live === undefined ? null : new LiveFeed((event) => watch.live?.(event));
  watch.pagesOpened?.();
  const refused = { status: "refused", cores: site.cores, health: UNMEASURED, certificate } as const;
  const profiling = profilingOf(job, campaign, plan, runner);
  const run = {
    ...(profiling && { profiling }),
    plan,
    runner,
    folder: campaign.trialFolder(plan.id),
    cores: site.cores,
    postgres: runner.needs?.includes("postgres") ? postgres : null,
    isolation: site.isolation,
    watchdog,
    certificate,
    signal: options.signal,
    onProgress: (progress: BenchProgress) => watch.progress(progress),
    live,
  };
  const outcome = refusal === undefined ? await recordTrial(run) : { ...refused, reason: refusal };
  live?.flush();
  const profiled = profiling && { profiled: await profiling.finish() };
  campaign.writeOutcome(plan.id, {
    ...outcome,
    ...profiled,
    ...(watch.pagesOpened && { watched: watch.pagesOpened() }),
  });
  watch.trialEnded(plan, outcome.status, outcome.reason);
  job.recorded(campaign, plan);
}

/**
 * Records all trials of a plan that have no outcome yet. Returns when all are done or the signal has stopped it.
 * @throws UsageError when the campaign cannot start at all; recordings made so far stay
 */
export async function record(job: RecordJob): Promise<Campaign> {
  const { options, site, watch } = job;
  const opened = openCampaign(job);
  const { campaign } = opened;
  watch.planned(opened.plan);
  for (const sentence of offeredSentences(opened.plan, campaign.figures("capacity")?.runners ?? []))
    watch.note(sentence);
  let plan = planNow(job, campaign, opened.plan);
  if (unrecorded(campaign, plan).length === 0) return campaign;
  const runners = runnersOf(plan, site);
  // A campaign that goes on may have been planned where more was installed.
  await requireInstalled(runners, site.isolation.installed, site.isolation.missing);
  await sweep();
  if (site.cores !== null) pinProcess(site.cores.harness);
  const watchdog = await Watchdog.start();
  try {
    const started = site.isolation.attached === undefined ? runners : [];
    const needed = started.some(({ needs }) => needs?.includes("postgres"));
    const postgres = needed ? await preparePostgres(options.postgres, watchdog) : null;
    const shared = { campaign, watchdog, postgres };
    const { isolation } = site;
    const { attached } = isolation;
    const settings = { postgres, watchdog, isolation, signal: options.signal, ...(attached && { attached }) };
    const admissions = await admitAll(runners, settings, watch);
    campaign.write("environment.json", { ...readEnvironment(site.cores), isolation: isolation.name });
    const elsewhere = isolation.name !== "processes";
    const taking = runners.map((runner) =>
      contestantOf(runner, admissions.get(runner.name)?.certificate ?? "none", elsewhere),
    );
    campaign.write("contestants.json", await Promise.all(taking));
    const [first] = unrecorded(campaign, plan);
    if (first !== undefined && options.calibrate !== false)
      await calibrateBefore(first.id, campaign, { cores: site.cores, watchdog, signal: options.signal }, watch);
    for (let [next] = unrecorded(campaign, plan); next !== undefined; [next] = unrecorded(campaign, plan)) {
      if (options.signal.aborted) break;
      await recordOne(job, { ...shared, admissions }, next, plan.trials.indexOf(next));
      plan = planNow(job, campaign, plan);
    }
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
  } finally {
    await watchdog.stop();
  }
  return campaign;
}
