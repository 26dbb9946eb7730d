/** Plan: which trials run in which order, with every random choice already drawn from one seed. Pure but for reading scenario files. */
import { type Attached, LOOPBACK } from "./attached.ts";
import type { RunnerCapacity } from "./capacity.ts";
import type { IsolationName } from "./containers/isolation.ts";
import { UsageError, unknownName } from "./errors.ts";
import type { LocalTiming } from "./local-timing.ts";
import { requireCapacities, shareOfCapacity } from "./plan/capacity-load.ts";
import { choose } from "./plan/choose.ts";
import { type SizedWork, sizeForAll } from "./plan/equal-time.ts";
import { planFaults, scaleFault, stepFaultsMs } from "./plan/faults.ts";
import { completionsPerSecond, loadOf, refusals } from "./plan/load.ts";
import { requireForAttached, whyLeftOut } from "./plan/offers.ts";
import { planSessions } from "./plan/sessions.ts";
import { withTwins } from "./plan/twins.ts";
import type { MachineLimits } from "./processes/limits.ts";
import { PROFILES, type Profile } from "./profiles.ts";
import { type Distribution, fnv1a32, keyOf, randomOf, shuffled } from "./random.ts";
import type { Runner } from "./runner.ts";
import type { Cohort, Scenario } from "./scenario.ts";
import { loadScenario } from "./scenario-check.ts";
import type { CampaignPlan, PairsRule, ShareOfCapacity, TrialPlan, UntilRule } from "./trial.ts";
import { blockMs, UNTIL_BLOCKS_LEAST } from "./until.ts";

/** What the caller of `run` or `plan` asked for. */
export interface PlanOptions {
  /** Names of scenarios and runners; a scenario named here runs whatever the profile says, and likewise a runner. */
  readonly filters: readonly string[];
  readonly profile: string;
  readonly seed: string;
  /** Live sessions of every scenario, instead of the profile's. */
  readonly sessions?: number;
  /** Percent of the weakest runner's capacity that every scenario offers, instead of a number of sessions. */
  readonly loadPercent?: number;
  readonly blocks?: number;
  /** Blocks are added until this is met; the plan then holds the first of them. */
  readonly until?: UntilRule;
  /** Blocks are added until these pairs have decided; the plan then holds the `blocks` that come before the first look. */
  readonly pairs?: PairsRule;
  /** How the tool is called here: "npm run bench --" or "npx agent-derby run". */
  readonly invocation: string;
  /** False where harness and runtime share all cores. Default true. */
  readonly pin?: boolean;
  /** Where runtimes live. Default "processes". */
  readonly isolation?: IsolationName;
  /** A runtime that runs already, in place of starting the one runner that is named. */
  readonly attached?: Attached;
}

/** What exists where the plan is made. */
export interface PlanSurroundings {
  readonly scenarioFolder: string;
  /** Runners that run when none is named, as far as they are installed. */
  readonly contestants: readonly Runner[];
  readonly installed: (runner: Runner) => Promise<boolean>;
  /** What to say of one that is not. Default: `notInstalled`. */
  readonly missing?: (runner: Runner) => string;
  /** Finds a runner that is no contestant by default: a variant, a path, `reference`. Undefined if there is none of that name. */
  readonly findRunner: (name: string) => Runner | undefined;
  readonly faultKinds: readonly string[];
  /** What a runner's local tools take here, by a fresh certificate; null where none says so. */
  readonly timings: (runner: Runner) => readonly LocalTiming[] | null;
  /** What was measured of a runner's present files on this machine; null where nobody has. */
  readonly capacity: (runner: Runner) => RunnerCapacity | null;
  readonly limits: MachineLimits;
}

/** The fault phase may last this much longer than planned when a runtime acknowledges too few turns for its faults to fire. */
export const FAULT_EXTENSION_MS = 30_000;
const MEMORY_MB_MOST = 2_048;
/** Conversations are opened at most this fast, whatever the profile: warm-up is to be no stress test. */
const OPENINGS_PER_SECOND = 300;

/** MEMORY_MB of a runtime on this machine: a quarter of it, at most 2 GiB. */
export function runtimeMemoryMb(machineMemoryBytes: number): number {
  return Math.min(MEMORY_MB_MOST, Math.floor(machineMemoryBytes / 4 / 2 ** 20));
}

function scaledDistribution(distribution: Distribution, factor: number): Distribution {
  const entries = Object.entries(distribution).map(([key, value]) =>
    typeof value === "number" && key !== "sigma" ? [key, value * factor] : [key, value],
  );
  return Object.fromEntries(entries) as Distribution;
}

/** A scenario at the size of a profile: cohorts keep their shares of the sessions. */
export function scaleScenario(scenario: Scenario, profile: Profile, sessions: number): Scenario {
  const written = Object.values(scenario.cohorts).reduce((sum, cohort) => sum + cohort.sessions, 0);
  const cohorts = Object.fromEntries(
    Object.entries(scenario.cohorts).map(([name, cohort]): [string, Cohort] => [
      name,
      {
        ...cohort,
        sessions: Math.max(1, Math.round((cohort.sessions * sessions) / written)),
        thinkMs: scaledDistribution(cohort.thinkMs, profile.think),
      },
    ]),
  );
  const { warmupMs, calmMs, faultMs, quietMs } = scenario.phases;
  const at = (ms: number): number => Math.round(ms * profile.phases);
  const openingMs = Math.ceil((sessions * 1000) / OPENINGS_PER_SECOND);
  return {
    ...scenario,
    cohorts,
    phases: {
      warmupMs: Math.max(at(warmupMs), openingMs),
      calmMs: at(calmMs),
      faultMs: Math.max(at(faultMs), stepFaultsMs(scenario)),
      quietMs: at(quietMs),
    },
    ...(scenario.faults && {
      faults: scenario.faults.map((fault) => scaleFault(fault, at, sessions / written)),
    }),
  };
}

/** What the trials of one scenario have in common in every block. */
interface TrialSetting {
  readonly name: string;
  readonly scenario: Scenario;
  readonly runners: readonly string[];
  /** What single runners are asked for, where that differs between them. */
  readonly sized: ReadonlyMap<string, SizedWork>;
  readonly twins: boolean;
  readonly proofsPerSecond: number;
  readonly memoryMb: number;
  /** Begins the names of sessions, where the runtime may know others of before. */
  readonly visit?: string;
}

/** One trial of each runner, all with the same sessions and faults, in an order that depends on nothing but the seed and the names. */
function planBlock(setting: TrialSetting, campaignSeed: string, block: number): TrialPlan[] {
  const { name, scenario, runners, sized, proofsPerSecond, memoryMb, visit } = setting;
  const seed = keyOf(fnv1a32(campaignSeed), "block", block);
  const order = shuffled([...runners].sort(), randomOf(seed, "order", name));
  const { warmupMs, calmMs, faultMs } = scenario.phases;
  const horizonMs = warmupMs + calmMs + faultMs + FAULT_EXTENSION_MS;
  // Always of one length, so that no name of one block is also one of another.
  const prefix = visit === undefined ? undefined : `${visit}${block.toString(36).padStart(2, "0")}`;
  const ideal = planSessions(seed, scenario, memoryMb, horizonMs, prefix);
  const common = {
    format: "agent-derby-trial/1",
    scenario: name,
    definition: scenario,
    block,
    seed,
    memoryMb,
    phases: scenario.phases,
    sessions: ideal.map(({ session }) => session),
    faults: planFaults(scenario, ideal, seed),
    load: loadOf(scenario, memoryMb, proofsPerSecond),
    proofsPerSecond,
  } as const;
  const trials = order.map((runner) => ({
    ...common,
    id: `${block}-${name}-${runner.replace(":", ".")}`,
    runner,
    ...sized.get(runner),
  }));
  return setting.twins ? withTwins(trials) : trials;
}

/**
 * One more block of a stored plan, made from the trials of a block alone: byte for byte what a plan of that many blocks would
 * have held from the beginning, whatever has become of scenario files, profiles and this machine since.
 * @param trials of any one block
 */
export function planFurtherBlock(trials: readonly TrialPlan[], campaignSeed: string, block: number): TrialPlan[] {
  const names = [...new Set(trials.map(({ scenario }) => scenario))];
  return names.flatMap((name) => {
    const own = trials.filter(({ scenario, twinOf }) => scenario === name && twinOf === undefined);
    const [first] = own;
    if (first === undefined) return [];
    const { definition: scenario, proofsPerSecond, memoryMb } = first;
    const runners = own.map(({ runner }) => runner);
    const sized = new Map(
      own.flatMap(({ runner, definition, localWork }) => (localWork ? [[runner, { definition, localWork }]] : [])),
    );
    const twins = trials.some(({ twinOf }) => twinOf !== undefined);
    return planBlock({ name, scenario, runners, sized, twins, proofsPerSecond, memoryMb }, campaignSeed, block);
  });
}

/** The number of sessions that fits the machine, and a sentence if that is fewer than asked for by the profile. */
function makeRoom(
  scenario: Scenario,
  name: string,
  profile: Profile,
  asked: number | undefined,
  memoryMb: number,
  limits: MachineLimits,
) {
  const wanted = asked ?? profile.sessions;
  const load = (sessions: number) =>
    loadOf(scaleScenario(scenario, profile, sessions), memoryMb, profile.proofsPerSecond);
  const problems = refusals(load(wanted), limits);
  if (problems.length === 0) return { sessions: wanted, reductions: [] };
  let fitting = wanted;
  while (fitting > 100 && refusals(load(fitting), limits).length > 0) fitting = Math.floor(fitting * 0.9);
  // A number asked for by name is refused, not bent; a profile's number gives way and says so.
  if (asked !== undefined || refusals(load(fitting), limits).length > 0)
    throw new UsageError(problems.map((problem) => `Scenario ${name} with ${wanted} sessions: ${problem}`));
  return {
    sessions: fitting,
    reductions: [`${name}: ${fitting} live sessions instead of ${wanted}. ${problems.join(" ")}`],
  };
}

/** @throws UsageError when not even the blocks that a first look needs fit into the budget */
function refuseSmallBudget({ budgetMinutes }: UntilRule, trials: readonly TrialPlan[]): void {
  const neededMinutes = Math.ceil((blockMs(trials) * UNTIL_BLOCKS_LEAST) / 60_000);
  if (neededMinutes > budgetMinutes)
    throw new UsageError(
      `--until looks at ${UNTIL_BLOCKS_LEAST} blocks before it decides, which take ${neededMinutes} minutes by plan; the budget is ${budgetMinutes}. Give --budget ${neededMinutes} or more, or fewer scenarios and runners.`,
    );
}

/** The command that repeats a campaign. */
function commandOf(options: PlanOptions): string {
  const { until, loadPercent, attached } = options;
  const extra = [
    ...options.filters,
    `--profile ${options.profile}`,
    `--seed ${options.seed}`,
    ...(options.sessions === undefined ? [] : [`--sessions ${options.sessions}`]),
    ...(loadPercent === undefined ? [] : [`--load ${loadPercent}`]),
    ...(options.blocks === undefined ? [] : [`--blocks ${options.blocks}`]),
    ...(until === undefined ? [] : [`--until ${until.percent} --budget ${until.budgetMinutes}`]),
    ...(options.pin === false && attached === undefined ? ["--no-pin"] : []),
    ...(options.isolation === "docker" ? ["--isolation docker"] : []),
    ...(attached === undefined ? [] : [`--attach ${attached.url} --world-port ${attached.world.port}`]),
    ...(attached === undefined || attached.world.host === LOOPBACK ? [] : [`--bind ${attached.world.host}`]),
  ];
  return `${options.invocation} ${extra.join(" ")}`;
}

/**
 * Plans a campaign: per block every scenario, per scenario every runner once, shuffled, all with the seed of the block.
 * @throws UsageError for unknown names, runners that are named and not installed, bad scenario files, or a load that the machine cannot carry
 */
export async function planCampaign(options: PlanOptions, around: PlanSurroundings): Promise<CampaignPlan> {
  const profile = PROFILES[options.profile];
  if (profile === undefined) throw new UsageError(unknownName("profile", options.profile, Object.keys(PROFILES)));
  const { scenarios, runners, leftOut } = await choose(options.filters, around, profile);
  const { attached } = options;
  if (attached !== undefined) await requireForAttached(scenarios, runners, around);
  const memoryMb = runtimeMemoryMb(around.limits.memoryBytes);
  const { until } = options;
  const blocks = until === undefined ? (options.blocks ?? profile.blocks) : UNTIL_BLOCKS_LEAST;
  const reductions = [...leftOut];
  const trials: TrialPlan[] = [];
  const { loadPercent: percent } = options;
  const capacities = percent === undefined ? null : { percent, known: requireCapacities(runners, around.capacity) };
  const shares: ShareOfCapacity[] = [];
  for (const file of scenarios) {
    const scenario = await loadScenario(file, around.scenarioFolder, around.faultKinds);
    const name = file.replace(/^.*[/\\]/, "").replace(/\.(ts|js|json)$/, "");
    const able = runners.filter((runner) => whyLeftOut(scenario, runner) === null);
    for (const runner of runners.filter((one) => !able.includes(one)))
      reductions.push(`${name}: not offered by ${runner.name}, which ${whyLeftOut(scenario, runner)}.`);
    const rateOf = (sessions: number): number =>
      completionsPerSecond(scaleScenario(scenario, profile, sessions), memoryMb);
    const share = capacities && shareOfCapacity(name, { ...capacities, among: able }, profile.sessions, rateOf);
    if (share !== null) shares.push(share);
    const asked = share?.sessions ?? options.sessions;
    const room = makeRoom(scenario, name, profile, asked, memoryMb, around.limits);
    reductions.push(...room.reductions);
    const scaled = scaleScenario(scenario, profile, room.sessions);
    const { proofsPerSecond } = profile;
    const twins = profile.twins && attached === undefined;
    const visit = attached && { visit: `${attached.visit}${scenarios.indexOf(file).toString(36)}` };
    const { sized, untimed } = sizeForAll(scaled, able, around.timings, memoryMb);
    if (untimed.size > 0 && untimed.size === able.length && options.filters.includes(file))
      throw new UsageError([...untimed.values()].map((sentence) => `Scenario ${name}: ${sentence}`));
    reductions.push(...[...untimed.values()].map((sentence) => `${name}: ${sentence}`));
    const names = able.map((runner) => runner.name).filter((runner) => !untimed.has(runner));
    const setting = { name, scenario: scaled, runners: names, sized, twins, proofsPerSecond, memoryMb, ...visit };
    for (let block = 1; block <= blocks; block++) trials.push(...planBlock(setting, options.seed, block));
  }
  trials.sort((a, b) => a.block - b.block);
  if (until !== undefined) refuseSmallBudget(until, trials);
  return {
    format: "agent-derby-campaign/1",
    id: `${options.profile}-${options.seed.replace(/[^A-Za-z0-9-]/g, "_")}`,
    seed: options.seed,
    profile: options.profile,
    blocks,
    ...(until !== undefined && { until }),
    ...(percent !== undefined && { load: { percent, scenarios: shares } }),
    ...(options.pairs && { pairs: options.pairs }),
    command: commandOf(options),
    trials,
    reductions,
  };
}
