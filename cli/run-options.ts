/** The options that `run` and `plan` share, and their check. */
import type { Command } from "commander";
import type { BenchOptions } from "../harness/bench.ts";
import type { IsolationName } from "../harness/containers/isolation.ts";
import { PROFILES } from "../harness/profiles.ts";
import type { UntilRule } from "../harness/trial.ts";
import { UNTIL_BLOCKS_LEAST, UNTIL_BLOCKS_MOST, UNTIL_BUDGET_MINUTES } from "../harness/until.ts";
import { type AttachFlags, attachFlags } from "./attach.ts";
import { FlagProblems, integerFlag, nameFlag, postgresFlag, priceFlag } from "./flags.ts";
import { RUN_PREFIX } from "./invocation.ts";

/** As commander hands them over: texts, not yet checked. */
export interface RunFlags extends AttachFlags {
  readonly seed?: string;
  readonly profile?: string;
  readonly sessions?: string;
  readonly load?: string;
  readonly blocks?: string;
  readonly until?: string;
  readonly budget?: string;
  readonly out?: string;
  readonly resume?: string;
  readonly postgres?: string;
  readonly isolation?: string;
  readonly price?: string;
  readonly pin?: boolean;
  readonly calibrate?: boolean;
  /** true: without a port. */
  readonly watch?: string | true;
}

/** A campaign to run, and the port of its live page: 0 for any free one; absent where none is wanted. */
export type RunOptions = Omit<BenchOptions, "signal"> & { readonly watchPort?: number };

const DEFAULT_PROFILE = "default";
export const DEFAULT_POSTGRES = "embedded";
/** Where runtimes may live. */
export const ISOLATIONS = ["processes", "docker"] as const satisfies readonly IsolationName[];
export const DEFAULT_ISOLATION: IsolationName = "processes";
/** Beyond its capacity a runtime falls ever further behind; more than this shows nothing new. */
const LOAD_PERCENT_MOST = 500;
export const DEFAULT_PRICE = "in=3,out=15";
const profileHelp = (): string =>
  Object.entries(PROFILES)
    .map(([name, { about }]) => `${name}: ${about}`)
    .join("\n");

/** Adds what says which trials a campaign has. */
export function addPlanOptions(command: Command): Command {
  return command
    .argument("[filters...]", "names of scenarios and runners; none means all of the profile")
    .option("--profile <name>", `how much to run (default: ${DEFAULT_PROFILE})\n${profileHelp()}`)
    .option("--seed <text>", "the same seed gives the same plan and the same content (default: drawn and printed)")
    .option("--sessions <n>", "live sessions per trial, instead of the profile's number")
    .option(
      "--load <percent>",
      "as many live sessions as offer the weakest runner this share of its capacity, which bench:capacity measures",
    )
    .option("--blocks <n>", "how often every runner runs, instead of the profile's number")
    .option(
      "--until <percent>",
      `add blocks until the intervals of overhead p50, p90 (and p99) are this narrow: at least ${UNTIL_BLOCKS_LEAST} blocks, at most ${UNTIL_BLOCKS_MOST}`,
    )
    .option("--budget <minutes>", `with --until: planned trials may take this long (default: ${UNTIL_BUDGET_MINUTES})`);
}

/** The rule of --until and --budget, or undefined when blocks are counted. */
function untilRule(problems: FlagProblems, flags: RunFlags): UntilRule | undefined {
  const percent = integerFlag(problems, "--until", flags.until, 1, 100);
  const budgetMinutes = integerFlag(problems, "--budget", flags.budget, 1, 10_000) ?? UNTIL_BUDGET_MINUTES;
  if (flags.budget !== undefined && flags.until === undefined)
    problems.add("--budget limits --until PERCENT, which is not given; --blocks says how many blocks to run.");
  if (flags.blocks !== undefined && flags.until !== undefined)
    problems.add("--until finds the number of blocks by itself, so leave out --blocks.");
  return percent === undefined ? undefined : { percent, budgetMinutes };
}

/** What would change a stored plan, and so cannot be combined with --resume. */
function refuseWithResume(problems: FlagProblems, filters: readonly string[], flags: RunFlags): void {
  const given = (
    ["profile", "seed", "sessions", "load", "blocks", "until", "budget", "out", "price", "isolation"] as const
  )
    .filter((name) => flags[name] !== undefined)
    .map((name) => `--${name}`);
  if (filters.length > 0) given.unshift(filters.join(" "));
  if (given.length > 0) problems.add(`--resume continues the plan that was stored, so leave out ${given.join(", ")}.`);
}

/** Undefined where it was not given. */
function isolationFlag(problems: FlagProblems, given: string | undefined): IsolationName | undefined {
  const known = ISOLATIONS.find((name) => name === given);
  if (given !== undefined && known === undefined)
    problems.add(`--isolation takes ${ISOLATIONS.map((name) => `"${name}"`).join(" or ")}, not "${given}".`);
  return known;
}

/** What takes another runtime than the one that runs, or goes on with one that has moved on meanwhile. */
function refuseWithAttach(problems: FlagProblems, flags: RunFlags): void {
  const given = (["resume", "isolation", "until", "load"] as const).filter((name) => flags[name] !== undefined);
  if (given.length > 0)
    problems.add(
      `--attach tests what is running as it is, so leave out ${given.map((name) => `--${name}`).join(", ")}.`,
    );
}

/**
 * The port of --watch. Its value may be left out, so a name that follows it (`run --watch kill`) comes as the port: it is a filter.
 * @returns the port, and the filters with such a name
 */
function watchFlag(problems: FlagProblems, filters: readonly string[], { watch }: RunFlags) {
  if (watch === undefined) return { filters: [...filters] };
  if (watch === true || watch === "0") return { filters: [...filters], watchPort: 0 };
  if (!/^[-+]?\d[.\d]*$/.test(watch)) return { filters: [watch, ...filters], watchPort: 0 };
  return { filters: [...filters], watchPort: integerFlag(problems, "--watch", watch, 1_024, 65_535) ?? 0 };
}

/** @throws UsageError with every problem found */
export function benchOptions(given: readonly string[], flags: RunFlags): RunOptions {
  const problems = new FlagProblems();
  const { filters, ...watch } = watchFlag(problems, given, flags);
  const sessions = integerFlag(problems, "--sessions", flags.sessions, 1, 100_000);
  const loadPercent = integerFlag(problems, "--load", flags.load, 1, LOAD_PERCENT_MOST);
  if (flags.load !== undefined && flags.sessions !== undefined)
    problems.add("--load finds the number of sessions by itself, so leave out --sessions.");
  const blocks = integerFlag(problems, "--blocks", flags.blocks, 1, 100);
  const until = untilRule(problems, flags);
  const profile = nameFlag(problems, "profile", flags.profile ?? DEFAULT_PROFILE, Object.keys(PROFILES));
  if (flags.seed !== undefined && flags.seed.trim() === "")
    problems.add("--seed takes a text of at least one character.");
  if (flags.resume !== undefined) refuseWithResume(problems, filters, flags);
  const postgres = postgresFlag(problems, flags.postgres ?? DEFAULT_POSTGRES);
  const price = priceFlag(problems, flags.price ?? DEFAULT_PRICE);
  const isolation = isolationFlag(problems, flags.isolation);
  const attached = attachFlags(problems, flags);
  if (attached !== undefined) refuseWithAttach(problems, flags);
  problems.finish();
  return {
    filters,
    profile,
    postgres,
    price,
    ...(isolation !== undefined && { isolation }),
    // Cores are given to what is started.
    pin: attached === undefined && (flags.pin ?? true),
    ...(attached !== undefined && { attached }),
    ...(flags.calibrate === false && { calibrate: false }),
    invocation: RUN_PREFIX,
    ...(flags.seed !== undefined && { seed: flags.seed }),
    ...(sessions !== undefined && { sessions }),
    ...(loadPercent !== undefined && { loadPercent }),
    ...(blocks !== undefined && { blocks }),
    ...(until !== undefined && { until }),
    ...(flags.out !== undefined && { out: flags.out }),
    ...(flags.resume !== undefined && { resume: flags.resume }),
    ...watch,
  };
}
