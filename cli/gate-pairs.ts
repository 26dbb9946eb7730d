/** The modes of `gate` that record before they judge: pairs of a baseline and a candidate, and pairs of a runner with itself. */
import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import type { BenchResult, BenchWatcher } from "../harness/bench.ts";
import { UsageError } from "../harness/errors.ts";
import { RELATIVE_FIGURES } from "../harness/gate/figures.ts";
import type { GatePolicy, RelativeLimit } from "../harness/gate/policy.ts";
import type { PairsJob } from "../harness/gate/record-pairs.ts";
import { PROFILES } from "../harness/profiles.ts";
import { FlagProblems, integerFlag, nameFlag, postgresFlag, priceFlag } from "./flags.ts";
import { listenForInterrupt } from "./interrupt.ts";
import { RUN_PREFIX } from "./invocation.ts";
import { ProgressPrinter } from "./progress.ts";
import { DEFAULT_POSTGRES, DEFAULT_PRICE } from "./run-options.ts";

/** As commander hands them over: texts, not yet checked. */
export interface PairsFlags {
  readonly paired?: readonly string[];
  readonly baselineRevision?: string;
  /** true: without a runner. */
  readonly selfTest?: string | true;
  readonly scenario?: string;
  readonly figure?: readonly string[];
  readonly worseBy?: string;
  readonly budget?: string;
  readonly pairs?: string;
  readonly profile?: string;
  readonly sessions?: string;
  readonly seed?: string;
  readonly out?: string;
  readonly postgres?: string;
  readonly pin?: boolean;
  readonly calibrate?: boolean;
}

export const DEFAULTS = {
  scenario: "heavy-turns",
  profile: "gate",
  figures: ["overhead-p50", "overhead-p90"],
  worseByPercent: 5,
  budgetMinutes: 30,
  selfTestRunner: "async",
  selfTestPairs: 10,
} as const;

/** Where a ledger is kept if it is not said: with the documents of a repository that has one, else with the results. */
export function ledgerFile(given: string | undefined): string {
  const ours = join("docs", "gate-ledger.ndjson");
  return given ?? (existsSync(ours) ? ours : join("results", "gate-ledger.ndjson"));
}

/** Limits on the command line come before those of a policy file; calm is the only phase of which nobody has to ask which fault it met. */
export function limitsOf(flags: PairsFlags, policy: GatePolicy | null): RelativeLimit[] {
  const asked = flags.figure !== undefined || flags.worseBy !== undefined;
  if (!asked && policy?.relative !== undefined && policy.relative.length > 0) return [...policy.relative];
  const problems = new FlagProblems();
  const percent = integerFlag(problems, "--worse-by", flags.worseBy, 1, 1_000) ?? DEFAULTS.worseByPercent;
  const known = RELATIVE_FIGURES.map((figure) => figure.replaceAll(" ", "-"));
  const names = (flags.figure ?? DEFAULTS.figures).map((name) => nameFlag(problems, "figure", name, known));
  problems.finish();
  return names.map((name) => {
    const figure = RELATIVE_FIGURES[known.indexOf(name)] ?? name;
    return { figure, worseBy: percent / 100, ...(figure.startsWith("recovery") ? {} : { phase: "calm" as const }) };
  });
}

type Settings = Omit<PairsJob, "baseline" | "candidate" | "signal">;

function settingsOf(flags: PairsFlags): Settings {
  const problems = new FlagProblems();
  const sessions = integerFlag(problems, "--sessions", flags.sessions, 1, 100_000);
  const profile = nameFlag(problems, "profile", flags.profile ?? DEFAULTS.profile, Object.keys(PROFILES));
  const postgres = postgresFlag(problems, flags.postgres ?? DEFAULT_POSTGRES);
  const price = priceFlag(problems, DEFAULT_PRICE);
  problems.finish();
  return {
    scenario: flags.scenario ?? DEFAULTS.scenario,
    profile,
    postgres,
    price,
    pin: flags.pin ?? true,
    invocation: RUN_PREFIX,
    ...(flags.calibrate === false && { calibrate: false }),
    ...(flags.seed !== undefined && { seed: flags.seed }),
    ...(sessions !== undefined && { sessions }),
    ...(flags.out !== undefined && { out: flags.out }),
  };
}

/** Records with progress on the terminal, and stops cleanly at the first Ctrl-C. */
async function recording(
  record: (signal: AbortSignal, watch: BenchWatcher) => Promise<BenchResult>,
): Promise<BenchResult> {
  const progress = new ProgressPrinter(process.stderr);
  const interrupt = listenForInterrupt(() => progress.note("Stopping cleanly; once more ends at once."));
  try {
    const result = await record(interrupt.signal, progress);
    progress.note(`Recorded in ${relative(process.cwd(), result.folder) || "."}.`);
    return result;
  } finally {
    progress.close();
    interrupt.dispose();
  }
}

/** Whom to hold against whom. @throws UsageError where it cannot be told */
function sidesOf({ paired = [], baselineRevision }: PairsFlags): {
  readonly baseline: string;
  readonly candidate: string;
} {
  const [baseline, candidate] = paired;
  const wanted = baselineRevision === undefined ? 2 : 1;
  if (paired.length !== wanted || baseline === undefined)
    throw new UsageError(
      wanted === 2
        ? `--paired takes a baseline and a candidate, not ${paired.length} runners; with --baseline-revision it takes one runner.`
        : `--paired takes one runner with --baseline-revision, not ${paired.length}.`,
    );
  return { baseline, candidate: candidate ?? baseline };
}

/** @throws UsageError for anything the caller can mend */
export async function paired(flags: PairsFlags, policy: GatePolicy | null): Promise<BenchResult> {
  const problems = new FlagProblems();
  const budget = integerFlag(problems, "--budget", flags.budget, 1, 10_000) ?? DEFAULTS.budgetMinutes;
  problems.finish();
  const sides = sidesOf(flags);
  const limits = limitsOf(flags, policy);
  const settings = settingsOf(flags);
  const { recordPairs } = await import("../harness/gate/record-pairs.ts");
  const { checkOut } = await import("../harness/gate/revision.ts");
  const before = flags.baselineRevision === undefined ? null : checkOut(sides.baseline, flags.baselineRevision);
  try {
    const job = { ...settings, ...sides, ...(before !== null && { baseline: before.spec }) };
    return await recording((signal, watch) => {
      if (before !== null) watch.note(`The baseline is revision ${before.commit}.`);
      return recordPairs({ ...job, signal }, limits, budget, watch);
    });
  } finally {
    before?.remove();
  }
}

/** Pairs of a runner with itself. @returns the campaign and the runner's name as it was given */
export async function selfTest(flags: PairsFlags): Promise<BenchResult & { readonly runner: string }> {
  const problems = new FlagProblems();
  const pairs = integerFlag(problems, "--pairs", flags.pairs, 1, 100) ?? DEFAULTS.selfTestPairs;
  problems.finish();
  const runner = typeof flags.selfTest === "string" ? flags.selfTest : DEFAULTS.selfTestRunner;
  const settings = settingsOf(flags);
  const { recordSelfTest } = await import("../harness/gate/record-pairs.ts");
  const result = await recording((signal, watch) =>
    recordSelfTest({ ...settings, baseline: runner, signal }, pairs, watch),
  );
  return { ...result, runner };
}
