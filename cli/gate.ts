/**
 * `gate`: may this candidate pass? Promises, invariants and objectives of a campaign by a policy file, and limits against a baseline: a stored
 * one where both come from the same machine, or one that is recorded now, in turns with the candidate (`--paired`). `--self-test` records
 * what the gate says where there is nothing to see. Exit code 0 pass, 1 regression, 3 inconclusive, 2 not understood.
 */
import { readFileSync, writeFileSync } from "node:fs";
import type { Command } from "commander";
import { UsageError } from "../harness/errors.ts";
import type { GatePolicy } from "../harness/gate/policy.ts";
import type { GateAnswer } from "../harness/gate.ts";
import type { Summary } from "../harness/summary.ts";
import { EXIT } from "./exit-codes.ts";
import { DEFAULTS, ledgerFile, type PairsFlags, paired, selfTest } from "./gate-pairs.ts";
import { chosenCampaign } from "./results.ts";

interface GateFlags extends PairsFlags {
  readonly ledger?: string;
  readonly policy?: string;
  readonly baseline?: string;
  readonly json?: string;
  readonly markdown?: string;
}

const CODES: Readonly<Record<GateAnswer, number>> = {
  pass: EXIT.ok,
  regression: EXIT.broken,
  inconclusive: EXIT.inconclusive,
};

/** The policy of a file, null where none is given. @throws UsageError for a file that is no policy */
async function policyOf({ policy: file }: GateFlags): Promise<GatePolicy | null> {
  if (file === undefined) return null;
  const { checkPolicy } = await import("../harness/gate/policy.ts");
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new UsageError(`${file} cannot be read as a policy: ${(error as Error).message}`);
  }
  return checkPolicy(content, file);
}

/** Prints and writes the answer, with what is known of this machine, and sets the exit code. */
async function answer(
  candidate: Summary,
  given: GatePolicy | null,
  baseline: Summary | null,
  flags: GateFlags,
): Promise<void> {
  const { DEFAULT_POLICY, PAIRS_POLICY } = await import("../harness/gate/policy.ts");
  const { gate } = await import("../harness/gate.ts");
  const { machineSays } = await import("../harness/gate/machine.ts");
  const { readLedger } = await import("../harness/gate/ledger.ts");
  const { renderAnnotations } = await import("../reports/annotations.ts");
  const { renderGateMarkdown, renderGateText } = await import("../reports/gate.ts");
  const policy = given ?? (candidate.campaign.pairs === undefined ? DEFAULT_POLICY : PAIRS_POLICY);
  const report = gate(candidate, policy, baseline, machineSays(readLedger(ledgerFile(flags.ledger)), candidate));
  process.stdout.write(`${renderGateText(report)}\n`);
  // GitHub reads them from the log and shows them beside the change.
  if (process.env.GITHUB_ACTIONS === "true") process.stdout.write(renderAnnotations(report));
  if (flags.markdown !== undefined) writeFileSync(flags.markdown, renderGateMarkdown(report));
  if (flags.json !== undefined) writeFileSync(flags.json, `${JSON.stringify(report, null, 2)}\n`);
  process.exitCode = CODES[report.answer];
}

async function gatePairs(flags: GateFlags): Promise<void> {
  const policy = await policyOf(flags);
  const { summary, interrupted } = await paired(flags, policy);
  await answer(summary, policy, null, flags);
  if (interrupted) process.exitCode = EXIT.interrupted;
}

async function testItself(flags: GateFlags): Promise<void> {
  const { summary, interrupted, runner } = await selfTest(flags);
  const { appendToLedger, ledgerEntry, readLedger } = await import("../harness/gate/ledger.ts");
  const { selfTestSays } = await import("../harness/gate/machine.ts");
  const file = ledgerFile(flags.ledger);
  if (interrupted) {
    process.stderr.write(`Stopped: nothing was added to ${file}.\n`);
    process.exitCode = EXIT.interrupted;
    return;
  }
  const entry = ledgerEntry(summary, runner);
  if (entry.figures.length === 0) {
    process.stderr.write(`No pair is valid, so nothing was added to ${file}.\n`);
    for (const { trial, reason } of summary.void) process.stderr.write(`  ${trial}: ${reason}\n`);
    process.exitCode = EXIT.inconclusive;
    return;
  }
  appendToLedger(file, entry);
  for (const sentence of selfTestSays(readLedger(file), summary)) process.stdout.write(`${sentence}\n`);
  process.stdout.write(`Ledger:  ${file}\n`);
}

async function gateStored(dir: string | undefined, flags: GateFlags): Promise<void> {
  const { storedSummary } = await import("../harness/bench.ts");
  const policy = await policyOf(flags);
  const candidate = await storedSummary(dir?.endsWith(".json") ? dir : chosenCampaign(dir).folder);
  const baseline = flags.baseline === undefined ? null : await storedSummary(flags.baseline);
  await answer(candidate, policy, baseline, flags);
}

/** Options of the modes that record. */
function addPairsOptions(command: Command): Command {
  return command
    .option(
      "--paired <runners...>",
      "record a baseline and a candidate in turns, then judge: two runners, by name or path",
    )
    .option("--baseline-revision <rev>", "with --paired RUNNER: the baseline is that runner at this git revision")
    .option(
      "--self-test [runner]",
      `record a runner against itself and add what the gate says to the ledger (default: ${DEFAULTS.selfTestRunner})`,
    )
    .option("--scenario <name>", `in which they meet (default: ${DEFAULTS.scenario})`)
    .option(
      "--figure <names...>",
      `with --paired: figures that may not become worse (default: ${DEFAULTS.figures.join(" ")}, or those of the policy)`,
    )
    .option("--worse-by <percent>", `with --paired: by this much (default: ${DEFAULTS.worseByPercent})`)
    .option(
      "--budget <minutes>",
      `with --paired: planned trials may take this long (default: ${DEFAULTS.budgetMinutes})`,
    )
    .option("--pairs <n>", `with --self-test (default: ${DEFAULTS.selfTestPairs})`)
    .option("--profile <name>", `how much to run (default: ${DEFAULTS.profile})`)
    .option("--sessions <n>", "live sessions per trial, instead of the profile's number")
    .option("--seed <text>", "the same seed gives the same plan (default: drawn and printed)")
    .option("--out <dir>", "folder in which the campaign gets a folder of its own (default: results)")
    .option("--postgres <where>", "as for run")
    .option("--no-pin", "as for run")
    .option("--no-calibrate", "as for run");
}

export function addGateCommand(program: Command): void {
  const command = program
    .command("gate")
    .description("say whether a candidate may pass: exit code 0 pass, 1 regression, 3 inconclusive, 2 not understood")
    .argument("[dir]", "folder of the candidate's campaign, or its summary.json (default: the newest in results/)")
    .option("--policy <file>", "what is asked, as JSON (default: promises, no damage, recovery and overhead)")
    .option("--baseline <dir>", "a campaign, or its summary.json, that the candidate is held against")
    .option("--ledger <file>", "what self-tests have shown (default: docs/gate-ledger.ndjson, else in results/)")
    .option("--markdown <file>", "write the answer as Markdown, for a job summary")
    .option("--json <file>", "write the answer as JSON");
  addPairsOptions(command).action(async (dir: string | undefined, flags: GateFlags) => {
    const recorded = flags.paired !== undefined || flags.selfTest !== undefined;
    if (recorded && (dir !== undefined || flags.baseline !== undefined))
      throw new UsageError("--paired and --self-test record a campaign of their own, so leave out the stored ones.");
    if (flags.paired !== undefined && flags.selfTest !== undefined)
      throw new UsageError("--paired and --self-test are two questions: ask one at a time.");
    if (flags.paired !== undefined) await gatePairs(flags);
    else if (flags.selfTest !== undefined) await testItself(flags);
    else await gateStored(dir, flags);
  });
}
