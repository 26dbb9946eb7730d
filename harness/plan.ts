/** Plan: which trials run in which order, with every random choice already drawn from one seed. Pure but for reading scenario files. */
import { UsageError, unknownName } from "./errors.ts";
import { loadOf, refusals } from "./plan/load.ts";
import { type IdealSession, planSessions } from "./plan/sessions.ts";
import type { MachineLimits } from "./processes/limits.ts";
import { PROFILES, type Profile } from "./profiles.ts";
import { type Distribution, fnv1a32, keyOf, randomOf, shuffled } from "./random.ts";
import type { Runner } from "./runner.ts";
import type { Cohort, Scenario } from "./scenario.ts";
import { loadScenario, scenarioNames } from "./scenario-check.ts";
import type { CampaignPlan, PlannedFault, TrialPlan } from "./trial.ts";

/** What the caller of `run` or `plan` asked for. */
export interface PlanOptions {
  /** Names of scenarios and runners; a scenario named here runs whatever the profile says, and likewise a runner. */
  readonly filters: readonly string[];
  readonly profile: string;
  readonly seed: string;
  /** Live sessions of every scenario, instead of the profile's. */
  readonly sessions?: number;
  readonly blocks?: number;
  /** How the tool is called here: "npm run bench --" or "npx agent-derby run". */
  readonly invocation: string;
}

/** What exists where the plan is made. */
export interface PlanSurroundings {
  readonly scenarioFolder: string;
  readonly contestants: readonly Runner[];
  /** Finds a runner that is no contestant by default: a variant, a path, `reference`. Undefined if there is none of that name. */
  readonly findRunner: (name: string) => Runner | undefined;
  readonly faultKinds: readonly string[];
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
      faultMs: at(faultMs),
      quietMs: at(quietMs),
    },
    ...(scenario.faults && {
      faults: scenario.faults.map((fault) => ({ ...fault, atMs: fault.atMs.map(at) })),
    }),
  };
}

/** Turns instants of the ideal schedule into counts of acknowledged turns, so that every runtime is hit at the same point of its work. */
function planFaults(scenario: Scenario, sessions: readonly IdealSession[]): PlannedFault[] {
  const beginMs = scenario.phases.warmupMs + scenario.phases.calmMs;
  // Sessions of a fault cohort count from the beginning of the fault phase.
  const originMs = (cohort: string): number => (scenario.cohorts[cohort]?.startsIn === "fault" ? beginMs : 0);
  const answers = sessions
    .flatMap(({ session, answersMs }) => answersMs.map((ms) => ms + originMs(session.cohort)))
    .sort((a, b) => a - b);
  const acknowledgedBy = (ms: number): number => {
    const index = answers.findIndex((answer) => answer > ms);
    return index === -1 ? answers.length : index;
  };
  const faults = (scenario.faults ?? []).flatMap((fault) =>
    fault.atMs.map((atMs) => ({
      kind: fault.kind,
      role: fault.role ?? ("app" as const),
      afterAcknowledged: acknowledgedBy(beginMs + atMs),
      restartAfterMs: fault.restartAfterMs ?? 0,
      with: fault.with ?? {},
    })),
  );
  faults.sort((a, b) => a.afterAcknowledged - b.afterAcknowledged);
  return faults.map((fault, index) => ({ id: `f${index + 1}`, ...fault }));
}

interface TrialSetting {
  readonly name: string;
  readonly scenario: Scenario;
  readonly profile: Profile;
  readonly block: number;
  readonly seed: number;
  readonly memoryMb: number;
}

/** One trial for each runner, all with the same sessions and faults. */
function planTrials(setting: TrialSetting, runners: readonly Runner[]): TrialPlan[] {
  const { name, scenario, profile, block, seed, memoryMb } = setting;
  const { warmupMs, calmMs, faultMs } = scenario.phases;
  const ideal = planSessions(seed, scenario, memoryMb, warmupMs + calmMs + faultMs + FAULT_EXTENSION_MS);
  const common = {
    format: "agent-derby-trial/1",
    scenario: name,
    definition: scenario,
    block,
    seed,
    memoryMb,
    phases: scenario.phases,
    sessions: ideal.map(({ session }) => session),
    faults: planFaults(scenario, ideal),
    load: loadOf(scenario, memoryMb, profile.proofsPerSecond),
    proofsPerSecond: profile.proofsPerSecond,
  } as const;
  return runners.map((runner) => ({
    ...common,
    id: `${block}-${name}-${runner.name.replace(":", ".")}`,
    runner: runner.name,
  }));
}

/** Splits the positional filters into scenarios and runners. @throws UsageError for names that are neither. */
function choose(
  options: PlanOptions,
  around: PlanSurroundings,
  profile: Profile,
): { scenarios: string[]; runners: Runner[] } {
  const existing = scenarioNames(around.scenarioFolder);
  const scenarios: string[] = [];
  const runners: Runner[] = [];
  const problems: string[] = [];
  for (const filter of options.filters) {
    const runner = around.findRunner(filter);
    if (existing.includes(filter) || /\.(ts|js|json)$/.test(filter)) scenarios.push(filter);
    else if (runner !== undefined) runners.push(runner);
    else
      problems.push(
        unknownName("scenario or runner", filter, [...existing, ...around.contestants.map(({ name }) => name)]),
      );
  }
  if (problems.length > 0) throw new UsageError(problems);
  return {
    scenarios: scenarios.length > 0 ? scenarios : profile.scenarios === "all" ? existing : [...profile.scenarios],
    runners: runners.length > 0 ? runners : [...around.contestants],
  };
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

/**
 * Plans a campaign: per block every scenario, per scenario every runner once, shuffled, all with the seed of the block.
 * @throws UsageError for unknown names, bad scenario files, or a load that the machine cannot carry
 */
export async function planCampaign(options: PlanOptions, around: PlanSurroundings): Promise<CampaignPlan> {
  const profile = PROFILES[options.profile];
  if (profile === undefined) throw new UsageError(unknownName("profile", options.profile, Object.keys(PROFILES)));
  const { scenarios, runners } = choose(options, around, profile);
  if (runners.length === 0)
    throw new UsageError("There is no runner to run: none is installed, or the runners folder is empty.");
  const memoryMb = runtimeMemoryMb(around.limits.memoryBytes);
  const blocks = options.blocks ?? profile.blocks;
  const reductions: string[] = [];
  const trials: TrialPlan[] = [];
  for (const file of scenarios) {
    const scenario = await loadScenario(file, around.scenarioFolder, around.faultKinds);
    const name = file.replace(/^.*[/\\]/, "").replace(/\.(ts|js|json)$/, "");
    const needed = scenario.needs?.localTools ?? [];
    const able = runners.filter((runner) => needed.every((tool) => runner.localTools?.includes(tool)));
    for (const runner of runners.filter((one) => !able.includes(one)))
      reductions.push(
        `${name}: not offered by ${runner.name}, which lacks ${needed.filter((tool) => !runner.localTools?.includes(tool)).join(", ")}.`,
      );
    const room = makeRoom(scenario, name, profile, options.sessions, memoryMb, around.limits);
    reductions.push(...room.reductions);
    const scaled = scaleScenario(scenario, profile, room.sessions);
    for (let block = 1; block <= blocks; block++) {
      const seed = keyOf(fnv1a32(options.seed), "block", block);
      const order = shuffled(able, randomOf(seed, "order", name));
      trials.push(...planTrials({ name, scenario: scaled, profile, block, seed, memoryMb }, order));
    }
  }
  trials.sort((a, b) => a.block - b.block);
  const extra = [
    ...options.filters,
    `--profile ${options.profile}`,
    `--seed ${options.seed}`,
    ...(options.sessions === undefined ? [] : [`--sessions ${options.sessions}`]),
    ...(options.blocks === undefined ? [] : [`--blocks ${options.blocks}`]),
  ];
  return {
    format: "agent-derby-campaign/1",
    id: `${options.profile}-${options.seed.replace(/[^A-Za-z0-9-]/g, "_")}`,
    seed: options.seed,
    profile: options.profile,
    blocks,
    command: `${options.invocation} ${extra.join(" ")}`,
    trials,
    reductions,
  };
}
