/**
 * Record: the only stage that touches the outside. Runs the trials of a plan one after the other; each is on disk before the
 * next begins. A campaign that was stopped goes on with the first trial that has no outcome.
 */
import type { BenchOptions, BenchWatcher } from "./bench.ts";
import { certify } from "./conform/certificate.ts";
import { UsageError } from "./errors.ts";
import { type PostgresSource, preparePostgres } from "./postgres/postgres.ts";
import { readEnvironment } from "./probes/environment.ts";
import { pinProcess } from "./processes/cores.ts";
import { sweep } from "./processes/remains.ts";
import { Watchdog } from "./processes/watchdog.ts";
import type { Site } from "./record/surroundings.ts";
import { recordTrial } from "./record/trial-run.ts";
import { Stopped } from "./record/waiting.ts";
import { Campaign } from "./recordings.ts";
import type { Runner } from "./runner.ts";
import type { ContestantSummary } from "./summary.ts";
import type { CampaignPlan, TrialOutcome, TrialPlan } from "./trial.ts";

export interface RecordJob {
  /** Undefined when a stored campaign is resumed. */
  readonly plan: CampaignPlan | undefined;
  readonly options: BenchOptions;
  readonly site: Site;
  readonly watch: BenchWatcher;
}

const postgresKind = (choice: string): string => (choice === "embedded" || choice === "docker" ? choice : "url");

function contestantOf(runner: Runner, certificate: string): ContestantSummary {
  const { name, runtime, language, home, promises, deviations } = runner;
  return { name, runtime, language, home, promises, deviations: deviations ?? [], certificate };
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
    };
    return { campaign: Campaign.create(site.out, plan, header), plan };
  }
  const campaign = Campaign.open(options.resume ?? "");
  const { trials, ...header } = campaign.header;
  return { campaign, plan: { ...header, trials: trials.map((id) => campaign.plan(id)) } };
}

/** Everything that trials share; ended by `close` whatever happens. */
interface Shared {
  readonly campaign: Campaign;
  readonly watchdog: Watchdog;
  readonly postgres: PostgresSource | null;
  readonly certificates: ReadonlyMap<string, TrialOutcome["certificate"]>;
}

async function recordOne(job: RecordJob, shared: Shared, plan: TrialPlan, index: number): Promise<void> {
  const { watch, site, options } = job;
  const { campaign, watchdog, postgres, certificates } = shared;
  campaign.setAside(plan.id);
  watch.trialStarted(plan, index);
  const runner = site.runner(plan.runner);
  const outcome = await recordTrial({
    plan,
    runner,
    folder: campaign.trialFolder(plan.id),
    cores: site.cores,
    postgres: runner.needs?.includes("postgres") ? postgres : null,
    watchdog,
    certificate: certificates.get(plan.runner) ?? "none",
    signal: options.signal,
    onProgress: (progress) => watch.progress(progress),
  });
  campaign.writeOutcome(plan.id, outcome);
  watch.trialEnded(plan, outcome.status, outcome.reason);
}

/**
 * Records all trials of a plan that have no outcome yet. Returns when all are done or the signal has stopped it.
 * @throws UsageError when the campaign cannot start at all; recordings made so far stay
 */
export async function record(job: RecordJob): Promise<Campaign> {
  const { options, site, watch } = job;
  const { campaign, plan } = openCampaign(job);
  watch.planned(plan);
  const open = plan.trials.filter(({ id }) => campaign.outcome(id) === undefined);
  if (open.length === 0) return campaign;
  await sweep();
  if (site.cores !== null) pinProcess(site.cores.harness);
  const watchdog = await Watchdog.start();
  try {
    const names = [...new Set(plan.trials.map(({ runner }) => runner))].sort();
    const runners = names.map((name) => site.runner(name));
    const needed = runners.some(({ needs }) => needs?.includes("postgres"));
    const postgres = needed ? await preparePostgres(options.postgres, watchdog) : null;
    const certificates = new Map<string, TrialOutcome["certificate"]>();
    for (const runner of runners) certificates.set(runner.name, certify(runner));
    campaign.write("environment.json", readEnvironment(site.cores));
    campaign.write(
      "contestants.json",
      runners.map((runner) => contestantOf(runner, certificates.get(runner.name) ?? "none")),
    );
    for (const trial of open) {
      if (options.signal.aborted) break;
      await recordOne(job, { campaign, watchdog, postgres, certificates }, trial, plan.trials.indexOf(trial));
    }
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
  } finally {
    await watchdog.stop();
  }
  if (campaign.header.trials.every((id) => campaign.outcome(id) === undefined) && !options.signal.aborted)
    throw new UsageError("No trial was recorded.");
  return campaign;
}
